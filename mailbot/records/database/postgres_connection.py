"""`PostgresConnection`: peewee's PostgreSQL database with the rules of the store enforced.

Statements of all threads run one at a time; a write outside of a write transaction is an error; exceptions of peewee
and psycopg are translated to Temporary or Permanent.  A broken connection is not used again: the next transaction
connects anew, to the host that is writable then.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import peewee
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from mailbot.errors import Permanent, Temporary
from mailbot.records.database.register_memory import RegisterMemory
from mailbot.records.database.store import UNAVAILABLE, UNUSABLE, require_write_transaction
from mailbot.records.psycopg_on_demand import supply_psycopg

# Class numbers (the first key) of advisory locks (PostgreSQL manual, 13.3.5); the second key is the owner or the work.
WRITER_LOCK, OWNER_LOCK, LEADER_LOCK, WORK_LOCK = 0x6D61_0001, 0x6D61_0002, 0x6D61_0003, 0x6D61_0004
_DEFAULTS = {
    "connect_timeout": "5",
    "target_session_attrs": "read-write",  # of several hosts, the one that is not a standby
    "application_name": "mailbot",
    "client_encoding": "UTF8",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",  # milliseconds without an acknowledgement until the connection is closed
}
# Session settings: a commit returns when its WAL is on the disk, of the primary and of the synchronous standby.
_SETTINGS = ("SET synchronous_commit = on", "SET standard_conforming_strings = on", "SET TIME ZONE 'UTC'")
# SQLSTATE classes (PostgreSQL manual, appendix A) of causes that may be gone at the next attempt.
_TEMPORARY_CLASSES = ("08", "25", "40", "53", "55", "57", "58")
# Messages of permanently refused connections, for which libpq gives no SQLSTATE.
_PERMANENT_REFUSALS = ("password authentication failed", "does not exist", "no pg_hba.conf entry")

supply_psycopg()


class PostgresConnection(peewee.PostgresqlDatabase):
    """The connection of a PostgresStore.  `owner`: a random number, new for each connection."""

    def __init__(self, url: str, *, claims: bool) -> None:
        """`claims`: whether this connection claims rows of the queues, and is listed by `Store.live_owners`."""
        given = conninfo_to_dict(url)
        self.database_name = str(given.get("dbname", ""))
        parameters: dict[str, Any] = _DEFAULTS | {name: value for name, value in given.items() if name != "dbname"}
        super().__init__(
            self.database_name,
            prefer_psycopg3=True,
            thread_safe=False,
            autoconnect=False,
            prepare_threshold=None,  # a cached plan fails after a migration by another process
            **parameters,
        )
        self.lock = threading.RLock()
        self.writing = self.exclusive = False
        self.register_memory = RegisterMemory()
        self.owner = 0
        self._claims = claims
        self._should_be_open = False  # between `open` and `disconnect`

    def open(self) -> None:
        """Connect.  Raises Temporary, Permanent."""
        self._should_be_open = True
        self._reconnect()

    def disconnect(self) -> None:
        """Close the connection for good."""
        self._should_be_open = False
        self.close()

    def ensure_connected(self) -> None:
        """Before a transaction: reconnect when the connection is broken.  Raises Temporary, Permanent."""
        if self._should_be_open and (self.is_closed() or self.connection().closed):  # type: ignore[no-untyped-call]
            self._reconnect()

    def _reconnect(self) -> None:
        with translate_errors():
            if not self.is_closed():
                self.close()
            self.connect()
            owner = secrets.randbits(31)
            for setting in _SETTINGS:
                self._execute_raw(setting)
            if self._claims:  # other processes see by this lock that `owner` is connected
                self._execute_raw(f"SELECT pg_advisory_lock({OWNER_LOCK}, {owner})")
            self.owner = owner

    def _execute_raw(self, sql: str) -> None:
        if self.is_closed():
            raise Permanent(UNUSABLE, "the store is closed")
        self.connection().execute(sql)  # type: ignore[no-untyped-call]

    def begin(self, mode: str | None = None) -> None:
        """Begin a transaction, READ COMMITTED or with the isolation level `mode`."""
        self._execute_raw(f"BEGIN {mode or ''}")

    def skip_locked(self, query: Any) -> Any:
        """See `Store.skip_locked`."""
        return query.for_update("FOR UPDATE SKIP LOCKED")

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Raises Temporary, Permanent, and RuntimeError for a write outside of a write transaction of the store."""
        require_write_transaction(sql, writing=self.writing)
        self.register_memory.note(sql)
        with self.lock, translate_errors():
            if not self.in_transaction():
                self.ensure_connected()
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def commit(self) -> None:
        """Raises Temporary when a statement has failed: the server would answer COMMIT with a ROLLBACK and no error."""
        if self.connection().info.transaction_status is TransactionStatus.INERROR:  # type: ignore[no-untyped-call]
            raise Temporary(UNAVAILABLE, "PostgreSQL has rolled back the transaction after an error in it")
        super().commit()

    def rollback(self) -> None:
        """Errors are ignored: the server rolls back the transaction of a broken connection."""
        with suppress(psycopg.Error, peewee.PeeweeException):
            super().rollback()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn exceptions of peewee and psycopg into Temporary or Permanent; their detail names the cause."""
    try:
        yield
    except (peewee.PeeweeException, psycopg.Error) as error:
        cause = getattr(error, "orig", error)
        detail = f"{type(cause).__name__}: {cause}".strip()
        if _is_temporary(cause):
            raise Temporary(UNAVAILABLE, detail) from error
        raise Permanent(UNUSABLE, f"{detail}; run: mailbot doctor") from error


def _is_temporary(error: BaseException) -> bool:
    state = getattr(error, "sqlstate", None)
    if state is None:  # no answer of the server: it is unreachable, or the connection broke
        unreachable = isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
        return unreachable and not any(words in str(error) for words in _PERMANENT_REFUSALS)
    return bool(state[:2] in _TEMPORARY_CLASSES)
