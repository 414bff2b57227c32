"""A clock that jumps lapses nothing and erases nothing (T-96)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.desk.calendar.clock_check import ClockCheck, is_credible
from mailbot.desk.website import login
from mailbot.desk.website.attempts import Client
from mailbot.desk.website.login import LoggedIn
from mailbot.model.lifecycle import State
from mailbot.records.maintenance import clock_mark
from mailbot.records.queues import outbox
from mailbot.records.schema.queue_tables import OutboxRow
from mailbot.records.secrets import logins
from mailbot.runners.scheduler import Scheduler
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import mail

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


BACK = pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=1), timedelta(hours=23, minutes=59)])
RESTART = pytest.mark.parametrize("restarts", [False, True], ids=["running", "restarted"])


@BACK
@RESTART
def test_a_clock_that_is_set_back_brings_nothing_to_life(
    desk: DeskUnderTest, taro: Person, ichiro: Person, back: timedelta, restarts: bool
) -> None:
    """T-46, T-96: no token, no session, no link; and no notice waits for the lost time."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    taro.forgets()
    days, page = desk.context.settings.reply_token_days, Client("203.0.113.5")
    clock = JumpingClock(desk.clock.now() + timedelta(days=days - 1))
    assert ClockCheck(clock).is_credible_now(desk.context)
    found = login.log_in("NAC001", "sample-NAC001", page, clock.now(), desk.context)
    assert isinstance(found, LoggedIn)
    with desk.store.transaction():
        logins.add_link("link", "NAC001", clock.now(), clock.now() + timedelta(minutes=30))
    scheduler = Scheduler(desk.context, clock, lambda: None)
    scheduler._run_due_tasks()
    clock.passes(timedelta(days=1, seconds=1))
    scheduler._run_due_tasks()
    ichiro.forgets()
    clock.day -= back
    scheduler = Scheduler(desk.context, clock, lambda: None) if restarts else scheduler
    scheduler._run_due_tasks()
    desk.clock.set(clock.now())
    with desk.store.reading():
        assert logins.find(found.session_id, clock.now()) is None and not logins.link_works("link", clock.now())
    assert ichiro.replies(request, "承認\n").reason == "reply-expired"
    ichiro.gets("answer")


def _waiting(desk: DeskUnderTest, number: int, until: datetime) -> int:
    """A notice that is delivered from then on; its number."""
    with desk.store.transaction():
        made = mail(number)
        row = OutboxRow.create(
            created_at=NOW, message_id=made.message_id, kind=made.kind.value, role=made.role.value,
            recipient=f"{number}@a.jp", recipient_key=f"{number}@a.jp", envelope_sender=made.envelope_sender,
            content=made.raw, subject=made.subject, text=made.text, state="waiting", next_attempt_at=until,
        )  # fmt: skip
    return int(row.id)


@BACK
@RESTART
def test_queues_go_on_when_the_clock_is_set_back(desk: DeskUnderTest, back: timedelta, restarts: bool) -> None:
    """T-96: what was due is due, and what was to be tried in five minutes is tried in five minutes."""
    clock, soon = JumpingClock(desk.clock.now()), timedelta(minutes=5)
    scheduler = Scheduler(desk.context, clock, lambda: None)
    scheduler._run_due_tasks()
    due, later = (_waiting(desk, number, at) for number, at in enumerate((clock.now(), clock.now() + soon)))
    clock.day -= back
    scheduler = Scheduler(desk.context, clock, lambda: None) if restarts else scheduler
    scheduler._run_due_tasks()
    assert [one.id for one in outbox.claim(desk.store, clock.now(), 10)] == [due]
    clock.passes(soon)
    assert [one.id for one in outbox.claim(desk.store, clock.now(), 10)] == [later]


def test_the_scheduler_goes_on_when_the_clock_is_set_back(desk: DeskUnderTest) -> None:
    """T-96: the library of the scheduler goes by the clock: a day back, it ran nothing for a day."""
    runs = threading.Semaphore(0)
    clock = JumpingClock(desk.clock.now())
    scheduler = Scheduler(desk.context, clock, lambda: None)
    scheduler._jobs.every(60).seconds.do(runs.release)
    scheduler.start()
    try:
        assert runs.acquire(timeout=30)
        clock.day -= timedelta(hours=20)
        assert runs.acquire(timeout=30)
    finally:
        scheduler.stop()
