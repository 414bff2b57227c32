"""The authentication loop: transfers received mails to the inbox, and verifies SPF, DKIM and DMARC of them, before the
worker handles them.

Name servers may be slow: a mail that waits for their answers does not delay the mails behind it.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from mailbot.clock import Clock
from mailbot.desk import reception
from mailbot.desk.context import DeskContext
from mailbot.desk.unhandled.postpone import postpone
from mailbot.errors import NotYet, Temporary
from mailbot.logs import get_logger
from mailbot.model.queued_mail import InboxItem
from mailbot.records.queues import inbox
from mailbot.runners.polling import PollingThread

MAX_PARALLEL = 16  # mails that are authenticated at the same time

log = get_logger("mailbot.authentication")


class AuthenticationLoop(PollingThread):
    """A thread that transfers received mails, and a thread pool that authenticates their authors."""

    def __init__(self, context: DeskContext, clock: Clock, ready: Callable[[], None]) -> None:
        """`ready` is called after each mail: there may be a mail to handle or a notice to write."""
        super().__init__("authentication")
        self._context = context
        self._clock = clock
        self._ready = ready
        self._in_progress: set[int] = set()  # inbox IDs
        self._in_progress_lock = threading.Lock()
        self._pool = ThreadPoolExecutor(MAX_PARALLEL, thread_name_prefix="authentication")

    def stop(self) -> None:
        """Start no further mail, and wait for those in progress; each has a time limit (`nameservers.MAIL_SECONDS`)."""
        super().stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def poll(self) -> bool:
        """Submit the mails that are due, as far as threads of the pool are free; True: there is more to transfer."""
        more = False
        with _errors_logged():  # apart: mails that cannot be transferred keep no other one waiting
            more = self._transfer()
        with _errors_logged():
            self._submit_due()
        return more

    def _transfer(self) -> bool:
        """Whether there may be more to transfer; a mail that has come since wakes the thread again."""
        if not self._context.settings.proof_required:  # the worker transfers mails
            return False
        return inbox.transfer(self._context.store, authenticate=True) == inbox.MOST_TRANSFERRED

    def _submit_due(self) -> None:
        with self._in_progress_lock:
            in_progress = frozenset(self._in_progress)
        free = MAX_PARALLEL - len(in_progress)
        if free <= 0:
            return
        for item in inbox.unauthenticated(self._context.store, self._clock.now(), free, in_progress):
            with self._in_progress_lock:
                self._in_progress.add(item.id)
            self._pool.submit(self._authenticate, item)

    def _authenticate(self, item: InboxItem) -> None:
        try:
            authenticate_one(item, self._clock, self._context)
        except Temporary as error:  # of the store: the next query finds the mail again
            log.warning("store-unavailable", detail=error.detail, mail=item.id)
        except Exception:
            log.exception("authentication-failed", mail=item.id)
        finally:
            with self._in_progress_lock:
                self._in_progress.discard(item.id)
            self.wake()  # a thread of the pool is free
            self._ready()


@contextmanager
def _errors_logged() -> Iterator[None]:
    """No exception ends the thread."""
    try:
        yield
    except Temporary as error:
        log.warning("store-unavailable", detail=error.detail)
    except Exception:
        log.exception("authentication-failed")


def authenticate_one(item: InboxItem, clock: Clock, context: DeskContext) -> None:
    """Authenticate one mail and record the evidence, or postpone it.  Raises Temporary: the store is unavailable."""
    try:
        item = reception.authenticate(item, clock.now(), context)
    except NotYet as error:
        log.warning("postponed", mail=item.id, detail=error.public, until=str(error.until))
        postpone(item, error.until, clock.now(), context)
        return
    except Temporary:
        raise
    except Exception:  # caused by the mail: it is handled without evidence, as one that is not authenticated
        log.exception("authentication-failed", mail=item.id)
    inbox.authenticated(context.store, item)
