"""The raw mail of a main store as it was before migration 11: it moves once into the intake store.

There is no atomic commit over two SQLite files.  The copies are committed in the intake store first, a copy that is
there already is left alone, and only then does migration 11 remove the originals: after a crash in between, the move
begins anew and nothing is lost.
"""

from collections.abc import Iterator
from typing import Any

from mailbot.errors import Permanent
from mailbot.logs import get_logger
from mailbot.records.database.store import Store
from mailbot.records.secrets.sealing import Sealer

INTAKE_BEFORE = "0001_received"  # what is moved is not sealed yet
LAST_BEFORE, MOVED = "0010_unwritten_notices", "0011_raw_mail_moved"
MISSING = b"\r\n[The raw mail is missing: the intake store is older than the main store.]\r\n"
_COMMON = "id, received_at, {source}, sender, recipients, smtputf8, evidence"
_SOURCE = "door"  # the name of the column in the main store
_FETCHED = "account, folder, uidvalidity, uid"
_ROWS = 100  # in one transaction

log = get_logger("mailbot.store")


def move(main: Store, intake: Store) -> None:
    """Copy the raw mail of `main`, which is at migration 10, into `intake`, inside of `main.exclusively`.

    Raises Permanent when a copy is missing or of another size; the originals are then still there.
    """
    columns = _COMMON.format(source=_SOURCE) + ", content"
    for rows in _chunks(main, f"SELECT {columns} FROM inbox WHERE id > {{last}} ORDER BY id LIMIT {_ROWS}"):
        _insert(intake, "received", _COMMON.format(source="source") + ", content", rows)
    if main.kind == "sqlite":  # in PostgreSQL both parts have the same table
        for rows in _chunks(main, f"SELECT id, {_FETCHED} FROM fetched WHERE id > {{last}} ORDER BY id LIMIT {_ROWS}"):
            _insert(intake, "fetched", f"id, {_FETCHED}", rows)
    size = "SELECT count(*), coalesce(sum(length(content)), 0) FROM"
    before, after = _row(main, f"{size} inbox"), _row(intake, f"{size} received")
    if before != after:
        raise Permanent(
            f"{intake.name}: {after[0]} mails ({after[1]} octets) were copied; expected {before[0]} ({before[1]})"
        )


def count_received(intake: Store) -> int:
    """How many mails the intake store has."""
    return int(_row(intake, "SELECT count(*) FROM received")[0])


def fill_gaps(main: Store, intake: Store) -> None:
    """Where the intake store is older than the main store, put a text in place of each mail that it lacks.

    A new mail must not get the number of an old one.  Inside of `main.exclusively`, with every migration applied.
    """
    last = int(_row(main, "SELECT coalesce(max(id), 0) FROM inbox")[0])
    if last <= int(_row(intake, "SELECT coalesce(max(id), 0) FROM received")[0]):
        return
    log.critical("raw-mail-missing", store=intake.name, note="restore it from a backup of the same time")
    sealer: Sealer = intake._connection.sealer
    columns = _COMMON.format(source=_SOURCE)
    for rows in _chunks(main, f"SELECT {columns} FROM inbox WHERE id > {{last}} ORDER BY id LIMIT {_ROWS}"):
        missing = [(*row, sealer.seal("content", MISSING)) for row in rows]
        _insert(intake, "received", _COMMON.format(source="source") + ", content", missing)


def _chunks(store: Store, query: str) -> Iterator[list[Any]]:
    last = 0
    while rows := store._connection.execute_sql(query.format(last=last)).fetchall():
        yield rows
        last = rows[-1][0]


def _insert(intake: Store, table: str, columns: str, rows: list[Any]) -> None:
    places = ", ".join([intake._connection.param] * len(rows[0]))
    with intake.transaction():
        for row in rows:
            intake._connection.execute_sql(
                f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING", tuple(row)
            )


def _row(store: Store, query: str) -> Any:
    return store._connection.execute_sql(query).fetchone()
