"""The stages of a mail from the transfer to writing, and the scheduler, as threads of one process."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from mailbot.clock import Clock
from mailbot.desk.context import DeskContext
from mailbot.model.queued_mail import InboxItem
from mailbot.runners.authentication import AuthenticationLoop
from mailbot.runners.notice_writer import WriteLoop
from mailbot.runners.scheduler import Scheduler
from mailbot.runners.transfer import TransferLoop
from mailbot.runners.worker import Exceeded, Worker


class InProcessWorker:
    """Every stage from the transfer to writing, and the scheduler, as threads of this process."""

    def __init__(
        self,
        context: DeskContext,
        clock: Clock,
        written: Callable[[], None],
        around: Callable[[InboxItem], AbstractContextManager[object]] = nullcontext,
        exceeded: Exceeded | None = None,
    ) -> None:
        """`written` is called when there may be mails to deliver; `around` and `exceeded`: see `Worker`."""
        self._writer = WriteLoop(context, clock, written)
        self._worker = Worker(context, clock, self._writer.wake, around, exceeded)
        self._authentication = AuthenticationLoop(context, clock, self._authenticated)
        self._transfer = TransferLoop(context, self._transferred)
        self._scheduler = Scheduler(context, clock, self._writer.wake)

    def start(self) -> None:
        self._writer.start()
        self._authentication.start()
        self._worker.start()
        self._scheduler.start()
        self._transfer.start()

    def wake(self) -> None:
        """There may be a received mail, or a notice to write."""
        self._transfer.wake()
        self._writer.wake()

    def _transferred(self) -> None:
        self._authentication.wake()
        self._worker.wake()

    def _authenticated(self) -> None:
        self._worker.wake()
        self._writer.wake()

    def stop(self) -> None:
        self._transfer.stop()
        self._authentication.stop()
        self._worker.stop()
        self._scheduler.stop()
        self._writer.stop()
