"""A clock that jumps lapses nothing and erases nothing (T-96)."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbot.desk.calendar.clock_check import ClockCheck, is_credible
from mailbot.model.lifecycle import State
from mailbot.records.maintenance import clock_mark
from mailbot.records.queues import outbox
from mailbot.runners.scheduler import Scheduler
from tests.testkit.desk import FORM, DeskUnderTest, Person

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)


class JumpingClock:
    """The time of day, and the machine's own seconds beside it."""

    def __init__(self, now: datetime) -> None:
        self.day, self.seconds = now, 1000.0

    def now(self) -> datetime:
        return self.day

    def elapsed(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def cpu_time(self) -> timedelta:
        return timedelta()

    def passes(self, step: timedelta) -> None:
        self.day += step
        self.seconds += step.total_seconds()


@pytest.mark.parametrize(
    ("step", "running", "off"),
    [
        (timedelta(), True, True),
        (timedelta(seconds=1), True, True),
        (timedelta(seconds=-1), True, True),
        (timedelta(days=1), True, True),
        (timedelta(days=-1), True, True),
        (timedelta(days=1, seconds=1), False, True),
        (timedelta(days=31), False, True),
        (timedelta(days=32), False, False),
        (timedelta(days=-1, seconds=-1), False, False),
        (timedelta(days=3650), False, False),
        (timedelta(days=-3650), False, False),
    ],
)
def test_what_is_credible(step: timedelta, running: bool, off: bool) -> None:
    assert is_credible(NOW + step, NOW, was_off=False) is running
    assert is_credible(NOW + step, NOW, was_off=True) is off


def alerts(desk: DeskUnderTest) -> int:
    return sum(item.mail.kind.value == "alert" for item in outbox.listing())


@pytest.mark.parametrize("jump", [timedelta(days=2), timedelta(days=-2), timedelta(days=3650), timedelta(days=-3650)])
def test_after_a_jump_nothing_is_done_until_it_is_set_right(
    desk: DeskUnderTest, taro: Person, ichiro: Person, jump: timedelta
) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    ichiro.replies(ichiro.gets("review-request"), "修正\n理由をお知らせください。")
    clock = JumpingClock(desk.clock.now())
    scheduler = Scheduler(desk.context, clock, lambda: None)
    scheduler._run_due_tasks()
    before = alerts(desk)
    clock.day += jump
    for _ in range(3):
        scheduler._run_due_tasks()
        clock.passes(timedelta(minutes=1))
    assert alerts(desk) == before + 1
    assert desk.application(receipt).state is State.NEEDS_CONFIRMATION
    clock.day -= jump
    assert ClockCheck(clock).is_credible_now(desk.context)
    scheduler._run_due_tasks()
    assert alerts(desk) == before + 1


def test_an_operator_who_knows_better(desk: DeskUnderTest) -> None:
    clock = JumpingClock(NOW)
    watch = ClockCheck(clock)
    assert watch.is_credible_now(desk.context)
    clock.day += timedelta(days=40)
    assert not watch.is_credible_now(desk.context)
    with desk.store.transaction():
        clock_mark.record(clock.now())  # what `mailbot clock accept` does
    assert watch.is_credible_now(desk.context)
    clock.passes(timedelta(days=5))
    assert watch.is_credible_now(desk.context)


def test_a_restart_after_a_long_time(desk: DeskUnderTest) -> None:
    clock = JumpingClock(NOW)
    assert ClockCheck(clock).is_credible_now(desk.context)
    clock.day += timedelta(days=30)  # off over a month
    assert ClockCheck(clock).is_credible_now(desk.context)
    clock.day += timedelta(days=366)  # off for a year, or a dead battery
    assert not ClockCheck(clock).is_credible_now(desk.context)
    assert alerts(desk) == 1


def test_a_suspended_machine_is_not_a_jump_of_less_than_a_day(desk: DeskUnderTest) -> None:
    """The monotonic clock may stand still while the machine sleeps."""
    clock = JumpingClock(NOW)
    watch = ClockCheck(clock)
    assert watch.is_credible_now(desk.context)
    clock.day += timedelta(hours=20)
    assert watch.is_credible_now(desk.context)
