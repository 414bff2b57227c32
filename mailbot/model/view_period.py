"""View periods (パスワード参照期間): the days on which an issued password can be displayed (domain, «View period»)."""

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
        """Whether `day` is within the period."""
        return self.first <= day <= self.last


def after_notice(sent: date, calendar: Calendar) -> ViewPeriod:
    """Procedure 1: from the day the 確認完了 notice is sent to the 3rd business day, counting that day (S1)."""
    return ViewPeriod(sent, calendar.nth_from(sent, VIEW_BUSINESS_DAYS))


def extend(period: ViewPeriod, delivered: date, calendar: Calendar) -> ViewPeriod:
    """`period`, extended to at least three business days from the day on which its notice was delivered."""
    return ViewPeriod(period.first, max(period.last, calendar.nth_from(delivered, VIEW_BUSINESS_DAYS)))


def around_start(review_ended: date, start: date, calendar: Calendar) -> ViewPeriod:
    """Procedures 3 and 4: from the end of the review to the start day + 2 business days (S4: 12/2, 12/10 → 12/12)."""
    return ViewPeriod(review_ended, calendar.nth_from(start, VIEW_BUSINESS_DAYS))
