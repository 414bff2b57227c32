"""What has not moved: mails that nobody handles, notices that are not written, sent or delivered.

Each function runs in the caller's `Store.reading`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import Disposition, OutboxState
from mailbot.records.database import Store
from mailbot.records.queues import inbox
from mailbot.records.queues.attempts import last_attempts
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow


@dataclass(frozen=True)
class Delayed:
    """Mails or notices: how many, and the oldest (of failed notices the latest).

    `since`: when it was received or decided; `reply`: the last answer of the relay.
    """

    count: int
    number: int
    since: datetime
    recipient: str = ""
    reply: str = ""


def unhandled(store: Store, now: datetime) -> Delayed | None:
    """The mails that wait to be transferred, authenticated or handled, without those that are to wait."""
    may_be_handled = InboxRow.not_before.is_null() | (InboxRow.not_before <= now)
    found = _oldest(InboxRow, InboxRow.received_at, InboxRow.state.in_(["arrived", "waiting"]) & may_be_handled)
    count, since = inbox.count_not_transferred(store)
    if count and since is not None:
        number = found.number if found is not None and found.since <= since else inbox.next_to_transfer(store)
        since = min(since, found.since) if found is not None else since
        return Delayed(count + (found.count if found is not None else 0), number, since)
    return found


def last_handled() -> datetime | None:
    """When a mail was last handled: it is logged in the same transaction, which is found without reading the inbox.

    Mails that were refused are in the log too, without a number in the inbox, and those that an operator has released.
    """
    handled = (MailLogRow.direction == "in") & MailLogRow.inbox_id.is_null(is_null=False)
    handled &= MailLogRow.disposition != Disposition.RELEASED.value
    rows = MailLogRow.select(MailLogRow.id, MailLogRow.at).where(handled).order_by(MailLogRow.id.desc())
    row = rows.first()
    return row.at if row is not None else None


def unwritten() -> Delayed | None:
    """The notices that are not written yet."""
    return _oldest(OutboxRow, OutboxRow.created_at, OutboxRow.state == OutboxState.UNWRITTEN.value)


def unsent() -> Delayed | None:
    """The notices that the relay has not accepted at the first attempt, and that are tried again."""
    again = (OutboxRow.state == OutboxState.WAITING.value) & (OutboxRow.attempts > 0)
    return _with_reply(_oldest(OutboxRow, OutboxRow.created_at, again))


def failed(since: datetime, *, alerts: bool) -> Delayed | None:
    """The notices decided since then that were not delivered: alerts to the operators, or all others."""
    is_alert = OutboxRow.kind == NoticeKind.ALERT.value
    lost = (OutboxRow.state == OutboxState.FAILED.value) & (OutboxRow.created_at >= since)
    return _with_reply(
        _oldest(OutboxRow, OutboxRow.created_at, lost & (is_alert if alerts else ~is_alert), latest=True)
    )


def _oldest(table: Any, at: Any, condition: Any, *, latest: bool = False) -> Delayed | None:
    count = table.select().where(condition).count()
    row = table.select(table.id, at).where(condition).order_by(table.id.desc() if latest else table.id).first()
    return Delayed(count, row.id, getattr(row, at.name)) if row is not None else None


def _with_reply(found: Delayed | None) -> Delayed | None:
    if found is None:
        return None
    row = OutboxRow.select(OutboxRow.recipient).where(OutboxRow.id == found.number).first()
    last = last_attempts([found.number]).get(found.number)
    reply = last.reply if last is not None else ""
    return Delayed(found.count, found.number, found.since, row.recipient, reply)
