"""Consistency check of the store: each mail and notice has the log rows, attempts and steps that its state implies."""

from dataclasses import dataclass
from typing import Any

from peewee import Case, fn

from mailbot.model.queued_mail import RELEASABLE, Disposition, OutboxState
from mailbot.model.reasons import ABOVE_LIMIT
from mailbot.records.database import Store
from mailbot.records.maintenance import people_consistency
from mailbot.records.queues import inbox
from mailbot.records.schema.application_tables import ApplicationRow, StepRow
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import DeliveryRow, InboxRow, OutboxRow


@dataclass(frozen=True)
class ConsistencyReport:
    """The result of the check.  `counts`: label → number of rows; `faults`: one text for each kind of inconsistency."""

    counts: dict[str, int]
    faults: tuple[str, ...]


def check_consistency(store: Store) -> ConsistencyReport:
    """Run every check, in the caller's `Store.reading`."""
    mails, notices = _counts_by_state(InboxRow), _counts_by_state(OutboxRow)
    counts = {f"mails {state}": number for state, number in mails.items()}
    counts |= {f"mails {name}": number for name, number in inbox.counts().items() if name != "waiting"}
    counts |= {f"notices {state}": number for state, number in notices.items()}
    counts |= people_consistency.inquiry_counts()
    counts["applications"] = ApplicationRow.select().count()
    counts["log rows"] = MailLogRow.select().count()
    found = {
        "mails whose raw mail is missing": inbox.ids_not_received(store),
        "mails that are done but not in the log": inbox.ids_not_logged(),
        "mails that were carried out twice": _logged_twice(),
        "mails that were quarantined again, or released again, without the other": _quarantined_without_release(),
        "notices that are not in the log": _notices_not_logged(),
        "notices that are sent, without a relay that took them": _sent_without_acceptance(),
        "applications whose state is not that of their last step": _state_differs_from_last_step(),
        **people_consistency.faults(store),
    }
    faults = tuple(f"{what}: {', '.join(map(str, ids[:20]))}" for what, ids in found.items() if ids)
    return ConsistencyReport(counts, faults)


def _counts_by_state(table: Any) -> dict[str, int]:
    rows = table.select(table.state, fn.COUNT(table.id)).group_by(table.state).order_by(table.state).tuples()
    return {str(state): int(count) for state, count in rows}


def _logged_twice() -> list[int]:
    """A mail has one row in the log, and further ones for each challenge and each release before."""
    others = [one.value for one in (Disposition.CHALLENGED, Disposition.RELEASED)]
    rows = _rows_of_mails(MailLogRow.disposition.not_in(others) & ~_is_releasable())
    return [int(row.inbox_id or 0) for row in rows.having(fn.COUNT(MailLogRow.id) > 1)]


def _quarantined_without_release() -> list[int]:
    """A mail is quarantined once, or passed on above the limit of answers, and once more after each release."""
    quarantined = fn.SUM(Case(None, [(_is_releasable(), 1)], 0))
    released = fn.SUM(Case(None, [(MailLogRow.disposition == Disposition.RELEASED.value, 1)], 0))
    rows = _rows_of_mails(_is_releasable() | (MailLogRow.disposition == Disposition.RELEASED.value))
    return [int(row.inbox_id or 0) for row in rows.having((quarantined - released).not_in([0, 1]))]


def _is_releasable() -> Any:
    quarantined = MailLogRow.disposition.in_([one.value for one in RELEASABLE])
    return quarantined | (MailLogRow.reason == ABOVE_LIMIT)


def _rows_of_mails(condition: Any) -> Any:
    of_mails = (MailLogRow.direction == "in") & MailLogRow.inbox_id.is_null(is_null=False)
    return MailLogRow.select(MailLogRow.inbox_id).where(of_mails & condition).group_by(MailLogRow.inbox_id)


def _notices_not_logged() -> list[int]:
    logged = MailLogRow.select().where((MailLogRow.direction == "out") & (MailLogRow.outbox_id == OutboxRow.id))
    written = OutboxRow.notice.is_null()
    rows = OutboxRow.select(OutboxRow.id).where(written & ~fn.EXISTS(logged)).order_by(OutboxRow.id)
    return [int(row.id) for row in rows]


def _sent_without_acceptance() -> list[int]:
    accepted = DeliveryRow.select().where((DeliveryRow.outbox == OutboxRow.id) & (DeliveryRow.accepted == True))  # noqa: E712
    sent = (OutboxRow.state == OutboxState.SENT.value) & ~fn.EXISTS(accepted)
    return [int(row.id) for row in OutboxRow.select(OutboxRow.id).where(sent).order_by(OutboxRow.id)]


def _state_differs_from_last_step() -> list[int]:
    last = StepRow.select(StepRow.application, fn.MAX(StepRow.id).alias("last")).group_by(StepRow.application)
    rows = (
        ApplicationRow.select(ApplicationRow.id)
        .join(last, on=(last.c.application_id == ApplicationRow.id))
        .join(StepRow, on=(StepRow.id == last.c.last))
        .where(StepRow.state != ApplicationRow.state)
        .order_by(ApplicationRow.id)
    )
    return [int(row.id) for row in rows]
