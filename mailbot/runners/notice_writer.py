"""The write loop: renders queued notices into mails of the outbox, one after the other, in a thread of its own."""

from collections.abc import Callable
from datetime import datetime

from mailbot.clock import Clock
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.write_notices import NoticeAhead, write_due
from mailbot.errors import Temporary
from mailbot.logs import get_logger
from mailbot.records.queues.unwritten import UnwrittenNotice
from mailbot.runners.polling import PollingThread, flush_after_work

log = get_logger("mailbot.write")


class WriteLoop(PollingThread):
    """A thread that writes the notices that are due, once more when it is stopped.  No exception ends it."""

    def __init__(self, context: DeskContext, clock: Clock, written: Callable[[], None]) -> None:
        """`written` is called after each commit: there may be mails to deliver."""
        super().__init__("writer", polls_when_stopped=True)
        self._context = context
        self._clock = clock
        self._written = written
        self._ahead = NoticeAhead(context)

    def announce(self, notice: UnwrittenNotice) -> None:
        """A notice that may be due soon, when its decision is committed.  Callable from any thread."""
        self._ahead.announce(notice)
        self.wake()

    def poll(self) -> bool:
        """Write all notices that are due; returns False."""
        try:
            self._ahead.write()
            write_due(self._now, self._context, self._written, self._ahead)
        except Temporary as error:
            log.warning("store-unavailable", detail=error.detail)
        except Exception:
            log.exception("write-failed")
        flush_after_work(self._context.store)
        return False

    def _now(self) -> datetime:
        """The time, asked for each notice: many of them are one poll."""
        self.moved()
        return self._clock.now()
