"""Group commit of received mail: all mails that wait at the same moment are stored in one transaction.

They are stored in the intake store, whose writer lock the processing of mail never holds.
"""

import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from mailbot.errors import Busy, MailbotError, Temporary
from mailbot.logs import get_logger
from mailbot.model.queued_mail import Arrival
from mailbot.records.database import UNAVAILABLE, Store
from mailbot.records.queues import received

MAX_BATCH = 200
# What the caller's thread, that of the SMTP sessions, may commit itself: small mails, while commits are fast.
MAX_OCTETS_AT_ONCE = 64 * 1024
MAX_SECONDS_AT_ONCE = 0.02
CHECKPOINT_OCTETS = 4 * 1024 * 1024  # of the write-ahead log
LOG_OCTETS_OF_A_MAIL = 14 * 1024  # beside those of its content
_Entry = tuple[Sequence[Arrival], "Future[list[int]]"]
_STORED_ALREADY: _Entry = ((), Future())

log = get_logger("mailbot.smtp")


class InboxCommit:
    """Stores received mails: a thread does, those that wait at the same moment with one commit, or the caller's thread
    one that is alone."""

    def __init__(
        self,
        store: Store,
        on_commit: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_commit` is called after each commit, always on the thread of this object; `monotonic`: seconds."""
        self._store = store
        self._on_commit = on_commit
        self._monotonic = monotonic
        self._waiting: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._closing = threading.Lock()  # guards `_closed`; no mail may follow the None that ends `_waiting`
        self._closed = False
        self._seconds = 0.0  # that the last commit, or the attempt, has taken
        self._log_octets = 0  # about how many, since the last checkpoint
        self.failure = ""  # why the last commit has failed; "" when it has not
        self._thread = threading.Thread(target=self._run, name="inbox-commit", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, arrivals: Sequence[Arrival], *, at_once: bool = False) -> "Future[list[int]]":
        """Queue mails for the next commit; they are stored even if the caller is cancelled.

        `at_once`: the caller's thread commits them before this returns, if they are small, the last commit was fast,
        and nothing else uses the intake store.  To wake the other thread and be woken takes half as long as a commit.

        The future resolves to the mails' numbers after the commit, or to Temporary when the store failed.
        """
        future: Future[list[int]] = Future()
        future.set_running_or_notify_cancel()  # from here on it cannot be cancelled
        with self._closing:
            if self._closed:
                future.set_exception(Temporary(UNAVAILABLE, "the desk is stopping"))
            elif not (at_once and self._resolve_at_once((arrivals, future))):
                self._waiting.put((arrivals, future))
        return future

    def _resolve_at_once(self, entry: _Entry) -> bool:
        """Commit in this thread; False when nothing was done, because it would not have been at once."""
        octets = sum(len(one.raw) for one in entry[0])
        if octets > MAX_OCTETS_AT_ONCE or self._seconds > MAX_SECONDS_AT_ONCE or not self._waiting.empty():
            return False
        try:
            if self._write([entry], waits=False):
                self._waiting.put(_STORED_ALREADY)  # the thread does what follows a commit
        except Busy:
            return False
        return True

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
                if entry is _STORED_ALREADY:
                    self._after_commit()
                else:
                    batch.append(entry)
                    count += len(entry[0])
                if count >= MAX_BATCH or self._waiting.empty():
                    break
                entry = self._waiting.get()
            running = entry is not None
            if batch and self._write(batch, waits=True):
                self._after_commit()

    def _write(self, batch: Sequence[_Entry], *, waits: bool) -> bool:
        """Store mails and resolve their futures; False when the store has failed.

        Raises Busy when nothing was done: it would have had to wait, and may not.
        """
        try:
            numbers = self._accept([arrival for arrivals, _ in batch for arrival in arrivals], waits=waits)
        except Busy:
            raise
        except Exception as error:  # of any kind: the mails are not stored, and the clients must try again
            self.failure = _detail(error)
            for _, future in batch:
                future.set_exception(Temporary(UNAVAILABLE, self.failure))
            return False
        self.failure = ""
        self._log_octets += sum(LOG_OCTETS_OF_A_MAIL + len(one.raw) for arrivals, _ in batch for one in arrivals)
        left = iter(numbers)
        for arrivals, future in batch:
            future.set_result(list(itertools.islice(left, len(arrivals))))
        return True

    def _accept(self, mails: Sequence[Arrival], *, waits: bool) -> list[int]:
        """`received.accept`; how long it takes is remembered."""
        begin = self._monotonic()
        try:
            return received.accept(self._store, mails, waits=waits)
        finally:
            self._seconds = self._monotonic() - begin

    def _after_commit(self) -> None:
        """After the futures are resolved: a process that `on_commit` wakes competes with the replies for the
        processors, and doubles their p99; a checkpoint takes ten times as long as a commit.

        The mails are stored: an exception must not end this thread.
        """
        with contextlib.suppress(Exception):
            self._on_commit()
        if self._log_octets < CHECKPOINT_OCTETS:
            return
        self._log_octets = 0
        try:
            self._store.intake.checkpoint()
        except Exception as error:  # of any kind: the next one moves what this one did not
            log.warning("checkpoint-failed", detail=_detail(error))


def _detail(error: Exception) -> str:
    return error.detail if isinstance(error, MailbotError) else repr(error)
