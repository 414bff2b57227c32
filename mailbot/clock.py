"""Time is passed in.  This is the only file that reads it.

All instants are aware datetimes in UTC; people and rules live in Asia/Tokyo.
"""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def elapsed(self) -> timedelta:
        """Since some instant; goes on evenly, whatever is done to the time of day."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic())


class ManualClock:
    """A clock set by hand, for tests and for `demo`."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def elapsed(self) -> timedelta:
        return self._now - datetime(1970, 1, 1, tzinfo=UTC)

    def advance(self, step: timedelta) -> None:
        self._now += step

    def set(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)


def tokyo_date(instant: datetime) -> date:
    """The calendar day of `instant` (aware) in Asia/Tokyo."""
    return instant.astimezone(TOKYO).date()


def tokyo_midnight(day: date) -> datetime:
    """The instant at which `day` begins in Asia/Tokyo, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=TOKYO).astimezone(UTC)


def iso(instant: datetime) -> str:
    """ISO 8601 with the Tokyo offset, to the second: what `--json` prints."""
    return instant.astimezone(TOKYO).isoformat(timespec="seconds")
