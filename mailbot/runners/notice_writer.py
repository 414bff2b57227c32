"""The write loop: renders queued notices into mails of the outbox, one after the other, in a thread of its own."""

import threading
from collections.abc import Callable

import structlog

from mailbot.clock import Clock
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.errors import Temporary

POLL_SECONDS = 5.0  # between queries when nothing wakes it, and after a failure of the store

log = structlog.get_logger("mailbot.write")


class WriteLoop:
    """A thread that writes the notices that are due.  No exception ends it."""

    def __init__(self, context: DeskContext, clock: Clock, written: Callable[[], None]) -> None:
        """`written` is called after each pass that did something: there may be mails to deliver."""
        self._context = context
        self._clock = clock
        self._written = written
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There may be a notice to write.  Callable from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Write the notices that are due now, then end the thread."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            stopping = self._stop.is_set()
            self._wake.clear()
            self._pass()
            if stopping:
                return
            self._wake.wait(POLL_SECONDS)

    def _pass(self) -> None:
        try:
            if write_due(self._clock.now, self._context):
                self._written()
        except Temporary as error:
            log.warning("store-unavailable", detail=error.detail)
        except Exception:
            log.exception("write-failed")
