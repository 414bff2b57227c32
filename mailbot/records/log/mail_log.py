"""Queries on the mail log: append-only; each row is chained to the one before by a SHA-256 hash (tamper-evident)."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from mailbot.masking import mask_tokens
from mailbot.model.queued_mail import LogRow
from mailbot.records.database import Store
from mailbot.records.database.prepared import Prepared, PreparedInsert
from mailbot.records.queues import received
from mailbot.records.schema.columns import storable
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import OutboxRow

_EMPTY = LogRow(0, None, "", "", "", "", "", "", "")  # type: ignore[arg-type]
_HASHED = tuple(name for name in asdict(_EMPTY) if name != "id")
_APPEND = PreparedInsert(MailLogRow)
_HEAD = Prepared(lambda: MailLogRow.select(MailLogRow.hash).order_by(MailLogRow.id.desc()).limit(1))


def append(**fields: Any) -> int:
    """Add a row (the fields of LogRow without `id`), in the caller's transaction; returns its id.

    Reply tokens are masked: a reader of the log must not be able to reply in another person's name.
    """
    return append_all([fields])


def append_all(rows: Iterable[Mapping[str, Any]]) -> int:
    """Add rows in their order, each as `append` does, in the caller's transaction; returns the id of the last one."""
    previous = head()
    hashed = []
    for values in map(_values, rows):
        previous = _hash(previous, values)
        hashed.append({**values, "hash": previous})
    return _APPEND.run(hashed)


def _values(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row but its hash."""
    given = {name: getattr(_EMPTY, name) for name in _HASHED} | dict(fields)
    return {name: mask_tokens(storable(value)) if isinstance(value, str) else value for name, value in given.items()}


def _hash(previous: str, values: dict[str, Any]) -> str:
    shown = {name: values[name] for name in _HASHED} | {"at": MailLogRow.at.db_value(values["at"])}
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def verify() -> tuple[int, int | None]:
    """(number of rows, id of the first row whose hash does not match, or None when all match)."""
    previous, count = "", 0
    for row in MailLogRow.select().order_by(MailLogRow.id).iterator():
        count += 1
        if row.hash != _hash(previous, {name: getattr(row, name) for name in _HASHED}):
            return count, int(row.id)
        previous = row.hash
    return count, None


def head() -> str:
    """The hash of the last row, hexadecimal; "" when the log is empty."""
    return str(_HEAD.value() or "")


def get(row_id: int) -> LogRow | None:
    """The row with this id, or None."""
    row = MailLogRow.get_or_none(MailLogRow.id == row_id)
    return row_of(row) if row is not None else None


def latest_of(inbox_id: int, dispositions: Collection[str]) -> LogRow | None:
    """The latest row of a received mail with one of these dispositions, or None."""
    of_mail = (MailLogRow.inbox_id == inbox_id) & MailLogRow.disposition.in_(list(dispositions))
    row = MailLogRow.select().where(of_mail).order_by(MailLogRow.id.desc()).first()
    return row_of(row) if row is not None else None


def incoming_about(receipt: str, limit: int = 200) -> list[LogRow]:
    """The rows of the latest mails that were about an application, oldest first."""
    rows = MailLogRow.select().where((MailLogRow.receipt == receipt) & (MailLogRow.direction == "in"))
    return [row_of(row) for row in rows.order_by(MailLogRow.id.desc()).limit(limit)][::-1]


def listing(limit: int) -> list[LogRow]:
    """The latest `limit` rows, oldest first; `mail_list.select` filters and searches them."""
    return [row_of(row) for row in MailLogRow.select().order_by(MailLogRow.id.desc()).limit(limit)][::-1]


def raw_of(store: Store, row: LogRow) -> bytes | None:
    """The mail of a row as RFC 5322 octets; None when it was refused and therefore not stored."""
    if row.direction == "in":
        return received.content(store, row.inbox_id) if row.inbox_id is not None else None
    found = OutboxRow.get_or_none(OutboxRow.id == row.outbox_id) if row.outbox_id is not None else None
    return found.content if found is not None else None


def row_of(row: Any) -> LogRow:
    """The value of a row of the table."""
    return LogRow(id=row.id, **{name: getattr(row, name) for name in _HASHED})
