"""Figures about applications, inquiries and mails, in the caller's `Store.reading`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import fn

from mailbot.model.inquiry import InquiryState
from mailbot.records.schema.application_tables import ApplicationRow
from mailbot.records.schema.inquiry_tables import InquiryRow
from mailbot.records.schema.queue_tables import InboxRow


@dataclass(frozen=True)
class DecisionTimes:
    """From the submission to the approval, of one procedure: half, and nine tenths, of them took no longer."""

    procedure: str
    decided: int
    median: timedelta
    nine_tenths: timedelta
    longest: timedelta


@dataclass(frozen=True)
class InquiryFigures:
    """`late`: open beyond their promised day; `closed`: without an answer; `median`: of the time until an answer."""

    open: int
    late: int
    answered: int
    closed: int
    median: timedelta | None


def applications_by_state(since: datetime | None) -> list[tuple[str, str, int]]:
    """(procedure, state, number) of the applications submitted since an instant; drafts count whenever they are."""
    count: Any = fn.COUNT(ApplicationRow.id)
    query = ApplicationRow.select(ApplicationRow.procedure, ApplicationRow.state, count)
    if since is not None:
        query = query.where(ApplicationRow.submitted_at.is_null() | (ApplicationRow.submitted_at >= since))
    grouped: Any = query.group_by(ApplicationRow.state, ApplicationRow.procedure)  # as the index has them
    rows = grouped.order_by(ApplicationRow.procedure, ApplicationRow.state).tuples()
    return [(str(procedure), str(state), int(number)) for procedure, state, number in rows]


def decision_times(since: datetime | None) -> list[DecisionTimes]:
    """Of the applications that were approved since an instant, by procedure."""
    decided = ApplicationRow.decided_at.is_null(is_null=False) & ApplicationRow.submitted_at.is_null(is_null=False)
    if since is not None:
        decided &= ApplicationRow.decided_at >= since
    taken: dict[str, list[timedelta]] = {}
    rows: Any = ApplicationRow.select(
        ApplicationRow.procedure, ApplicationRow.submitted_at, ApplicationRow.decided_at
    ).where(decided)
    for procedure, submitted_at, decided_at in rows.tuples().iterator():  # of all applications there ever were
        taken.setdefault(procedure, []).append(decided_at - submitted_at)
    return [_times(name, sorted(times)) for name, times in sorted(taken.items())]


def _times(procedure: str, times: Sequence[timedelta]) -> DecisionTimes:
    return DecisionTimes(procedure, len(times), _quantile(times, 50), _quantile(times, 90), times[-1])


def _quantile(times: Sequence[timedelta], percent: int) -> timedelta:
    """The nearest-rank quantile of sorted times: the shortest that at least `percent` of 100 do not exceed."""
    return times[-(-len(times) * percent // 100) - 1]


def inquiry_figures(since: datetime | None, today: date) -> InquiryFigures:
    """Of the inquiries that arrived since an instant."""
    rows: Any = InquiryRow.select(
        InquiryRow.state, InquiryRow.received_at, InquiryRow.answered_at, InquiryRow.promised_on
    )
    found = list(rows.where(InquiryRow.received_at >= since) if since is not None else rows)
    states = Counter(InquiryState(row.state) for row in found)
    taken = [row.answered_at - row.received_at for row in found if row.state == InquiryState.ANSWERED.value]
    return InquiryFigures(
        open=states[InquiryState.OPEN],
        late=sum(row.state == InquiryState.OPEN.value and today > row.promised_on for row in found),
        answered=states[InquiryState.ANSWERED],
        closed=states[InquiryState.CLOSED],
        median=_quantile(sorted(taken), 50) if taken else None,
    )


def mails_by_disposition(since: datetime | None) -> list[tuple[str, str, int]]:
    """(disposition, reason, number) of the mails that arrived since an instant; "waiting" for those not done."""
    count: Any = fn.COUNT(InboxRow.id)
    query = InboxRow.select(fn.COALESCE(InboxRow.disposition, "waiting"), InboxRow.reason, count)
    if since is not None:
        query = query.where(InboxRow.received_at >= since)
    rows: Any = query.group_by(InboxRow.disposition, InboxRow.reason).order_by(InboxRow.disposition, InboxRow.reason)
    return [(str(disposition), str(reason), int(number)) for disposition, reason, number in rows.tuples()]
