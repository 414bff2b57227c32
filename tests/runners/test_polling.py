"""Tests of runners.polling."""

import threading

import pytest

from mailbot.runners.polling import PollingThread


class Counting(PollingThread):
    """Counts its polls; those of `busy` ask to be called again at once."""

    def __init__(self, *, busy: int = 0, polls_when_stopped: bool = False) -> None:
        super().__init__("counting", polls_when_stopped=polls_when_stopped)
        self.busy = busy
        self.polls = 0
        self.polled = threading.Semaphore(0)

    def poll(self) -> bool:
        self.polls += 1
        self.polled.release()
        return self.polls <= self.busy


@pytest.mark.parametrize(("polls_when_stopped", "polls"), [(False, 4), (True, 5)])
def test_it_polls_while_busy_and_when_woken(polls_when_stopped: bool, polls: int) -> None:
    thread = Counting(busy=2, polls_when_stopped=polls_when_stopped)
    thread.start()
    for _ in range(3):
        assert thread.polled.acquire(timeout=30)
    thread.wake()
    assert thread.polled.acquire(timeout=30)
    thread.stop()
    assert thread.polls == polls


class StoppedBeforeClear(threading.Event):
    """`stop` has been called just before the first `clear`, which loses its wake."""

    def __init__(self, thread: Counting) -> None:
        super().__init__()
        self.thread = thread

    def clear(self) -> None:
        self.thread._stop.set()
        super().clear()


@pytest.mark.parametrize("polls_when_stopped", [False, True])
def test_a_stop_whose_wake_was_cleared_is_seen_before_the_next_poll(polls_when_stopped: bool) -> None:
    thread = Counting(polls_when_stopped=polls_when_stopped)
    thread._wake = StoppedBeforeClear(thread)
    thread._run()
    assert thread.polls == polls_when_stopped
