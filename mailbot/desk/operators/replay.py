"""Yesterday's mails, read with today's code: what would be read differently, and nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.classify import reading_of
from mailbot.desk.incoming.prepare import prepare
from mailbot.records.queues import inbox


@dataclass(frozen=True)
class Difference:
    """One mail that would be read otherwise."""

    inbox_id: int
    received_at: datetime
    subject: str
    changed: dict[str, tuple[object, object]]  # what → (as it was read, as it would be)


def replay(since: datetime, context: DeskContext) -> Iterator[Difference | None]:
    """One for each mail since then: None when it would be read the same."""
    for item, before in inbox.readings(context.store, since):
        prepared = prepare(item, context)
        after = reading_of(prepared.reading)
        changed = {what: (before.get(what), value) for what, value in after.items() if before.get(what) != value}
        yield Difference(item.id, item.received_at, prepared.message.subject, changed) if changed else None
