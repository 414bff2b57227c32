"""The recorded attempts to deliver notices, with the server's replies."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import chunked, fn

from mailbot.records.schema.queue_tables import DeliveryRow

_MOST_IDS = 500  # in one query


@dataclass(frozen=True)
class Attempt:
    """One recorded delivery attempt.  `ended_at` is None while it is in progress, or when its process died.

    `code`: SMTP reply code, None without a reply; `reply`: its text, or the error.
    """

    started_at: datetime
    ended_at: datetime | None
    accepted: bool | None
    code: int | None
    reply: str


def attempts_of(item_id: int) -> list[Attempt]:
    """Every delivery attempt for a notice, in order."""
    rows = DeliveryRow.select().where(DeliveryRow.outbox == item_id).order_by(DeliveryRow.id)
    return [_attempt(row) for row in rows]


def last_attempts(item_ids: Collection[int]) -> dict[int, Attempt]:
    """The last delivery attempt for each of these notices that was tried."""
    found: dict[int, Attempt] = {}
    for some in chunked(item_ids, _MOST_IDS):
        last = numbers_of_last_attempts().where(DeliveryRow.outbox.in_(some))
        rows: Any = DeliveryRow.select().where(DeliveryRow.id.in_(last))
        found |= {row.outbox_id: _attempt(row) for row in rows}
    return found


def numbers_of_last_attempts() -> Any:
    """The query for the id of the last delivery attempt for each notice that was tried."""
    return DeliveryRow.select(fn.MAX(DeliveryRow.id)).group_by(DeliveryRow.outbox)


def _attempt(row: Any) -> Attempt:
    return Attempt(row.started_at, row.ended_at, row.accepted, row.code, row.reply)
