"""Whether the books balance: every mail that was taken is accounted for, every notice has its end or still waits."""

from dataclasses import dataclass
from typing import Any

from peewee import fn

from mailbot.model.queued_mail import Disposition, OutboxState
from mailbot.records.queues import inbox
from mailbot.records.schema.application_tables import ApplicationRow, StepRow
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import DeliveryRow, InboxRow, OutboxRow


@dataclass(frozen=True)
class ConsistencyReport:
    """`counts`: what there is; `faults`: what should not be, in words; none when the books balance."""

    counts: dict[str, int]
    faults: tuple[str, ...]


def check_consistency() -> ConsistencyReport:
    """In the caller's `reading`."""
    mails, notices = _states(InboxRow), _states(OutboxRow)
    counts = {f"mails {state}": number for state, number in mails.items()}
    counts |= {f"mails {name}": number for name, number in inbox.counts().items() if name != "waiting"}
    counts |= {f"notices {state}": number for state, number in notices.items()}
    counts["applications"] = ApplicationRow.select().count()
    counts["log rows"] = MailLogRow.select().count()
    found = {
        "mails that are done but not in the log": inbox.ids_not_logged(),
        "mails that were carried out twice": _twice(),
        "notices that are not in the log": _unlogged(),
        "notices that are sent, without a relay that took them": _unaccepted(),
        "applications whose state is not that of their last step": _unstepped(),
    }
    faults = tuple(f"{what}: {', '.join(map(str, ids[:20]))}" for what, ids in found.items() if ids)
    return ConsistencyReport(counts, faults)


def _states(table: Any) -> dict[str, int]:
    rows = table.select(table.state, fn.COUNT(table.id)).group_by(table.state).order_by(table.state).tuples()
    return {str(state): int(count) for state, count in rows}


def _twice() -> list[int]:
    """A mail has one row, and a second one when its sender was asked back before."""
    done = (MailLogRow.direction == "in") & (MailLogRow.disposition != Disposition.CHALLENGED.value)
    rows = MailLogRow.select(MailLogRow.inbox_id).where(done & MailLogRow.inbox_id.is_null(is_null=False))
    return [int(row.inbox_id or 0) for row in rows.group_by(MailLogRow.inbox_id).having(fn.COUNT(MailLogRow.id) > 1)]


def _unlogged() -> list[int]:
    logged = MailLogRow.select().where((MailLogRow.direction == "out") & (MailLogRow.outbox_id == OutboxRow.id))
    return [int(row.id) for row in OutboxRow.select(OutboxRow.id).where(~fn.EXISTS(logged)).order_by(OutboxRow.id)]


def _unaccepted() -> list[int]:
    taken = DeliveryRow.select().where((DeliveryRow.outbox == OutboxRow.id) & (DeliveryRow.accepted == True))  # noqa: E712
    sent = (OutboxRow.state == OutboxState.SENT.value) & ~fn.EXISTS(taken)
    return [int(row.id) for row in OutboxRow.select(OutboxRow.id).where(sent).order_by(OutboxRow.id)]


def _unstepped() -> list[int]:
    last = StepRow.select(StepRow.application, fn.MAX(StepRow.id).alias("last")).group_by(StepRow.application)
    rows = (
        ApplicationRow.select(ApplicationRow.id)
        .join(last, on=(last.c.application_id == ApplicationRow.id))
        .join(StepRow, on=(StepRow.id == last.c.last))
        .where(StepRow.state != ApplicationRow.state)
        .order_by(ApplicationRow.id)
    )
    return [int(row.id) for row in rows]
