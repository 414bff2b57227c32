"""The scheduler: runs the tasks that are due by the calendar (`desk.calendar.deadlines`) once a minute."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import schedule

from mailbot.clock import Clock
from mailbot.desk.calendar import deadlines
from mailbot.desk.calendar.clock_check import NOTICED_STEP, ClockCheck
from mailbot.desk.context import DeskContext
from mailbot.errors import Temporary
from mailbot.logs import get_logger

INTERVAL_SECONDS = 60

log = get_logger("mailbot.scheduler")


class Scheduler:
    """A thread that runs the due tasks once a minute, and at the start those of the time when the desk was off.

    Of several processes only one, the leader, runs them.
    """

    def __init__(self, context: DeskContext, clock: Clock, done: Callable[[], None]) -> None:
        """`done` is called after a run that did something: there may be notices to write."""
        self._done = done
        self._context = context
        self._clock = clock
        self._clock_check = ClockCheck(clock)
        self._jobs = schedule.Scheduler()
        self._jobs.every(INTERVAL_SECONDS).seconds.do(self._run_due_tasks)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        ahead = self._ahead()
        self._jobs.run_all()
        while not self._stop.wait(1.0):
            before, ahead = ahead, self._ahead()
            if ahead < before - NOTICED_STEP:
                self._jobs.run_all()  # `schedule` goes by the clock: it would wait for the lost time
            self._jobs.run_pending()

    def _ahead(self) -> timedelta:
        """How far the clock is ahead of the monotonic one, which nobody sets."""
        return self._clock.now() - datetime.min.replace(tzinfo=UTC) - self._clock.elapsed()

    def _run_due_tasks(self) -> None:
        # An exception must not escape: `schedule` would leave the job due, and call it again every second.
        try:
            if not (self._context.store.is_leader("calendar") and self._clock_check.is_credible_now(self._context)):
                return
            done = deadlines.run_due_tasks(self._clock.now(), self._context)
        except Temporary as error:  # of the store: in a minute again
            log.warning("store-unavailable", detail=error.detail)
            return
        except Exception:
            log.exception("due-tasks-failed")
            return
        if done:
            log.info("due-tasks-run", done=done)
            self._done()
