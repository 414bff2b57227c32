"""Today: whether anything is wrong.  Who waits longest, eight figures that lead to lists, 14 days, the last hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mailbot.business_days import ONE_DAY
from mailbot.clock import tokyo_date, tokyo_midnight
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.pages.asked import Answer, Asked, Page
from mailbot.desk.pages.queue_pages import categories_of, late_before
from mailbot.desk.review.review_requests import waited
from mailbot.model.application import Step
from mailbot.notices.view import CaseView, view
from mailbot.records.applications import review_queue
from mailbot.records.applications.review_queue import Waiting, Wanted
from mailbot.records.inquiries import inquiries
from mailbot.records.maintenance import day_figures
from mailbot.records.maintenance.day_figures import DayFigures
from mailbot.records.queues import quarantined, retries
from mailbot.records.queues.retries import Undone

DAYS = 14
_WIDTH, _HEIGHT = 308, 70  # of a plot: `web/desk/today.j2` draws with them
_MEDIAN_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class Bar:
    """A bar of a plot, in the units of its `viewBox`."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Plot:
    """Bars of each day: of one series, or of two beside each other; `top`: the value at the height of the plot."""

    first: tuple[Bar, ...]
    second: tuple[Bar, ...]
    top: float


@dataclass(frozen=True)
class Sums:
    """Of some days."""

    received: int
    decided: int
    mails: int


@dataclass(frozen=True)
class TodayPage:
    """The figures; `late_case`: who waits longest beyond the promise, with the business days; `week`: since Monday."""

    today: date
    is_open: bool
    waiting: int
    mine: int
    late: int
    due_today: int
    nobody: int
    inquiries: int
    inquiries_due: int
    quarantined: int
    failed: int
    retrying: int
    late_case: CaseView | None
    late_days: int
    median: timedelta | None
    days: tuple[DayFigures, ...]
    week: Sums
    applications: Plot
    hours: Plot
    mails: Plot
    latest: tuple[tuple[CaseView, Step], ...]


def today(asked: Asked, context: DeskContext) -> Answer:
    with context.store.reading():
        return Page("today", _today(asked, context))


def _today(asked: Asked, context: DeskContext) -> TodayPage:
    now, day = asked.now, tokyo_date(asked.now)
    late_from = late_before(day, context)
    procedures = categories_of(asked.login, context)

    def wanted(which: Waiting) -> Wanted:
        return Wanted(which, asked.login.email, late_from, procedures)

    first = review_queue.first_of(wanted(Waiting.LATE))
    last_days = [day - ONE_DAY * back for back in reversed(range(DAYS))]
    days, median = day_figures.of_days(last_days, tokyo_midnight(day) - _MEDIAN_DAYS)
    end = late_before(day, context, context.settings.reminder_business_days - 1)
    steps = day_figures.latest_steps(now - timedelta(hours=1))
    return TodayPage(
        today=day,
        is_open=context.calendar.is_open(day),
        waiting=review_queue.count(wanted(Waiting.ALL)),
        mine=review_queue.count(wanted(Waiting.MINE)),
        late=review_queue.count(wanted(Waiting.LATE)),
        due_today=review_queue.due_until(wanted(Waiting.ALL), end),
        nobody=review_queue.count(wanted(Waiting.NOBODY)),
        inquiries=inquiries.count_open(),
        inquiries_due=inquiries.count_open(day + ONE_DAY),
        quarantined=quarantined.count(),
        failed=retries.count(Undone.FAILED),
        retrying=retries.count(Undone.AGAIN),
        late_case=view(case_of(first, context), asked.language) if first is not None else None,
        late_days=waited(first, now, context) if first is not None else 0,
        median=median,
        days=tuple(days),
        week=_sums([one for one in days if one.day > day - ONE_DAY * (day.weekday() + 1)]),
        applications=plot([one.received for one in days], [one.decided for one in days]),
        hours=plot([one.hours or 0 for one in days]),
        mails=plot([one.mails for one in days]),
        latest=tuple((view(case_of(application, context), asked.language), step) for application, step in steps),
    )


def _sums(days: Sequence[DayFigures]) -> Sums:
    return Sums(sum(one.received for one in days), sum(one.decided for one in days), sum(one.mails for one in days))


def plot(first: Sequence[float], second: Sequence[float] = ()) -> Plot:
    """The bars of `first`, and beside each that of `second`."""
    top = max([*first, *second, 1])
    slot = _WIDTH / len(first)
    width = (slot - 4) / (2 if second else 1)

    def bars(values: Sequence[float], shift: float) -> tuple[Bar, ...]:
        heights = [round(value / top * _HEIGHT, 1) for value in values]
        return tuple(
            Bar(round(index * slot + 2 + shift, 1), round(80 - height, 1), round(width, 1), height)
            for index, height in enumerate(heights)
        )

    return Plot(bars(first, 0), bars(second, width), top)
