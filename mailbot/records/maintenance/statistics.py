"""Figures about applications, inquiries and mails, in the caller's `Store.reading`."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import SQL, fn

from mailbot.model.inquiry import InquiryState
from mailbot.records.schema.application_tables import ApplicationRow
from mailbot.records.schema.inquiry_tables import InquiryRow
from mailbot.records.schema.queue_tables import InboxRow

_MICROSECOND = timedelta(microseconds=1)


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
    taken: dict[str, array[int]] = {}  # microseconds
    rows: Any = ApplicationRow.select(
        ApplicationRow.procedure, ApplicationRow.submitted_at, ApplicationRow.decided_at
    ).where(decided)
    for procedure, submitted_at, decided_at in rows.tuples().iterator():  # of all applications there ever were
        taken.setdefault(procedure, array("q")).append((decided_at - submitted_at) // _MICROSECOND)
    return [_times(name, sorted(times)) for name, times in sorted(taken.items())]


def _times(procedure: str, times: Sequence[int]) -> DecisionTimes:
    return DecisionTimes(procedure, len(times), _quantile(times, 50), _quantile(times, 90), times[-1] * _MICROSECOND)


def _quantile(times: Sequence[int], percent: int) -> timedelta:
    """The nearest-rank quantile of sorted times: the shortest that at least `percent` of 100 do not exceed."""
    return times[-(-len(times) * percent // 100) - 1] * _MICROSECOND


def inquiry_figures(since: datetime | None, today: date) -> InquiryFigures:
    """Of the inquiries that arrived since an instant."""
    rows: Any = InquiryRow.select(
        InquiryRow.state, InquiryRow.received_at, InquiryRow.answered_at, InquiryRow.promised_on
    )
    states, late, taken = Counter[str](), 0, array("q")
    found = rows.where(InquiryRow.received_at >= since) if since is not None else rows
    for state, received_at, answered_at, promised_on in found.tuples().iterator():  # of all that there ever were
        states[state] += 1
        late += state == InquiryState.OPEN.value and today > promised_on
        if state == InquiryState.ANSWERED.value:
            taken.append((answered_at - received_at) // _MICROSECOND)
    return InquiryFigures(
        open=states[InquiryState.OPEN.value],
        late=late,
        answered=states[InquiryState.ANSWERED.value],
        closed=states[InquiryState.CLOSED.value],
        median=_quantile(sorted(taken), 50) if taken else None,
    )


def mails_by_disposition(since: datetime | None) -> list[tuple[str, str, int]]:
    """(disposition, reason, number) of the mails that arrived since an instant; "waiting" for those not done."""
    count: Any = fn.COUNT(InboxRow.id)
    disposition = fn.COALESCE(InboxRow.disposition, SQL("'waiting'"))
    query = InboxRow.select(disposition, InboxRow.reason, count)
    groups: tuple[Any, ...] = (InboxRow.disposition, InboxRow.reason)  # as the index has them
    if since is not None:
        query = query.where(InboxRow.received_at >= since)
        groups = (disposition, InboxRow.reason)  # not by that index: by time
    rows: Any = query.group_by(*groups).order_by(*groups)
    return [(str(name), str(reason), int(number)) for name, reason, number in rows.tuples()]
