"""The clock: the only module that reads the time; everything else gets an instant or a `Clock` as an argument.

Instants are aware datetimes in UTC; dates and times in mails and rules are those of Asia/Tokyo.
"""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


class Clock(Protocol):
    """A source of the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def elapsed(self) -> timedelta:
        """The time since a fixed instant, on a monotonic clock: setting the system clock does not change it."""
        ...

    def cpu_time(self) -> timedelta:
        """The CPU time of the calling thread since a fixed instant."""
        ...


class SystemClock:
    """The clocks of the machine: time of day, and monotonic."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic())

    def cpu_time(self) -> timedelta:
        return timedelta(seconds=time.thread_time())


class ManualClock:
    """A clock that is set by the caller, for tests."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)
        self._cpu_time = timedelta()

    def now(self) -> datetime:
        return self._now

    def elapsed(self) -> timedelta:
        return self._now - datetime(1970, 1, 1, tzinfo=UTC)

    def cpu_time(self) -> timedelta:
        return self._cpu_time

    def use_cpu(self, time: timedelta) -> None:
        self._cpu_time += time

    def advance(self, step: timedelta) -> None:
        self._now += step

    def set(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)


def tokyo_date(instant: datetime) -> date:
    """The calendar day of `instant` (aware) in Asia/Tokyo."""
    return instant.astimezone(TOKYO).date()


def tokyo_hour(instant: datetime) -> str:
    """The hour of `instant` (aware) in Asia/Tokyo, as YYYYMMDDHH: the key of what is done once an hour."""
    return f"{instant.astimezone(TOKYO):%Y%m%d%H}"


def tokyo_midnight(day: date) -> datetime:
    """The instant at which `day` begins in Asia/Tokyo, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=TOKYO).astimezone(UTC)


def iso(instant: datetime) -> str:
    """ISO 8601 with the offset of Asia/Tokyo, in seconds; the format of `--json`."""
    return instant.astimezone(TOKYO).isoformat(timespec="seconds")
