"""One store, one connection, one writer.

Every write transaction of every process holds a lock on `<database>.lock` while it lasts, so that two connections
never write or checkpoint at the same instant: SQLite before 3.51.3 can corrupt a WAL database in that case (the
WAL-reset bug).  Within a process a re-entrant lock guards the one connection.
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playhouse.migrations import MigrationError, Runner  # type: ignore[import-untyped]

from mailbot.errors import MailbotError, Permanent, Temporary
from mailbot.records import fields
from mailbot.records.connection import AWAY, BROKEN, Connection, translated

__all__ = ["AWAY", "MIGRATIONS", "Store"]

MIGRATIONS = Path(__file__).parent / "migrations"
_LOOK_AGAIN_SECONDS = 0.005


class Store:
    """The open database.  Use `open`, then `transaction` and `reading`."""

    patience_seconds = 10.0  # how long another process may write before this one says that the store is away

    def __init__(self, path: Path) -> None:
        """Not yet connected: `open` does that.  Raises OSError."""
        self.path = path
        self._connection = Connection(path)
        self._lock = self._connection.lock
        self._lock_file = _open_private(path.with_name(path.name + ".lock"))

    @classmethod
    def open(cls, url: str, base: Path, *, create: bool = False) -> "Store":
        """Open the store at `url` (`sqlite:///FILE`, relative to `base`), bringing its tables up to date.

        Raises Permanent when there is none and `create` is False, when it is damaged, or when a newer version made it;
        Temporary when it is locked or the disk is full.
        """
        scheme, separator, name = url.partition(":///")
        if scheme != "sqlite" or not separator or not name:
            raise Permanent(f"store.url = {url!r}: expected sqlite:///FILE")
        path = base / name
        if not path.exists() and not create:
            raise Permanent(f"there is no store at {path}; make one with: mailbot init")
        with _file_errors():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(_open_private(path))  # before SQLite makes it, which would let others read it
            store = cls(path)
        try:
            store._connect()
        except BaseException:
            store._let_go()
            raise
        return store

    def _connect(self) -> None:
        with self._lock, translated(), self._only_writer():
            self._connection.connect()
            fields.database.initialize(self._connection)
            self._migrate()

    def _migrate(self) -> None:
        runner = Runner(self._connection, str(MIGRATIONS))
        known = {migration.name for migration in runner.migrations()}
        newer = sorted(name for name in runner.applied() if name not in known)
        if newer:
            raise Permanent(f"{self.path} was made by a newer version of mailbot ({newer[-1]}); use that version")
        try:
            runner.up()
        except MigrationError as error:
            raise Permanent(BROKEN, f"{self.path}: {error}") from error

    def close(self) -> None:
        """Close the connection; the last one of all processes also takes in the WAL.  Twice does no harm.

        Raises Temporary when another process writes all the while.
        """
        with self._lock:
            if not self._connection.is_closed():
                with translated(), self._only_writer():
                    self._connection.close()
                self._let_go()

    def _let_go(self) -> None:
        self._connection.close()
        os.close(self._lock_file)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One write transaction, whole or not at all; an inner one joins the outer, and undoes its own part alone.

        Raises Temporary when the store is locked, full or away, Permanent when it is damaged, and RuntimeError inside
        of `reading`.
        """
        with self._lock, translated():
            if not self._connection.in_transaction():
                self._bind()
                with self._only_writer(), self._connection.atomic():
                    yield
            elif self._connection.writing:
                with self._connection.atomic():
                    yield
            else:
                raise RuntimeError("a write transaction inside of Store.reading")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several reads that see one state of the store, whoever writes meanwhile.  Raises like `transaction`."""
        with self._lock, translated():
            if self._connection.in_transaction():
                yield
                return
            self._bind()
            with self._connection.atomic("DEFERRED"):
                yield

    def _bind(self) -> None:
        """The tables are this store's, even when another one was opened since."""
        if fields.database.obj is not self._connection:
            fields.database.initialize(self._connection)

    def leave_no_trace(self) -> None:
        """When this transaction is committed, take in the WAL and empty it: what was deleted is then nowhere any more.

        `secure_delete` overwrites it in the database, but the WAL would keep the page as it was.
        """
        self._connection.after_commit(self._empty_wal)

    def _empty_wal(self) -> None:
        with contextlib.suppress(MailbotError):  # the commit stands; the next checkpoint does it
            self._pragma("wal_checkpoint(TRUNCATE)")

    @contextmanager
    def serve_lock(self) -> Iterator[None]:
        """Held by the one process that serves this store.  Raises Permanent, naming the process that does already."""
        with _file_errors():
            file = os.fdopen(_open_private(self.path.with_name(self.path.name + ".serve")), "r+")
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
    def _only_writer(self) -> Iterator[None]:
        """Of all processes.  Raises Temporary after `patience_seconds`."""
        self._wait_for_lock()
        self._connection.writing = True
        try:
            yield
        finally:
            self._connection.writing = False
            fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def _wait_for_lock(self) -> None:
        give_up = time.monotonic() + self.patience_seconds
        while True:
            with _file_errors():
                try:
                    return fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    if time.monotonic() >= give_up:
                        detail = f"another process has been writing to {self.path} for {self.patience_seconds:g} s"
                        raise Temporary(AWAY, detail) from error
            time.sleep(_LOOK_AGAIN_SECONDS)

    def free_bytes(self) -> int:
        """Free space where the store lies, in bytes."""
        return shutil.disk_usage(self.path.parent).free

    def _pragma(self, name: str) -> list[Any]:
        return [row[0] for row in self._connection.execute_sql(f"PRAGMA {name}").fetchall()]

    def _damage(self) -> list[str]:
        try:
            with self.reading():
                return [row for row in self._pragma("quick_check") if row != "ok"]
        except Permanent as error:  # so damaged that the check itself stumbles
            return [error.detail]

    def problems(self) -> list[str]:
        """What is wrong with the store, in words with what to do; empty when all is well."""
        journal, synchronous = self._pragma("journal_mode")[0], self._pragma("synchronous")[0]
        problems = [f"{self.path}: {text}; restore a backup" for text in self._damage()]
        if journal != "wal" or synchronous < 2:
            problems.append(
                f"{self.path}: journal_mode={journal}, synchronous={synchronous}; expected wal and 2 (FULL)"
            )
        if self.path.stat().st_mode & 0o077:
            problems.append(f"{self.path}: can be read by others; run: chmod 600 {self.path}*")
        return problems


def _open_private(path: Path) -> int:
    """A descriptor of the file, made when there is none: readable by its owner alone.  Raises OSError."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def _file_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Temporary(AWAY, str(error)) from error
