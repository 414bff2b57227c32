"""The business days (営業日) of Japan: all days but weekends, public holidays and the days around New Year.

The public holidays (国民の祝日) are those of the package jpholiday; equinoxes more than a year ahead are predictions.
An operator can close or open single days in the configuration (`[calendar]`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import jpholiday

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """Which days are open.

    `year_end`: the first and the last closed day around New Year, each as (month, day); None for none.  `open_days`
    takes precedence over everything else, then `closed_days`.
    """

    closed_days: frozenset[date] = frozenset()
    open_days: frozenset[date] = frozenset()
    year_end: tuple[tuple[int, int], tuple[int, int]] | None = ((12, 29), (1, 3))
    _cache: dict[date, bool] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _holidays(self) -> jpholiday.JPHoliday:
        return jpholiday.JPHoliday()

    def is_open(self, day: date) -> bool:
        """Whether `day` is a business day."""
        known = self._cache.get(day)
        if known is None:
            known = self._cache[day] = self._is_open(day)
        return known

    def _is_open(self, day: date) -> bool:
        if day in self.open_days:
            return True
        if day in self.closed_days or day.weekday() >= 5 or self._in_year_end(day):
            return False
        return not self._holidays.is_holiday(day)

    def _in_year_end(self, day: date) -> bool:
        if self.year_end is None:
            return False
        first, last = self.year_end
        today = (day.month, day.day)
        if first <= last:
            return first <= today <= last
        return today >= first or today <= last

    def next_open(self, day: date) -> date:
        """`day` itself if it is open, else the first open day after it."""
        while not self.is_open(day):
            day += ONE_DAY
        return day

    def add(self, day: date, count: int) -> date:
        """The `count`-th business day after `day` (count ≥ 0; 0 is `day` itself, open or not)."""
        for _ in range(count):
            day = self.next_open(day + ONE_DAY)
        return day

    def nth_from(self, day: date, count: int) -> date:
        """The `count`-th business day from `day` on, `day` counting as the first if it is open."""
        return self.add(self.next_open(day), count - 1)

    def between(self, start: date, end: date) -> int:
        """The number of business days after `start`, up to and including `end`; 0 if end ≤ start."""
        count, day = 0, start
        while day < end:
            day += ONE_DAY
            count += self.is_open(day)
        return count


def make_calendar(
    closed: Iterable[date] = (),
    opened: Iterable[date] = (),
    year_end: tuple[str, str] | None = ("12-29", "01-03"),
) -> Calendar:
    """A calendar from configuration values; `year_end` as two "MM-DD" strings, or None for none.

    Raises ValueError when a string is not a day of the year.
    """
    span = None
    if year_end is not None:
        first, last = (_month_day(text) for text in year_end)
        span = (first, last)
    return Calendar(frozenset(closed), frozenset(opened), span)


def _month_day(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    whole = date(2024, int(month), int(day))  # a leap year, so that 02-29 is valid
    return whole.month, whole.day
