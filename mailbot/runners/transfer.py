"""The transfer loop: received mails from the intake store into the inbox, where they are authenticated and handled."""

from collections.abc import Callable

from mailbot.desk.context import DeskContext
from mailbot.errors import Temporary
from mailbot.logs import get_logger
from mailbot.records.queues import inbox
from mailbot.runners.polling import PollingThread

log = get_logger("mailbot.transfer")


class TransferLoop(PollingThread):
    """A thread that transfers all mails that were received since, in few transactions."""

    def __init__(self, context: DeskContext, transferred: Callable[[], None]) -> None:
        """`transferred` is called after each transaction: there are mails to authenticate or to handle."""
        super().__init__("transfer")
        self._context = context
        self._transferred = transferred

    def poll(self) -> bool:
        """Transfer once; False when there is nothing more, or after a pause when a store has failed."""
        try:
            count = inbox.transfer(self._context.store, authenticate=self._context.settings.proof_required)
        except Temporary as error:
            log.warning("store-unavailable", detail=error.detail)
        except Exception:  # of any kind: it must not end the thread; the mails stay in the intake store
            log.exception("transfer-failed")
        else:
            if count:
                self._transferred()
            return count == inbox.MOST_TRANSFERRED  # a mail that has come since wakes the thread again
        self.pause()
        return False
