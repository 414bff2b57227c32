"""利用開始日: from the day that was wished to the day that is confirmed (domain, «Schedule of 利用開始日»)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from mailbot.business_days import Calendar

LEAD_BUSINESS_DAYS = 5  # without a table: at least so far away
_WEEKDAYS = (1, 3)  # … and a Tuesday or a Thursday


@dataclass(frozen=True, order=True)
class ScheduleDay:
    """One row of the table: システム登録日, and the 申込締切日 up to which it can still be had."""

    start: date
    deadline: date


@dataclass(frozen=True)
class StartDays:
    """The table of system-registration days, and what holds where there is none."""

    calendar: Calendar
    table: tuple[ScheduleDay, ...] = field(default=())  # in order

    def confirmed(self, wish: date, today: date) -> date:
        """The wish if it is on the table and its deadline is not past, else the next day that is.

        Where the table has no such day (or there is no table): the next Tuesday or Thursday, a business day, that is
        at least five business days away and not before the wish.
        """
        days = sorted(day.start for day in self.table if day.deadline >= today and day.start > today)
        return next((day for day in days if day >= wish), None) or self._by_rule(max([wish, *days[-1:]]), today)

    def _by_rule(self, wish: date, today: date) -> date:
        day = max(wish, self.calendar.add(today, LEAD_BUSINESS_DAYS))
        while day.weekday() not in _WEEKDAYS or not self.calendar.is_open(day):
            day += timedelta(days=1)
        return day


def start_days(calendar: Calendar, table: Iterable[ScheduleDay] = ()) -> StartDays:
    """The table in order."""
    return StartDays(calendar, tuple(sorted(table)))
