"""パスワード参照期間: from when to when an issued password can be looked at (domain, «View period»)."""

from dataclasses import dataclass
from datetime import date

from mailbot.business_days import Calendar

VIEW_BUSINESS_DAYS = 3


@dataclass(frozen=True)
class ViewPeriod:
    """First and last day in Asia/Tokyo, both inclusive."""

    first: date
    last: date

    def contains(self, day: date) -> bool:
        return self.first <= day <= self.last


def after_notice(sent: date, calendar: Calendar) -> ViewPeriod:
    """Procedure 1: from the day the 確認完了 notice is sent to the 3rd business day, that day included (S1)."""
    return ViewPeriod(sent, calendar.nth_from(sent, VIEW_BUSINESS_DAYS))


def extend(period: ViewPeriod, told: date, calendar: Calendar) -> ViewPeriod:
    """`period`, when people were told on the day `told` only: they have three business days from then on."""
    return ViewPeriod(period.first, max(period.last, calendar.nth_from(told, VIEW_BUSINESS_DAYS)))


def around_start(review_ended: date, start: date, calendar: Calendar) -> ViewPeriod:
    """Procedures 3 and 4: from the end of the review to the start day + 2 business days (S4: 12/2, 12/10 → 12/12)."""
    return ViewPeriod(review_ended, calendar.nth_from(start, VIEW_BUSINESS_DAYS))
