"""The stages of a mail from authentication to writing, with the scheduler: threads of one process, or in two parts."""

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from mailbot.clock import Clock
from mailbot.desk.context import DeskContext
from mailbot.model.queued_mail import InboxItem
from mailbot.records.queues.unwritten import UnwrittenNotice
from mailbot.runners.authentication import AuthenticationLoop
from mailbot.runners.notice_writer import WriteLoop
from mailbot.runners.scheduler import Scheduler
from mailbot.runners.worker import Exceeded, Handled, Worker, not_counted
from mailbot.runners.worker_process import WorkerState


class _QueuedNotices(threading.local):
    """Whether this thread has queued notices that were not handed on yet: most of a stranger's mails cause none, and
    the process that writes is not woken for them."""

    waiting = False

    def noting(self, announce: Callable[[UnwrittenNotice], None]) -> Callable[[UnwrittenNotice], None]:
        """`announce` (of a `DeskContext`), which is called whenever notices are queued."""

        def note(notice: UnwrittenNotice) -> None:
            self.waiting = True
            announce(notice)

        return note

    def handing_on(self, handed_on: Callable[[], None]) -> Callable[[], None]:
        """`handed_on`, called after a commit; only if there is something."""

        def hand_on() -> None:
            if self.waiting:
                self.waiting = False
                handed_on()

        return hand_on


class DecidingStages:
    """The worker and the scheduler, as threads of this process."""

    def __init__(
        self,
        context: DeskContext,
        clock: Clock,
        handed_on: Callable[[], None],
        around: Callable[[InboxItem], AbstractContextManager[object]] = nullcontext,
        exceeded: Exceeded | None = None,
        count: Callable[[Handled], None] = not_counted,
    ) -> None:
        """`handed_on` is called when there may be notices to write; `around`, `exceeded` and `count`: see `Worker`."""
        queued = _QueuedNotices()
        context, handed_on = replace(context, announce=queued.noting(context.announce)), queued.handing_on(handed_on)
        self._worker = Worker(context, clock, handed_on, around, exceeded, count)
        self._scheduler = Scheduler(context, clock, handed_on)

    def start(self) -> None:
        self._worker.start()
        self._scheduler.start()

    def wake(self) -> None:
        """There may be a received mail, or one that is authenticated by now."""
        self._worker.wake()

    def still_seconds(self) -> float:
        """The time since the worker has moved."""
        return self._worker.still_seconds()

    def stop(self) -> None:
        self._worker.stop()
        self._scheduler.stop()


class WritingStages:
    """The authentication of senders, and the writing of notices, as threads of this process."""

    def __init__(
        self, context: DeskContext, clock: Clock, authenticated: Callable[[], None], written: Callable[[], None]
    ) -> None:
        """`authenticated` is called when there may be mails to handle, `written` when there may be mails to deliver."""
        self._authenticated = authenticated
        self._authenticates = context.settings.proof_required
        self._authentication = AuthenticationLoop(context, clock, self._ready)
        self._writer = WriteLoop(context, clock, written)

    def start(self) -> None:
        self._writer.start()
        self._authentication.start()  # in any case: mails may be left from when it was required

    def wake(self) -> None:
        """There may be a received mail to authenticate, or a notice to write."""
        self._writer.wake()
        if self._authenticates:
            self._authentication.wake()

    def wants_announcements(self) -> bool:
        """Whether the writer waits: one that works may find the notice due before it comes to what was announced."""
        return self._writer.waits

    def announce(self, notice: UnwrittenNotice) -> None:
        """A notice whose decision is not committed yet."""
        self._writer.announce(notice)

    def still_seconds(self) -> float:
        """The time since the slower of the threads has moved."""
        return max(self._authentication.still_seconds(), self._writer.still_seconds())

    def _ready(self) -> None:
        self._authenticated()
        self._writer.wake()  # the operators are told of a mail that is put off

    def stop(self) -> None:
        self._authentication.stop()
        self._writer.stop()


class InProcessWorker:
    """Every stage from authentication to writing, and the scheduler, as threads of this process."""

    def __init__(
        self,
        context: DeskContext,
        clock: Clock,
        written: Callable[[], None],
        around: Callable[[InboxItem], AbstractContextManager[object]] = nullcontext,
        exceeded: Exceeded | None = None,
        count: Callable[[Handled], None] = not_counted,
    ) -> None:
        """`written` is called when there may be mails to deliver; `around`, `exceeded` and `count`: see `Worker`."""
        self._authenticates = context.settings.proof_required
        self._writing = WritingStages(context, clock, self._authenticated, written)
        self._deciding = DecidingStages(context, clock, self._writing.wake, around, exceeded, count)

    def start(self) -> None:
        self._writing.start()
        self._deciding.start()

    def wake(self) -> None:
        """There may be a received mail, or a notice to write."""
        self._deciding.wake()
        self._writing.wake()

    def _authenticated(self) -> None:
        self._deciding.wake()

    def received(self) -> None:
        """There are received mails."""
        (self._writing if self._authenticates else self._deciding).wake()

    def still_seconds(self) -> float:
        """The time since the slowest of the threads has moved."""
        return max(self._deciding.still_seconds(), self._writing.still_seconds())

    def states(self) -> list[WorkerState]:
        """The one state: that of this process."""
        return [WorkerState("worker", os.getpid(), self.still_seconds())]

    def reload(self) -> None:
        """Nothing: the threads have the logging of this process."""

    def end_hung(self) -> None:
        """Nothing: a thread cannot be ended from outside."""

    def stop(self) -> None:
        self._deciding.stop()
        self._writing.stop()
