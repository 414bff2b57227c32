"""Whether the clock can be believed.  After a jump nothing lapses, starts, is erased (T-96).

While the desk runs, the clock must go as the machine's monotonic one does; one that is set back by a day or less is
followed (`clock_step`).  Over a time in which the desk was off, it may have gone on by a month.  An operator who knows
that the clock is right runs `mailbot clock accept`.
"""

from datetime import datetime, timedelta

from mailbot.clock import Clock, iso
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.alerts import alert_once
from mailbot.logs import get_logger
from mailbot.records.maintenance import clock_mark, clock_step

LARGEST_STEP = timedelta(days=1)
LONGEST_OFF = timedelta(days=31)
NOTICED_STEP = timedelta(seconds=30)  # a smaller step back is a clock that is being adjusted

log = get_logger("mailbot.clock")


def is_credible(now: datetime, expected: datetime, *, was_off: bool) -> bool:
    """Whether the clock may say `now` when it should say `expected`, or later if the desk was off."""
    step = now - expected
    return -LARGEST_STEP <= step <= (LONGEST_OFF if was_off else LARGEST_STEP)


class ClockCheck:
    """Checks the clock at every run of the scheduler."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mark: datetime | None = None  # as it was stored at the last run
        self._elapsed = timedelta()  # on the monotonic clock, then

    def is_credible_now(self, context: DeskContext) -> bool:
        """Whether the clock is credible now; if not, the operators are alerted, once for each jump."""
        now, elapsed = self._clock.now(), self._clock.elapsed()
        with context.store.transaction():
            mark = clock_mark.last()
            was_off = mark != self._mark or mark is None  # this process has not watched since that mark
            expected = (mark or now) + (timedelta() if was_off else elapsed - self._elapsed)
            if not is_credible(now, expected, was_off=was_off):
                self._report(now, expected, context)
                return False
            if now < expected - NOTICED_STEP:
                log.warning("clock-set-back", says=str(now), expected=str(expected))
                clock_step.follow_back(now, expected)
            clock_mark.record(now)
        self._mark, self._elapsed = now, elapsed
        return True

    def _report(self, now: datetime, expected: datetime, context: DeskContext) -> None:
        log.error("clock-in-doubt", says=str(now), expected=str(expected))
        key, params = f"clock:{self._mark or expected}:{now:%Y%m%d}", {"read": [iso(expected), iso(now)]}
        alert_once(key, "clock_in_doubt", now, context, params=params)
