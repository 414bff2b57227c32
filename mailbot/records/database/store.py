"""`Store`: the interface of the database, implemented for SQLite and PostgreSQL.

There are two kinds of write transaction.  `transaction` is exclusive: of all processes and machines one at a time, so
that what it reads stays valid until it commits (serial execution).  `queue_transaction` changes rows of one queue
(inbox or outbox) alone and runs beside an exclusive one.  In SQLite both are exclusive.

A store has two parts with a connection and a writer lock each: the main store, and the intake store for mail as it is
received (`Store.intake`), so that accepting a mail waits for no transaction of the main store.  There is no atomic
commit of both.  While the desk runs, a thread that holds the lock of the intake store never waits for that of the main
store.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar

from playhouse.migrations import MigrationError, Runner  # type: ignore[import-untyped]

from mailbot.errors import Permanent
from mailbot.records.database.upgrade import Upgraded
from mailbot.records.schema.tables import Schema
from mailbot.records.secrets.sealing import Sealer

UNAVAILABLE = "The store cannot be used just now. Please try again later."
UNUSABLE = "The store cannot be used."
_READS = ("SELECT", "PRAGMA", "SHOW", "WITH")


@cache
def _names_in(migrations: Path) -> tuple[str, ...]:
    """The names of the migrations in a folder of the program, sorted."""
    return tuple(sorted(path.stem for path in migrations.glob("[0-9]*.py")))


def require_write_transaction(sql: str, *, writing: bool) -> None:
    """Raises RuntimeError when `sql` is not a read and no write transaction of the store is open (`writing`)."""
    if not sql.lstrip().startswith(_READS) and not writing:
        raise RuntimeError(f"a write outside of Store.transaction: {sql[:60]}")


class Store(ABC):
    """An open database with one connection.

    `schema`: its tables; `intake`: the intake store of a main store.  Attributes of the connection: `lock`, held by the
    thread that is in a transaction; `writing`, true in a write transaction; `exclusive`, true in an exclusive one.
    """

    kind: ClassVar[str]
    read_mode: ClassVar[str]  # mode of BEGIN for a transaction whose reads see one snapshot
    # Whether others can commit while a commit is flushed, which is visible meanwhile.
    flushes_apart: ClassVar[bool]
    takeover_delay: ClassVar[timedelta] = timedelta(0)  # age of a claim of an ended process before it is taken over
    lock_timeout_seconds = 10.0  # how long to wait for the writer lock
    _connection: Any
    intake: "Store"
    upgraded: Upgraded | None = None  # what was done when it was opened
    owner: int  # identifies this process in `claimed_by` of the queues
    sealer: Sealer  # the keys of sealed columns
    name: str  # path or URL without user, for messages

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._lock: RLock = self._connection.lock
        self._parts: tuple[Store, ...] = (self,)
        # When this process has committed what is not durable yet; a process before it may have.
        self._unflushed_since: float | None = time.monotonic()

    def join(self, intake: "Store") -> None:
        """Make `intake` the intake store of this main store; it is closed with it."""
        self.intake = intake
        self._parts = (intake, self)

    def seal_with(self, sealer: Sealer) -> None:
        """The keys for what is sealed in this part (`records.secrets.sealing` finds them at the connection)."""
        self.sealer = self._connection.sealer = sealer

    def close(self) -> None:
        """Close the connection, that of the intake store too; may be called again."""
        for part in self._parts:
            part._disconnect()

    @contextmanager
    def transaction(self, *, durable: bool = True, waits: bool = True) -> Iterator[None]:
        """An exclusive write transaction; a nested one is a savepoint of the outer.

        `durable`: it is on the disk when the block has ended.  Otherwise the operating system writes it later, and a
        power loss (not the end of the process) may undo it, together with all later ones: the next durable
        transaction of any process, or `flush`, makes it durable.  Only for what nobody outside has seen by then.

        `waits`: for other threads, processes and transactions, and for a checkpoint.  Otherwise it raises Busy where it
        would have to, which in PostgreSQL is always: each statement waits for the server.

        Raises Temporary when the store is locked, full or unreachable, Permanent when it is damaged, and RuntimeError
        inside of `reading` or `queue_transaction`.
        """
        with self._begin_write(exclusive=True, durable=durable, waits=waits):
            yield

    @contextmanager
    def queue_transaction(self, *, durable: bool = True) -> Iterator[None]:
        """A write transaction that changes rows of one queue alone.  `durable`, and raises, like `transaction`."""
        with self._begin_write(exclusive=False, durable=durable, waits=True):
            yield

    def flush(self) -> None:
        """Make the commits of all processes durable that are not; not inside of a transaction.

        Raises like `transaction`.
        """
        since, self._unflushed_since = self._unflushed_since, None
        try:
            with self._translate_errors():
                self._flush()
        except BaseException:
            self._unflushed_since = since
            raise

    def flush_after(self, seconds: float) -> None:
        """`flush` if the first of the commits of this process that are not durable is `seconds` old."""
        since = self._unflushed_since
        if since is not None and time.monotonic() - since >= seconds:
            self.flush()

    def _remember_to_flush(self) -> None:
        if self._unflushed_since is None:
            self._unflushed_since = time.monotonic()

    @contextmanager
    def _begin_write(self, *, exclusive: bool, durable: bool, waits: bool) -> Iterator[None]:
        with self._lock if waits else self._free_lock(), self._translate_errors():
            if not self._connection.in_transaction():
                self._bind_tables()
                self._connection.register_memory.transaction_begins()
                with self._write_transaction(exclusive=exclusive, durable=durable, waits=waits):
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
        """A read transaction whose queries see one snapshot of the store.  Raises like `transaction`."""
        with self._lock, self._translate_errors():
            if self._connection.in_transaction():
                yield
                return
            self._bind_tables()
            self._connection.register_memory.transaction_begins()
            with self._connection.atomic(self.read_mode):
                yield

    def _bind_tables(self) -> None:
        """Bind the table classes to this store: another one may have been opened since."""
        for part in self._parts:
            if part.schema.database.obj is not part._connection:
                part.schema.database.initialize(part._connection)

    def applied_migrations(self) -> list[str]:
        """The names of the migrations that were applied to the store, sorted; [] for a new one."""
        history = self.schema.history
        if not self._connection.table_exists(history):
            return []
        return [name for (name,) in self._connection.execute_sql(f'SELECT name FROM "{history}" ORDER BY name')]

    def missing_migrations(self) -> list[str]:
        """The names of the migrations of this version that were not applied to the store, sorted."""
        return sorted(set(self.known_migrations()) - set(self.applied_migrations()))

    def newer_migrations(self) -> list[str]:
        """The names of the migrations that were applied to the store and that this version does not know, sorted."""
        return sorted(set(self.applied_migrations()) - set(self.known_migrations()))

    def known_migrations(self) -> list[str]:
        """The names of the migrations of this version, sorted."""
        return list(_names_in(self.schema.migrations))

    @abstractmethod
    def backup_path(self, folder: Path, label: str) -> Path:
        """The file of `back_up`."""

    @abstractmethod
    def back_up(self, folder: Path, label: str) -> Path | None:
        """Copy the database as it is, inside of `exclusively`, into a file whose name has `label`.

        In PostgreSQL into `folder`, both parts at once, and None without pg_dump.  Raises Permanent.
        """

    def migrate(self, last: str | None = None) -> None:
        """Apply the migrations that the store lacks, up to `last`, inside of `exclusively`.

        Raises Permanent when a newer version made the store, or a migration fails.
        """
        if newer := self.newer_migrations():
            raise Permanent(f"{self.name} was made by a newer version of mailbot ({newer[-1]}); use that version")
        if not self.missing_migrations():
            return  # as nearly always: no runner is made, which takes longer than all the rest of opening a store
        try:
            Runner(self._connection, str(self.schema.migrations), table_name=self.schema.history).up(last)
        except MigrationError as error:
            raise Permanent(UNUSABLE, f"{self.name}: {error}") from error

    @abstractmethod
    def exclusively(self) -> AbstractContextManager[None]:
        """The writer lock, for changes of the schema; no other process writes meanwhile."""

    @abstractmethod
    def _free_lock(self) -> AbstractContextManager[None]:
        """Hold the lock of the connection, for a transaction that does not wait.

        Raises Busy while it is used, and where the database is not local.
        """

    @abstractmethod
    def _translate_errors(self) -> AbstractContextManager[None]:
        """Exceptions of the database become Temporary or Permanent."""

    @abstractmethod
    def _write_transaction(self, *, exclusive: bool, durable: bool, waits: bool) -> AbstractContextManager[None]:
        """A begun write transaction; `exclusive`: no other process is in an exclusive one.

        `durable`, `waits`: as in `transaction`.  One that is not durable, and has written something, is remembered to
        be flushed.
        """

    @abstractmethod
    def unflushed(self) -> bool:
        """Whether a power loss may undo commits that the transaction sees in which this is called (intake store)."""

    @abstractmethod
    def checkpoint(self) -> None:
        """In SQLite, move what was committed from the write-ahead log into the database file; not in a transaction.

        It takes 3 to 6 ms for 4 MiB.  A commit does so itself when the log has become long (`wal_autocheckpoint`).
        Raises like `transaction`.
        """

    @abstractmethod
    def _flush(self) -> None:
        """Make every commit of all processes durable."""

    @abstractmethod
    def _disconnect(self) -> None:
        """Close this part's connection."""

    def skip_locked(self, query: Any) -> Any:
        """`query` with row locks, leaving out rows that another transaction has locked (SELECT … SKIP LOCKED)."""
        return self._connection.skip_locked(query)

    @abstractmethod
    def live_owners(self) -> Collection[int]:
        """The values of `owner` of the connected processes; claims of any other are free again."""

    def require_nobody_serves(self) -> None:
        """Raises Permanent when other processes are connected."""
        if set(self.live_owners()) - {self.owner}:
            raise Permanent(f"processes still serve {self.name}; stop them first")

    @abstractmethod
    def is_leader(self, work: str) -> bool:
        """Whether this process is the one of all that does `work` (a name); it remains so until its connection ends."""

    @abstractmethod
    def only_here(self, work: str) -> AbstractContextManager[bool]:
        """False while another process is in a block of the same `work` (a name); True keeps others out.

        It also ends with this connection: what is written in the block has to be checked all the same.
        """

    @abstractmethod
    def purge_deleted(self) -> None:
        """After the commit of this transaction, remove deleted values from the database files as far as possible."""

    @abstractmethod
    def serve_lock(self) -> AbstractContextManager[None]:
        """The lock of a serving process.  Raises Permanent where only one may serve and another does."""

    @abstractmethod
    def free_bytes(self) -> int:
        """Free space on the disk of the store, in bytes; sys.maxsize where it cannot be known."""

    @abstractmethod
    def describe(self) -> str:
        """Database, version and replication in one line, for the log at start-up and `doctor`."""

    @abstractmethod
    def problems(self, *, reads_all: bool = True) -> list[str]:
        """Damage and unsafe settings of the store, each in words with what to do; [] when there are none.

        `reads_all`: damage is looked for, in the whole of an SQLite database.
        """
