"""One store, one connection, one writer.

Every write transaction of every process holds a lock on `<database>.lock` while it lasts, so that two connections
never write or checkpoint at the same instant: SQLite before 3.51.3 can corrupt a WAL database in that case (the
WAL-reset bug).  Within a process a re-entrant lock guards the one connection.
"""

import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee
from playhouse.migrations import Runner  # type: ignore[import-untyped]

from mailbot.errors import Permanent, Temporary
from mailbot.records import tables

AWAY = "The store cannot be used just now. Please try again later."
BROKEN = "The store cannot be used."
MIGRATIONS = Path(__file__).parent / "migrations"
_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # fdatasync before a commit returns: what 250 promises
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "secure_delete": 1,  # an erased secret is overwritten, not only forgotten
}


class Store:
    """The open database.  Use `open`, then `transaction` and `reading`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._file_lock = path.with_name(path.name + ".lock")
        self._database = peewee.SqliteDatabase(
            str(path), pragmas=_PRAGMAS, lock_type="IMMEDIATE", thread_safe=False, check_same_thread=False
        )

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
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = cls(path)
        with _translated():
            store._connect()
        return store

    def _connect(self) -> None:
        old_umask = os.umask(0o077)
        try:
            with self._between_processes():
                self._database.connect()
                tables.database.initialize(self._database)
                self._migrate()
        finally:
            os.umask(old_umask)

    def _migrate(self) -> None:
        runner = Runner(self._database, str(MIGRATIONS))
        known = {migration.name for migration in runner.migrations()}
        newer = sorted(name for name in runner.applied() if name not in known)
        if newer:
            raise Permanent(f"{self.path} was made by a newer version of mailbot ({newer[-1]}); use that version")
        runner.up()

    def close(self) -> None:
        """Close the connection; the last one of all processes also takes in the WAL."""
        with self._lock, self._between_processes():
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One write transaction, whole or not at all; an inner one joins the outer.

        Raises Temporary when the store is locked, full or away, Permanent when it is damaged.
        """
        with self._lock, _translated():
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            with self._between_processes():
                self._depth = 1
                try:
                    with self._database.atomic():
                        yield
                finally:
                    self._depth = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several reads with nothing of this process in between.  Raises like `transaction`."""
        with self._lock, _translated():
            yield

    @contextmanager
    def serve_lock(self) -> Iterator[None]:
        """Held by the one process that serves this store.  Raises Permanent, naming the process that does already."""
        with self.path.with_name(self.path.name + ".serve").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                other = file.read().strip() or "unknown"
                raise Permanent(f"process {other} serves {self.path} already; stop it first") from error
            file.seek(0)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
            yield

    @contextmanager
    def _between_processes(self) -> Iterator[None]:
        try:
            file = self._file_lock.open("a")
        except OSError as error:
            raise Temporary(AWAY, str(error)) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def free_bytes(self) -> int:
        """Free space where the store lies, in bytes."""
        return shutil.disk_usage(self.path.parent).free

    def _pragma(self, name: str) -> list[Any]:
        return [row[0] for row in self._database.execute_sql(f"PRAGMA {name}").fetchall()]  # type: ignore[no-untyped-call]

    def problems(self) -> list[str]:
        """What is wrong with the store, in words with what to do; empty when all is well."""
        with self.reading():
            found = [row for row in self._pragma("quick_check") if row != "ok"]
            journal, synchronous = self._pragma("journal_mode")[0], self._pragma("synchronous")[0]
        problems = [f"{self.path}: {text}; restore a backup" for text in found]
        if journal != "wal" or synchronous < 2:
            problems.append(
                f"{self.path}: journal_mode={journal}, synchronous={synchronous}; expected wal and 2 (FULL)"
            )
        return problems


@contextmanager
def _translated() -> Iterator[None]:
    """peewee's exceptions do not leave this room."""
    try:
        yield
    except peewee.OperationalError as error:
        raise Temporary(AWAY, str(error)) from error
    except (peewee.DatabaseError, peewee.InterfaceError) as error:
        raise Permanent(BROKEN, f"{type(error).__name__}: {error}; run: mailbot doctor") from error
