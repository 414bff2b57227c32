"""Group commit of received mail: all mails that wait at the same moment are stored in one transaction.

They are stored in the intake store, whose writer lock the processing of mail never holds.
"""

import contextlib
import itertools
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from mailbot.errors import MailbotError, Temporary
from mailbot.model.queued_mail import Arrival
from mailbot.records.database import UNAVAILABLE, Store
from mailbot.records.queues import received

MAX_BATCH = 200
_Entry = tuple[Sequence[Arrival], "Future[list[int]]"]


class InboxCommit:
    """A thread that stores received mails, those that wait at the same moment with one commit."""

    def __init__(self, store: Store, on_commit: Callable[[], None] = lambda: None) -> None:
        """`on_commit` is called after each commit."""
        self._store = store
        self._on_commit = on_commit
        self._waiting: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._closing = threading.Lock()  # guards `_closed`; no mail may follow the None that ends `_waiting`
        self._closed = False
        self.failure = ""  # why the last commit has failed; "" when it has not
        self._thread = threading.Thread(target=self._run, name="inbox-commit", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, arrivals: Sequence[Arrival]) -> "Future[list[int]]":
        """Queue mails for the next commit; they are stored even if the caller is cancelled.

        The future resolves to the mails' numbers after the commit, or to Temporary when the store failed.
        """
        future: Future[list[int]] = Future()
        future.set_running_or_notify_cancel()  # from here on it cannot be cancelled
        with self._closing:
            if self._closed:
                future.set_exception(Temporary(UNAVAILABLE, "the desk is stopping"))
            else:
                self._waiting.put((arrivals, future))
        return future

    def stop(self) -> None:
        """Store the mails that wait, then end the thread.  A later `put` fails with Temporary."""
        with self._closing:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        running = True
        while running:
            batch: list[_Entry] = []
            count = 0
            entry = self._waiting.get()
            while entry is not None:
                batch.append(entry)
                count += len(entry[0])
                if count >= MAX_BATCH or self._waiting.empty():
                    break
                entry = self._waiting.get()
            running = entry is not None
            if batch:
                self._write(batch)

    def _write(self, batch: list[_Entry]) -> None:
        try:
            numbers = received.accept(self._store, [arrival for arrivals, _ in batch for arrival in arrivals])
        except Exception as error:  # of any kind: the mails are not stored, and the clients must try again
            detail = error.detail if isinstance(error, MailbotError) else repr(error)
            self.failure = detail
            for _, future in batch:
                future.set_exception(Temporary(UNAVAILABLE, detail))
            return
        self.failure = ""
        left = iter(numbers)
        for arrivals, future in batch:
            future.set_result(list(itertools.islice(left, len(arrivals))))
        # After the clients: a process that this wakes competes with their 250 for the processors, and doubles its p99.
        # The mails are stored: an exception of the callback must not end this thread.
        with contextlib.suppress(Exception):
            self._on_commit()
