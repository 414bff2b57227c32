"""Group commit of arriving mail: all that wait at the same moment share one transaction."""

import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from mailbot.errors import MailbotError, Temporary
from mailbot.model.queued_mail import Arrival
from mailbot.records.database import UNAVAILABLE, Store
from mailbot.records.queues import inbox

LARGEST_BATCH = 200


class Intake:
    """The one thread that writes arriving mail: all that wait at the same moment share one commit.

    A future resolves to the mail's number after the commit, or to Temporary when the store failed.
    """

    def __init__(
        self, store: Store, on_commit: Callable[[], None] = lambda: None, *, authenticate: bool = False
    ) -> None:
        """`authenticate`: whether the senders of the mails are to be authenticated."""
        self._store = store
        self._on_commit = on_commit
        self._authenticate = authenticate
        self._waiting: queue.SimpleQueue[tuple[Arrival, Future[int]] | None] = queue.SimpleQueue()
        self._closing = threading.Lock()  # nothing may be put behind the end mark
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, arrival: Arrival) -> "Future[int]":
        """Hand over a mail.  The caller may go away: what was handed over is written all the same."""
        future: Future[int] = Future()
        future.set_running_or_notify_cancel()  # from here on nobody can cancel it
        with self._closing:
            if self._closed:
                future.set_exception(Temporary(UNAVAILABLE, "the intake has stopped"))
            else:
                self._waiting.put((arrival, future))
        return future

    def stop(self) -> None:
        """Write what waits, then end.  A mail that comes later is put off."""
        with self._closing:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch: list[tuple[Arrival, Future[int]]] = []
            entry = self._waiting.get()
            while entry is not None:
                batch.append(entry)
                if len(batch) >= LARGEST_BATCH or self._waiting.empty():
                    break
                entry = self._waiting.get()
            going_on = entry is not None
            if batch:
                self._write(batch)

    def _write(self, batch: list[tuple[Arrival, "Future[int]"]]) -> None:
        try:
            numbers = inbox.accept(self._store, [arrival for arrival, _ in batch], authenticate=self._authenticate)
        except Exception as error:  # whatever it is: the mail is not kept, and its sender must try again
            detail = error.detail if isinstance(error, MailbotError) else repr(error)
            for _, future in batch:
                future.set_exception(Temporary(UNAVAILABLE, detail))
            return
        for (_, future), number in zip(batch, numbers, strict=True):
            future.set_result(number)
        # The mails are kept: whoever is told of it must not be able to end this thread.
        with contextlib.suppress(Exception):
            self._on_commit()
