"""利用開始日: the confirmed start day for a wished one (domain, «Schedule of 利用開始日»)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from mailbot.business_days import Calendar

LEAD_BUSINESS_DAYS = 5  # without a schedule: the least distance from today
_WEEKDAYS = (1, 3)  # without a schedule: Tuesday, Thursday


@dataclass(frozen=True, order=True)
class ScheduleDay:
    """One row of the schedule: システム登録日, and its 申込締切日, the last day of application."""

    start: date
    deadline: date


@dataclass(frozen=True)
class StartDays:
    """The schedule of システム登録日, with a rule for days beyond its end.  `table` is sorted."""

    calendar: Calendar
    table: tuple[ScheduleDay, ...] = field(default=())  # in order

    def possible(self, today: date) -> tuple[ScheduleDay, ...]:
        """The days of the schedule that an approval of `today` can confirm, in order."""
        return tuple(sorted(day for day in self.table if day.deadline >= today and day.start > today))

    def confirmed(self, wish: date, today: date) -> date:
        """The first day of the schedule that is not before `wish` and whose deadline is not past.

        When the schedule has no such day: the first Tuesday or Thursday that is a business day, at least
        LEAD_BUSINESS_DAYS business days away, and not before the wish.
        """
        days = [day.start for day in self.possible(today)]
        return next((day for day in days if day >= wish), None) or self._by_rule(max([wish, *days[-1:]]), today)

    def _by_rule(self, wish: date, today: date) -> date:
        day = max(wish, self.calendar.add(today, LEAD_BUSINESS_DAYS))
        while day.weekday() not in _WEEKDAYS or not self.calendar.is_open(day):
            day += timedelta(days=1)
        return day


def start_days(calendar: Calendar, table: Iterable[ScheduleDay] = ()) -> StartDays:
    """StartDays with the rows of the schedule sorted."""
    return StartDays(calendar, tuple(sorted(table)))
