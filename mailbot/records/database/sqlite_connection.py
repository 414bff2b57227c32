"""`SqliteConnection`: peewee's SQLite database with the rules of the store enforced.

Statements of all threads run one at a time; a write outside of a write transaction is an error; exceptions of peewee
and sqlite3 are translated to Temporary (may succeed later) or Permanent.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee

from mailbot.errors import Busy, Permanent, Temporary
from mailbot.logs import get_logger
from mailbot.records.database.register_memory import RegisterMemory
from mailbot.records.database.store import UNAVAILABLE, UNUSABLE, require_write_transaction

PRAGMAS = {
    "journal_mode": "wal",
    # The WAL is synced before a commit returns, and is visible.  `SqliteStore._write_transaction` does otherwise.
    "synchronous": "full",
    # Pages of 4 KiB: a WAL of 32 MiB.  While a checkpoint is synced, the commits to other files of the disk wait too; a
    # page that is written again and again in between is moved once.
    "wal_autocheckpoint": 8_000,
    "foreign_keys": 1,
    "busy_timeout": 10_000,  # milliseconds
    "secure_delete": 1,  # deleted values are overwritten with zeros
}
# Primary result codes (https://www.sqlite.org/rescode.html) of causes that may be gone at the next attempt.
_TEMPORARY_CODES = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL,
})  # fmt: skip
_SYNC_FAILURES = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})
_ROLLED_BACK = "SQLite has rolled back the transaction after an error in it"

log = get_logger("mailbot.store")


class SqliteConnection(peewee.SqliteDatabase):
    """The connection of an SqliteStore."""

    def __init__(self, path: Path, *, read_only: str = "") -> None:
        """`read_only`: parameters of the URI, such as `mode=ro`, for a file that must not be changed."""
        super().__init__(
            f"{path.absolute().as_uri()}?{read_only}" if read_only else str(path),
            pragmas={"query_only": 1} if read_only else PRAGMAS,
            uri=bool(read_only),
            lock_type="IMMEDIATE",
            thread_safe=False,
            check_same_thread=False,
            autoconnect=False,  # a closed store must not be reopened implicitly, without the lock
        )
        self.lock = threading.RLock()
        self.writing = self.exclusive = False
        self.register_memory = RegisterMemory()

    def skip_locked(self, query: Any) -> Any:
        """See `Store.skip_locked`: the caller is the only writer."""
        return query

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Raises Temporary, Permanent, and RuntimeError for a write outside of `Store.transaction`."""
        require_write_transaction(sql, writing=self.writing)
        self.register_memory.note(sql)
        with self.lock, translate_errors():
            if self.in_transaction() and not self._sqlite_in_transaction:
                if sql.startswith("ROLLBACK TO"):
                    return None  # SQLite has rolled back already; the exception that says so propagates
                raise Temporary(UNAVAILABLE, _ROLLED_BACK)
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    @property
    def _sqlite_in_transaction(self) -> bool:
        """Whether SQLite itself is in a transaction: some errors (a full disk) make it roll back by itself."""
        return bool(self.connection().in_transaction)  # type: ignore[no-untyped-call]

    @contextmanager
    def without_sync(self) -> Iterator[None]:
        """Around a transaction: its commit does not sync the WAL.  SQLite still syncs before and after a checkpoint.

        All of it is there or nothing (https://www.sqlite.org/pragma.html#pragma_synchronous).
        """
        connection = self.connection()  # type: ignore[no-untyped-call]
        connection.execute("PRAGMA synchronous = normal")
        try:
            yield
        finally:
            connection.execute("PRAGMA synchronous = full")

    def unflushed(self) -> bool:
        """What was noted last by a transaction that is visible here; False when none has."""
        connection = self.connection()  # type: ignore[no-untyped-call]
        return bool(connection.execute("PRAGMA user_version").fetchone()[0])

    def note_unflushed(self, unflushed: bool) -> None:
        """In a transaction: whether its commit leaves the WAL unsynced.  Who sees the commit sees the note."""
        if self.unflushed() != unflushed:
            self.connection().execute(f"PRAGMA user_version = {int(unflushed)}")  # type: ignore[no-untyped-call]

    @contextmanager
    def without_waiting(self) -> Iterator[None]:
        """Around a transaction: it waits for no program that knows only SQLite's locks, and makes no checkpoint.

        Raises Busy where it would have to wait; nothing was begun then.
        """
        connection = self.connection()  # type: ignore[no-untyped-call]
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        try:
            yield
        except Temporary as error:
            if error.__cause__ is not None and _code(error.__cause__) == sqlite3.SQLITE_BUSY:
                raise Busy(error.public, error.detail) from error
            raise
        finally:
            for name in ("busy_timeout", "wal_autocheckpoint"):
                connection.execute(f"PRAGMA {name} = {PRAGMAS[name]}")

    def changes(self) -> int:
        """How many rows were changed since the connection was opened."""
        return int(self.connection().total_changes)  # type: ignore[no-untyped-call]

    def commit(self) -> None:
        """Raises Temporary when SQLite has rolled the transaction back by itself."""
        if not self._sqlite_in_transaction:
            raise Temporary(UNAVAILABLE, _ROLLED_BACK)
        super().commit()

    def rollback(self) -> None:
        """Does nothing when SQLite has rolled back by itself."""
        if self._sqlite_in_transaction:
            super().rollback()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn exceptions of peewee and sqlite3 into Temporary or Permanent; their detail names the cause."""
    try:
        yield
    except (peewee.PeeweeException, sqlite3.Error) as error:
        detail = f"{type(error).__name__}: {error}"
        if _code(error) in _SYNC_FAILURES:
            exit_after_failed_sync(detail)
        if _is_temporary(error):
            raise Temporary(UNAVAILABLE, detail) from error
        raise Permanent(UNUSABLE, f"{detail}; run: mailbot doctor") from error


def _code(error: BaseException) -> int | None:
    """SQLite's extended result code, None without one."""
    cause = getattr(error, "orig", error)  # peewee wraps exceptions of execute, not of fetch
    code = getattr(cause, "sqlite_errorcode", None)
    return int(code) if code is not None else None


def _is_temporary(error: Exception) -> bool:
    code = _code(error)
    return code is not None and code & 0xFF in _TEMPORARY_CODES  # the low byte is the primary code


def exit_after_failed_sync(detail: str) -> None:
    """End the process: after a failed fsync the kernel may drop the pages and report success the next time, so only
    reading from the disk again shows what is stored (T-91; Rebello et al., ATC 2020).  The supervisor restarts it."""
    log.critical("disk-failed", detail=detail, note="a sync has failed; the process ends and must be started again")
    os._exit(os.EX_IOERR)
