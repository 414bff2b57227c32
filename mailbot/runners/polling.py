"""A thread that polls a queue, and can be woken before the next poll is due."""

import threading
import time
from abc import ABC, abstractmethod

from mailbot.errors import MailbotError
from mailbot.logs import get_logger
from mailbot.records.database import Store

POLL_SECONDS = 5.0  # between polls when nothing wakes the thread, and after a failure of the store
# What a power loss may undo, and is done again, is this old at most, and a poll.  A flush keeps the 250 of the mails
# waiting that arrive meanwhile: at 2 seconds it doubled their p99.
FLUSH_SECONDS = 10.0

log = get_logger("mailbot.polling")


def flush_after_work(store: Store) -> None:
    """Make durable what was committed FLUSH_SECONDS ago: after the work, as nobody waits for it, and after one that has
    failed, too."""
    try:
        store.flush_after(FLUSH_SECONDS)
    except MailbotError as error:  # it is tried again after the next poll
        log.warning("not-flushed", detail=error.detail)


class PollingThread(ABC):
    """The thread.  A subclass says in `poll` what is done each time."""

    def __init__(self, name: str, *, polls_when_stopped: bool = False) -> None:
        """`polls_when_stopped`: whether `stop` lets it poll once more, for what is due by then."""
        self._polls_when_stopped = polls_when_stopped
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._moved_at = time.monotonic()
        self.waits = False  # for a wake or the next poll
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def poll(self) -> bool:
        """Do what is due; True to be called again at once.  Must not raise: an exception would end the thread."""

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do.  Callable from any thread."""
        self._wake.set()

    def moved(self) -> None:
        """The thread works: called before each poll; a poll that takes long calls it after each part."""
        self._moved_at = time.monotonic()

    def still_seconds(self) -> float:
        """The time since the thread has last moved; more than POLL_SECONDS while it is in one poll."""
        return time.monotonic() - self._moved_at

    def stop(self) -> None:
        """Finish the current poll and end the thread."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def pause(self) -> None:
        """Wait for POLL_SECONDS, whatever wakes the thread, or until `stop`."""
        self._stop.wait(POLL_SECONDS)

    def _run(self) -> None:
        self._wake.clear()
        while not self._stop.is_set():  # asked after `clear`, which may have cleared the wake of `stop`
            self.moved()
            if not self.poll():
                self.moved()
                self.waits = True
                self._wake.wait(POLL_SECONDS)
                self.waits = False
            self._wake.clear()
        if self._polls_when_stopped:
            self.poll()
