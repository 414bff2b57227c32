"""The connection to PostgreSQL, with the store's discipline built in.

One statement at a time whichever thread asks, no write outside of a transaction of the store, and no exception of
peewee or psycopg leaves the room.  A connection that broke is never used again: the next transaction makes a new one,
to whichever of the hosts takes writes by then.
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
from mailbot.records.database.store import UNAVAILABLE, UNUSABLE, require_write_transaction

# The first of the two numbers of an advisory lock (PostgreSQL manual, 13.3.5); the second says which.
WRITER_LOCK, OWNER_LOCK, LEADER_LOCK = 0x6D61_0001, 0x6D61_0002, 0x6D61_0003
_DEFAULTS = {
    "connect_timeout": "5",
    "target_session_attrs": "read-write",  # of several hosts, the one that is not a standby
    "application_name": "mailbot",
    "client_encoding": "UTF8",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",  # milliseconds until a host that has vanished is given up
}
# What a session rests on: a commit returns when its WAL is on the disk, here and on the synchronous standby.
_SETTINGS = ("SET synchronous_commit = on", "SET standard_conforming_strings = on", "SET TIME ZONE 'UTC'")
# SQLSTATE classes and codes of causes that somebody or something else may take away.
_TEMPORARY_CLASSES = ("08", "25", "40", "53", "55", "57", "58")
# What the server says when it refuses a connection for good; libpq keeps no SQLSTATE of those.
_PERMANENT_REFUSALS = ("password authentication failed", "does not exist", "no pg_hba.conf entry")


class PostgresConnection(peewee.PostgresqlDatabase):
    """See `Store`."""

    def __init__(self, url: str) -> None:
        given = conninfo_to_dict(url)
        self.database_name = str(given.get("dbname", ""))
        parameters: dict[str, Any] = _DEFAULTS | {name: value for name, value in given.items() if name != "dbname"}
        super().__init__(
            self.database_name,
            prefer_psycopg3=True,
            thread_safe=False,
            autoconnect=False,
            prepare_threshold=None,  # a plan that is kept does not survive another version's migration
            **parameters,
        )
        self.lock = threading.RLock()
        self.writing = self.exclusive = False
        self.owner = 0
        self._should_be_open = False  # open, as far as the store is concerned

    def open(self) -> None:
        """Raises Temporary, Permanent."""
        self._should_be_open = True
        self._reconnect()

    def disconnect(self) -> None:
        self._should_be_open = False
        self.close()

    def ensure_connected(self) -> None:
        """Before a transaction: with a new connection when the last one broke.  Raises Temporary, Permanent."""
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
            # Everybody sees by this lock that the claims of `owner` are those of somebody who lives.
            self._execute_raw(f"SELECT pg_advisory_lock({OWNER_LOCK}, {owner})")
            self.owner = owner

    def _execute_raw(self, sql: str) -> None:
        if self.is_closed():
            raise Permanent(UNUSABLE, "the store is closed")
        self.connection().execute(sql)  # type: ignore[no-untyped-call]

    def begin(self, mode: str | None = None) -> None:
        """A transaction in READ COMMITTED, or as `mode` says."""
        self._execute_raw(f"BEGIN {mode or ''}")

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Raises Temporary, Permanent, and RuntimeError for a write outside of the store's transactions."""
        require_write_transaction(sql, writing=self.writing)
        with self.lock, translate_errors():
            if not self.in_transaction():
                self.ensure_connected()
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def commit(self) -> None:
        """Raises Temporary when a statement failed meanwhile: the server would answer COMMIT by a silent ROLLBACK."""
        if self.connection().info.transaction_status is TransactionStatus.INERROR:  # type: ignore[no-untyped-call]
            raise Temporary(UNAVAILABLE, "PostgreSQL has undone the transaction after a failure in it")
        super().commit()

    def rollback(self) -> None:
        """What a broken connection had begun is undone by the server."""
        with suppress(psycopg.Error, peewee.PeeweeException):
            super().rollback()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Exceptions of peewee and psycopg become Temporary or Permanent: fixed words, the cause in the detail."""
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
    if state is None:  # no answer of the server: it is away, or the connection broke
        away = isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
        return away and not any(words in str(error) for words in _PERMANENT_REFUSALS)
    return bool(state[:2] in _TEMPORARY_CLASSES)
