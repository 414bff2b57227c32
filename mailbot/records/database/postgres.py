"""`PostgresStore`: the store in a PostgreSQL database, for several machines with one connection each.

An exclusive transaction holds a transaction-level advisory lock; a session-level advisory lock with the number `owner`
shows that the process is connected, and with it that its claims in the queues are valid.  The server releases both
when the connection ends (PostgreSQL manual, 13.3.5).
"""

import sys
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zlib import crc32

from mailbot.errors import Busy, MailbotError, Permanent
from mailbot.records.database.postgres_connection import (
    LEADER_LOCK,
    OWNER_LOCK,
    WORK_LOCK,
    WRITER_LOCK,
    PostgresConnection,
    translate_errors,
)
from mailbot.records.database.store import UNAVAILABLE, Store
from mailbot.records.database.upgrade import dump_postgres
from mailbot.records.schema.tables import MAIN, Schema

OLDEST_VERSION = 130000
_VARCHAR_COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type = 'character varying'
"""


class PostgresStore(Store):
    """An open connection to the database.  See `Store`."""

    kind = "postgresql"
    flushes_apart = False
    read_mode = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
    takeover_delay = timedelta(minutes=15)  # longer than the longest final dot (RFC 5321 §4.5.3.2.6)

    def __init__(self, url: str, schema: Schema) -> None:
        """Not yet connected: `open` does that.  Raises Permanent when `url` cannot be read."""
        with translate_errors():
            self._connection = PostgresConnection(url, claims=schema.number == MAIN.number)
        self._url = url
        self.name = f"postgresql://{urlsplit(url).netloc.rpartition('@')[2]}/{self._connection.database_name}"
        self._leader_locks: dict[str, int] = {}  # work → the owner that got the lock
        super().__init__(schema)

    @classmethod
    def open(cls, url: str, schema: Schema) -> "PostgresStore":
        """Connect to the database at `url`; it is not migrated.  Raises like `open_store`."""
        store = cls(url, schema)
        try:
            with store._lock, translate_errors():
                store._connection.open()
                store._check()
        except BaseException:
            store._connection.disconnect()
            raise
        return store

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        with self._lock, translate_errors(), self._write_transaction(exclusive=True, durable=True, waits=True):
            yield

    def _check(self) -> None:
        if int(self._show("server_version_num")) < OLDEST_VERSION:
            raise Permanent(f"{self.name}: PostgreSQL {self._show('server_version')}; expected 13 or newer")
        if self._show("server_encoding") != "UTF8":
            raise Permanent(f"{self.name}: encoding {self._show('server_encoding')}; make the database with UTF8")

    def migrate(self, last: str | None = None) -> None:
        super().migrate(last)
        self._widen_varchar_columns()

    def _widen_varchar_columns(self) -> None:
        """Change varchar columns to text: the migrations make VARCHAR(255), a limit that PostgreSQL alone enforces."""
        for table, column in self._connection.execute_sql(_VARCHAR_COLUMNS).fetchall():
            self._connection.execute_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE text')

    @property
    def owner(self) -> int:  # type: ignore[override]
        return int(self._connection.owner)

    def _disconnect(self) -> None:
        with self._lock:
            self._connection.disconnect()

    def _bind_tables(self) -> None:
        super()._bind_tables()
        self._connection.ensure_connected()

    def _free_lock(self) -> AbstractContextManager[None]:
        raise Busy(UNAVAILABLE, f"each statement waits for the server of {self.name}")

    def _translate_errors(self) -> AbstractContextManager[None]:
        return translate_errors()

    @contextmanager
    def _write_transaction(self, *, exclusive: bool, durable: bool, waits: bool) -> Iterator[None]:
        del waits  # `_free_lock` lets nothing begin that must not
        connection = self._connection
        connection.writing, connection.exclusive = True, exclusive
        try:
            with connection.atomic():
                if not durable:  # asynchronous commit (PostgreSQL manual, 30.4): the WAL is flushed in its order
                    connection.execute_sql("SET LOCAL synchronous_commit = off")
                connection.execute_sql(f"SET LOCAL lock_timeout = {int(self.lock_timeout_seconds * 1000)}")
                if exclusive:
                    connection.execute_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK}, {self.schema.number})")
                yield
                if not durable and connection.execute_sql("SELECT pg_current_xact_id_if_assigned()").fetchone()[0]:
                    self._remember_to_flush()
        finally:
            connection.writing = connection.exclusive = False

    def unflushed(self) -> bool:
        """False: a commit is visible only when it is on the disk of the server."""
        return False

    def checkpoint(self) -> None:
        """Nothing: the server has a process for it."""

    def _flush(self) -> None:
        with self.queue_transaction():
            # A commit waits for the disk only after something was written to the WAL in its transaction.
            self._connection.execute_sql("SELECT pg_logical_emit_message(true, 'mailbot', '')")

    def live_owners(self) -> Collection[int]:
        found = self._connection.execute_sql(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())",
            (OWNER_LOCK,),
        )
        return {row[0] for row in found.fetchall()}

    def is_leader(self, work: str) -> bool:
        with self._lock, translate_errors():
            self._connection.ensure_connected()
            if self._leader_locks.get(work) == self.owner:
                self._connection.execute_sql("SELECT 1")  # fails when the connection, and with it the lock, has ended
                return True
            got = self._try_lock(LEADER_LOCK, work)
            if got:
                self._leader_locks[work] = self.owner
            return got

    @contextmanager
    def only_here(self, work: str) -> Iterator[bool]:
        with self._lock, translate_errors():
            self._connection.ensure_connected()
            got, owner = self._try_lock(WORK_LOCK, work), self.owner
        try:
            yield got
        finally:
            with self._lock:
                if got and self.owner == owner:  # else the lock has ended with the connection
                    with suppress(MailbotError), translate_errors():
                        self._connection.execute_sql(f"SELECT pg_advisory_unlock({WORK_LOCK}, {_number_of(work)})")

    def _try_lock(self, kind: int, work: str) -> bool:
        sql = f"SELECT pg_try_advisory_lock({kind}, {_number_of(work)})"
        return bool(self._connection.execute_sql(sql).fetchone()[0])

    def purge_deleted(self) -> None:
        """VACUUM after the commit removes dead rows; their octets may remain in free space and in the server's WAL."""
        self._connection.after_commit(self._vacuum)

    def _vacuum(self) -> None:
        connection = self._connection
        connection.writing = True
        try:
            for table in self.schema.erased:
                with suppress(MailbotError):  # the transaction is committed; autovacuum does it
                    connection.execute_sql(f"VACUUM {table}")
        finally:
            connection.writing = False

    def serve_lock(self) -> AbstractContextManager[None]:
        return nullcontext()  # any number of processes

    def backup_path(self, folder: Path, label: str) -> Path:
        return folder / f"mailbot.before-{label}.dump"

    def back_up(self, folder: Path, label: str) -> Path | None:
        return dump_postgres(self._url, self.backup_path(folder, label))

    def free_bytes(self) -> int:
        return sys.maxsize  # the server's disk is not visible here; a full one raises an error

    def _show(self, name: str) -> str:
        return str(self._connection.execute_sql(f"SHOW {name}").fetchone()[0])

    def describe(self) -> str:
        standby = self._show("synchronous_standby_names") or "none"
        return f"PostgreSQL {self._show('server_version')}, {self.name}; synchronous standby: {standby}"

    def problems(self, *, reads_all: bool = True) -> list[str]:
        del reads_all  # the server looks for damage
        expected = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
        found = {name: self._show(name) for name in expected}
        problems = [
            f"{self.name}: {name} = {found[name]}; expected {value}, or an acknowledged mail can be lost"
            for name, value in expected.items()
            if found[name] != value
        ]
        if "," in self.name and not self._show("synchronous_standby_names"):
            problems.append(
                f"{self.name}: several hosts, but synchronous_standby_names is empty; name the standby there, or an"
                " acknowledged mail can be lost when the primary dies"
            )
        return problems


def _number_of(work: str) -> int:
    """The second key of an advisory lock: a positive integer of 32 bits."""
    return crc32(work.encode()) & 0x7FFF_FFFF
