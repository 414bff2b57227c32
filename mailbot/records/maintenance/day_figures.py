"""Figures of days for a page that is asked for often: from indexes, of what is open or of some days alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from peewee import fn

from mailbot.clock import tokyo_date, tokyo_midnight
from mailbot.model.application import Application, Step
from mailbot.model.lifecycle import Event
from mailbot.records.applications.rows import applications_of, step_of
from mailbot.records.schema.application_tables import ApplicationRow, StepRow
from mailbot.records.schema.queue_tables import InboxRow


@dataclass(frozen=True)
class DayFigures:
    """`hours`: from the submission to the decision, half took no longer; None without a decision."""

    day: date
    received: int
    decided: int
    mails: int
    hours: float | None


def of_days(days: Sequence[date], since: datetime) -> tuple[list[DayFigures], timedelta | None]:
    """The figures of each day (Asia/Tokyo), in the caller's `Store.reading`.

    And the median of the times from the submission to the approval, of the approvals since `since`, an instant after
    the first of the days has begun; None without one.
    """
    taken = _taken(tokyo_midnight(days[0]))
    found = []
    for one in days:
        begin, end = tokyo_midnight(one), tokyo_midnight(one + timedelta(days=1))
        hours = [time.total_seconds() / 3600 for at, time in taken if tokyo_date(at) == one]
        found.append(
            DayFigures(
                day=one,
                received=_count(ApplicationRow.submitted_at, begin, end),
                decided=len(hours),
                mails=_count(InboxRow.received_at, begin, end),
                hours=median(hours) if hours else None,
            )
        )
    latest = [time.total_seconds() for at, time in taken if at >= since]
    return found, timedelta(seconds=median(latest)) if latest else None


def latest_steps(since: datetime, most: int = 20) -> list[tuple[Application, Step]]:
    """The latest steps since an instant that are no looks, the newest first."""
    rows = StepRow.select(StepRow, ApplicationRow).join(ApplicationRow).order_by(StepRow.id.desc()).limit(most)
    some = [row for row in rows if row.at >= since and row.event != Event.LOOK.value]
    some = [row for row in some if row.application.receipt]
    return list(zip(applications_of(row.application for row in some), map(step_of, some), strict=True))


def _taken(since: datetime) -> list[tuple[datetime, timedelta]]:
    """(decision, time that it took) of each approval since an instant."""
    columns = (ApplicationRow.submitted_at, ApplicationRow.decided_at)
    rows: Any = ApplicationRow.select(*columns).where(ApplicationRow.decided_at >= since)
    return [(row.decided_at, row.decided_at - row.submitted_at) for row in rows if row.submitted_at]


def _count(column: Any, begin: datetime, end: datetime) -> int:
    return int(column.model.select(fn.COUNT(1)).where((column >= begin) & (column < end)).scalar())
