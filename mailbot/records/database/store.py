"""What the store can do, whichever database is behind it: whole transactions, in one order for all processes.

Two kinds of write.  `transaction` is the desk's: of all processes and machines one at a time, so that what it reads
stays true until it commits, as if there were one clerk.  `queue_transaction` touches one of the two queues alone
(what came in, what goes out) and need not wait for the clerk.  In SQLite both are the same.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar

from playhouse.migrations import MigrationError, Runner  # type: ignore[import-untyped]

from mailbot.errors import Permanent
from mailbot.records.schema import columns

MIGRATIONS = Path(__file__).parents[1] / "migrations"
UNAVAILABLE = "The store cannot be used just now. Please try again later."
UNUSABLE = "The store cannot be used."
_READS = ("SELECT", "PRAGMA", "SHOW", "WITH")


def require_write_transaction(sql: str, *, writing: bool) -> None:
    """Raises RuntimeError for a write outside of a transaction of the store."""
    if not sql.lstrip().startswith(_READS) and not writing:
        raise RuntimeError(f"a write outside of Store.transaction: {sql[:60]}")


class Store(ABC):
    """The open database.

    Its one connection has `lock`, held by the thread that is in a transaction; `writing`, true while the store may be
    written; and `exclusive`, while no other process writes but to the queues.
    """

    kind: ClassVar[str]
    read_mode: ClassVar[str]  # how a transaction begins in which all reads see one state
    takeover_delay: ClassVar[timedelta] = timedelta(0)  # how long a delivery is left alone after its owner has gone
    lock_timeout_seconds = 10.0  # how long another process may write before this one says that the store is away
    _connection: Any
    owner: int  # whose claims in the queues are this process's
    name: str  # how operators know the store

    def __init__(self) -> None:
        self._lock: RLock = self._connection.lock

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One write transaction, whole or not at all; an inner one joins the outer, and undoes its own part alone.

        Raises Temporary when the store is locked, full or away, Permanent when it is damaged, and RuntimeError inside
        of `reading` or `queue_transaction`.
        """
        with self._begin_write(exclusive=True):
            yield

    @contextmanager
    def queue_transaction(self) -> Iterator[None]:
        """One write transaction on the rows of one queue alone.  Raises like `transaction`."""
        with self._begin_write(exclusive=False):
            yield

    @contextmanager
    def _begin_write(self, *, exclusive: bool) -> Iterator[None]:
        with self._lock, self._translate_errors():
            if not self._connection.in_transaction():
                self._bind_tables()
                with self._write_transaction(exclusive=exclusive):
                    yield
            elif not self._connection.writing:
                raise RuntimeError("a write transaction inside of Store.reading")
            elif exclusive and not self._connection.exclusive:
                raise RuntimeError("Store.transaction inside of Store.queue_transaction")
            else:
                with self._connection.atomic():
                    yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several reads that see one state of the store, whoever writes meanwhile.  Raises like `transaction`."""
        with self._lock, self._translate_errors():
            if self._connection.in_transaction():
                yield
                return
            self._bind_tables()
            with self._connection.atomic(self.read_mode):
                yield

    def _bind_tables(self) -> None:
        """The tables are this store's, even when another one was opened since."""
        if columns.database.obj is not self._connection:
            columns.database.initialize(self._connection)

    def _migrate(self) -> None:
        runner = Runner(self._connection, str(MIGRATIONS))
        known = {migration.name for migration in runner.migrations()}
        newer = sorted(name for name in runner.applied() if name not in known)
        if newer:
            raise Permanent(f"{self.name} was made by a newer version of mailbot ({newer[-1]}); use that version")
        try:
            runner.up()
        except MigrationError as error:
            raise Permanent(UNUSABLE, f"{self.name}: {error}") from error

    @abstractmethod
    def _translate_errors(self) -> AbstractContextManager[None]:
        """Exceptions of the database become Temporary or Permanent."""

    @abstractmethod
    def _write_transaction(self, *, exclusive: bool) -> AbstractContextManager[None]:
        """A transaction that has begun; `exclusive`: no other process is in such a one."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection.  Twice does no harm."""

    @abstractmethod
    def skip_locked(self, query: Any) -> Any:
        """`query`, leaving out rows that another process has just claimed, and claiming those it finds."""

    @abstractmethod
    def live_owners(self) -> Collection[int]:
        """The owners of claims that may still be at work; what any other has claimed is free again."""

    @abstractmethod
    def is_leader(self, work: str) -> bool:
        """Whether this process is the one of all that does `work`; it stays so until its connection ends."""

    @abstractmethod
    def purge_deleted(self) -> None:
        """When this transaction is committed, let nothing be left of what was deleted, as far as the database can."""

    @abstractmethod
    def serve_lock(self) -> AbstractContextManager[None]:
        """Held by a process that serves this store.  Raises Permanent where only one may and another does."""

    @abstractmethod
    def free_bytes(self) -> int:
        """Free space where the store lies, in bytes; a great number where it cannot be known."""

    @abstractmethod
    def describe(self) -> str:
        """Which database this is, in which version, and what guards it: for the log at start-up and `doctor`."""

    @abstractmethod
    def problems(self) -> list[str]:
        """What is wrong with the store, in words with what to do; empty when all is well."""
