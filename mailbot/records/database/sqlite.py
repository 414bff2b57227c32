"""`SqliteStore`: the store in an SQLite database, for one machine and one writer at a time.

Every write transaction of every process holds flock(2) on `<database>.lock`, for which the processes queue, so that
two connections never write or checkpoint at the same time: SQLite before 3.51.3 can corrupt a WAL database in that
case (the WAL-reset bug).  Within a process a re-entrant lock guards the one connection.  The intake store is a file of
its own with locks of its own.
"""

import contextlib
import fcntl
import os
import secrets
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from mailbot.errors import Busy, MailbotError, Permanent, Temporary
from mailbot.files import make_folder, not_permitted, open_private
from mailbot.records.database.sqlite_connection import SqliteConnection, exit_after_failed_sync, translate_errors
from mailbot.records.database.store import UNAVAILABLE, Store
from mailbot.records.database.upgrade import copy_sqlite
from mailbot.records.database.wal_sync import WalSync
from mailbot.records.schema.tables import INTAKE, Schema

_WAL_RESET_FIXED = (3, 51, 3)  # https://www.sqlite.org/wal.html#walresetbug
_LOCK_RETRY_SECONDS = 0.0001  # only the first in the queue retries


class SqliteStore(Store):
    """An open database file.  See `Store`."""

    kind = "sqlite"
    flushes_apart = True
    read_mode = "DEFERRED"

    def __init__(self, path: Path, schema: Schema) -> None:
        """Not yet connected: `open` does that.  Raises OSError."""
        self.path = path
        self._folder = str(path.parent)
        self.name = str(path)
        self.owner = secrets.randbits(31)
        self._connection = SqliteConnection(path)
        super().__init__(schema)
        self._wal = WalSync(Path(f"{path}-wal"))
        self._lock_file = open_private(path.with_name(path.name + ".lock"))
        self._queue_file = open_private(path.with_name(path.name + ".queue"))

    @classmethod
    def open(cls, path: Path, schema: Schema) -> "SqliteStore":
        """Connect to the file, which is created when there is none; it is not migrated.  Raises like `open_store`."""
        with _file_errors():
            make_folder(path.parent, 0o700)
            os.close(open_private(path))  # SQLite itself would create it with the permissions of the umask
            store = cls(path, schema)
        try:
            with store.exclusively():
                store._connection.connect()
        except BaseException:
            store._close_files()
            raise
        return store

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        with self._lock, translate_errors(), self._writer_lock():
            yield

    def _disconnect(self) -> None:
        """The last connection to close checkpoints the WAL.  Raises Temporary when the writer lock is not free."""
        with self._lock:
            if not self._connection.is_closed():
                with translate_errors(), self._writer_lock():
                    self._connection.close()
                self._close_files()

    def _close_files(self) -> None:
        self._connection.close()
        self._wal.close()
        os.close(self._lock_file)
        os.close(self._queue_file)

    @contextmanager
    def _free_lock(self) -> Iterator[None]:
        if not self._lock.acquire(blocking=False):
            raise Busy(UNAVAILABLE, f"another thread uses the connection to {self.name}")
        try:
            if self._connection.in_transaction():  # of this thread: what is begun now would end with it
                raise Busy(UNAVAILABLE, f"a transaction of {self.name} has not ended")
            with self._connection.without_waiting():
                yield
        finally:
            self._lock.release()

    def _translate_errors(self) -> AbstractContextManager[None]:
        return translate_errors()

    @contextmanager
    def _write_transaction(self, *, exclusive: bool, durable: bool, waits: bool) -> Iterator[None]:
        """The WAL is synced after the writer lock is released: others write meanwhile, and share the sync.

        Not by a durable transaction of the intake store, which is visible only when it is on the disk.
        """
        del exclusive  # there is one writer in any case
        connection, syncs_itself = self._connection, durable and self.schema is INTAKE
        sync = nullcontext() if syncs_itself else connection.without_sync()
        with self._writer_lock(waits=waits), sync, connection.atomic():
            if not syncs_itself:
                self._open_wal()  # what can fail does so before the commit
            before = connection.changes()
            yield
            changed = connection.changes() != before
            if changed and self.schema is INTAKE:
                connection.note_unflushed(not durable)
        if changed and not syncs_itself:
            if durable:
                self._sync()
            else:
                self._remember_to_flush()

    def unflushed(self) -> bool:
        self._open_wal()  # before it is needed, as with a commit
        return bool(self._connection.unflushed())

    def checkpoint(self) -> None:
        # Without waiting for readers: what they still need stays in the log.
        with self.exclusively():
            self._pragma("wal_checkpoint(PASSIVE)")

    def _flush(self) -> None:
        # Without a log, the last connection has moved all of it into the database.
        if self._wal.is_open or self._wal.path.exists():
            self._open_wal()
            self._sync()

    def _open_wal(self) -> None:
        """Raises Temporary, Permanent."""
        with _file_errors():
            self._wal.open()

    def _sync(self) -> None:
        try:
            self._wal.sync()
        except OSError as error:
            exit_after_failed_sync(str(error))

    def live_owners(self) -> Collection[int]:
        return (self.owner,)  # one process serves: claims of any other are of an ended one

    def is_leader(self, work: str) -> bool:
        del work
        return True

    def only_here(self, work: str) -> AbstractContextManager[bool]:
        del work
        return contextlib.nullcontext(True)  # one process serves, and each stage is in one of its processes

    def purge_deleted(self) -> None:
        """Checkpoint and truncate the WAL after the commit.

        `secure_delete` overwrites deleted values in the database file, but the WAL still holds the earlier page.
        """
        self._connection.after_commit(self._truncate_wal)

    def _truncate_wal(self) -> None:
        with contextlib.suppress(MailbotError):  # the transaction is committed; the log is overwritten later
            self._pragma("wal_checkpoint(TRUNCATE)")

    @contextmanager
    def serve_lock(self) -> Iterator[None]:
        """flock(2) on `<database>.serve`.  Raises Permanent with the number of the process that holds it."""
        with _file_errors():
            file = os.fdopen(open_private(self.path.with_name(self.path.name + ".serve")), "r+")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                other = file.read().strip() or "unknown"
                raise Permanent(f"process {other} serves {self.path} already; stop it first") from error
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
            yield

    @contextmanager
    def _writer_lock(self, *, waits: bool = True) -> Iterator[None]:
        """Hold the writer lock of all processes.  Raises Temporary after `lock_timeout_seconds`; without `waits`, Busy
        at once."""
        if waits:
            self._wait_for_lock()
        else:
            self._take_free_lock()
        self._connection.writing = self._connection.exclusive = True
        try:
            yield
        finally:
            self._connection.writing = self._connection.exclusive = False
            fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def _wait_for_lock(self) -> None:
        """Queue for the lock: a process that has just released it waits behind those that wait already.

        The kernel queues the waiters of `<database>.queue`; its holder alone retries the lock.  Each gives up at its
        own deadline, which is before that of the waiters behind it.
        """
        deadline = time.monotonic() + self.lock_timeout_seconds
        with _file_errors():
            fcntl.flock(self._queue_file, fcntl.LOCK_EX)
        try:
            self._retry_lock(deadline)
        finally:
            fcntl.flock(self._queue_file, fcntl.LOCK_UN)

    def _take_free_lock(self) -> None:
        """As `_wait_for_lock`; raises Busy where it would wait, or cannot have the lock for another reason."""
        try:
            fcntl.flock(self._queue_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            finally:
                fcntl.flock(self._queue_file, fcntl.LOCK_UN)
        except OSError as error:
            raise Busy(UNAVAILABLE, f"the lock of {self.path} is not free: {error.strerror}") from error

    def _retry_lock(self, deadline: float) -> None:
        with _file_errors():
            while True:
                try:
                    return fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    if time.monotonic() >= deadline:
                        detail = f"another process has been writing to {self.path} for {self.lock_timeout_seconds:g} s"
                        raise Temporary(UNAVAILABLE, detail) from error
                time.sleep(_LOCK_RETRY_SECONDS)

    def backup_path(self, folder: Path, label: str) -> Path:
        del folder  # it belongs beside the database
        return self.path.with_name(f"{self.path.name}.before-{label}")

    def back_up(self, folder: Path, label: str) -> Path | None:
        return copy_sqlite(self._connection.connection(), self.path, self.backup_path(folder, label))

    def free_bytes(self) -> int:
        status = os.statvfs(self._folder)
        return status.f_bavail * status.f_frsize

    def _pragma(self, name: str) -> list[Any]:
        return [row[0] for row in self._connection.execute_sql(f"PRAGMA {name}").fetchall()]

    def _integrity_errors(self) -> list[str]:
        try:
            with self.reading():
                return [row for row in self._pragma("quick_check") if row != "ok"]
        except Permanent as error:  # the check itself failed
            return [error.detail]

    def _damage(self) -> list[str]:
        return [f"{self.path}: {text}; restore a backup" for text in self._integrity_errors()]

    def describe(self) -> str:
        """Also says when this SQLite has the WAL-reset bug, and why it does no harm here."""
        text = f"SQLite {sqlite3.sqlite_version}, {self.path}"
        if sqlite3.sqlite_version_info < _WAL_RESET_FIXED:
            text += "; this version can corrupt a WAL store that two processes write at once: a lock prevents that here"
        return text

    def problems(self, *, reads_all: bool = True) -> list[str]:
        journal, synchronous = self._pragma("journal_mode")[0], self._pragma("synchronous")[0]
        problems = self._damage() if reads_all else []
        if journal != "wal" or synchronous < 2:
            problems.append(
                f"{self.path}: journal_mode={journal}, synchronous={synchronous}; expected wal and 2 (FULL)"
            )
        if self.path.stat().st_mode & 0o077:
            problems.append(f"{self.path}: can be read by others; run: chmod 600 {self.path}*")
        return problems


@contextmanager
def _file_errors() -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        if error.filename is None:
            raise Temporary(UNAVAILABLE, str(error)) from error
        raise Permanent(not_permitted(Path(error.filename))) from error
    except OSError as error:
        raise Temporary(UNAVAILABLE, str(error)) from error
