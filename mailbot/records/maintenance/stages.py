"""What waits in which stage of the processing, and since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from mailbot.model.queued_mail import OutboxState
from mailbot.records.database import Store
from mailbot.records.queues import inbox
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow


@dataclass(frozen=True)
class Waiting:
    """The mails or notices of one stage.  `since`: when the oldest was received or decided, None without any."""

    stage: str
    count: int
    since: datetime | None


def waiting_stages(store: Store) -> list[Waiting]:
    """Every stage in the order of a mail, in the caller's `Store.reading`."""
    delivery = OutboxRow.state.in_([OutboxState.WAITING.value, OutboxState.SENDING.value])
    return [
        Waiting("transfer", *inbox.count_not_transferred(store)),
        _stage("authentication", InboxRow.received_at, InboxRow.state == "arrived"),
        _stage("decision", InboxRow.received_at, InboxRow.state == "waiting"),
        _stage("writing", OutboxRow.created_at, OutboxRow.state == OutboxState.UNWRITTEN.value),
        _stage("delivery", OutboxRow.created_at, delivery),
    ]


def _stage(name: str, since: Any, condition: Any) -> Waiting:
    count, oldest = since.model.select(fn.COUNT(since), fn.MIN(since)).where(condition).scalar(as_tuple=True)
    return Waiting(name, int(count), oldest)
