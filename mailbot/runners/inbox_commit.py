"""Group commit of received mail: all mails that wait at the same moment are stored in one transaction.

They are stored in the intake store, whose writer lock the processing of mail never holds.  Where the disk takes long to
flush a commit, the next ones are made, and flushed, meanwhile.
"""

import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from mailbot.errors import Busy, MailbotError, Temporary
from mailbot.logs import get_logger
from mailbot.model.queued_mail import Arrival
from mailbot.records.database import UNAVAILABLE, Store
from mailbot.records.queues import received

MAX_BATCH = 200
# What the caller's thread, that of the SMTP sessions, may commit itself: small mails, while commits are fast.
MAX_OCTETS_AT_ONCE = 64 * 1024
MAX_SECONDS_AT_ONCE = 0.02
# A commit that has taken longer, and longer for each of its mails, had to wait for the disk.
SLOW_SECONDS, SLOW_SECONDS_OF_A_MAIL = 0.003, 0.000_1
THREADS = 6  # as many flushes at once
CHECKPOINT_OCTETS = 4 * 1024 * 1024  # of the write-ahead log
LOG_OCTETS_OF_A_MAIL = 14 * 1024  # beside those of its content
_Entry = tuple[Sequence[Arrival], "Future[list[int]]"]
_STORED_ALREADY: _Entry = ((), Future())

log = get_logger("mailbot.smtp")


@dataclass
class _Batch:
    """What was waiting at one moment.  `begin`: of its commit, seconds; `numbers`: of its mails, when it is made."""

    entries: list[_Entry] = field(default_factory=list)
    stored_already: bool = False  # mails of the caller's thread: what follows a commit has to be done
    is_last: bool = False
    begin: float = 0.0
    numbers: Sequence[int] = ()

    @property
    def mails(self) -> list[Arrival]:
        return [arrival for arrivals, _ in self.entries for arrival in arrivals]


class InboxCommit:
    """Stores received mails: threads do, those that wait at the same moment with one commit, or the caller's thread one
    that is alone.

    One of the threads at a time takes mails and commits them.  Where the disk is slow it flushes them afterwards, while
    the next thread does the same.
    """

    def __init__(
        self,
        store: Store,
        on_commit: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_commit` is called after each commit, on any thread of this object; `monotonic`: seconds."""
        self._store = store
        self._on_commit = on_commit
        self._monotonic = monotonic
        self._waiting: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._closing = threading.Lock()  # guards `_closed`; no mail may follow the None that ends `_waiting`
        self._closed = False
        self._taking = threading.Lock()  # of the thread that takes mails and commits them
        self._seconds = 0.0  # that the last commit, or the attempt, has taken
        self._is_slow = False  # whether the next one leaves the flush to its thread
        self._log_octets = 0  # about how many, since the last checkpoint
        self.failure = ""  # why the last commit has failed; "" when it has not
        self._failed_at = float("-inf")  # when it began
        self._threads = [threading.Thread(target=self._run, name="inbox-commit", daemon=True) for _ in range(THREADS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

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
        batch = _Batch([entry])
        try:
            if self._commit(batch, durable=True, waits=False):
                self._resolve(batch)
                self._waiting.put(_STORED_ALREADY)  # a thread does what follows a commit
        except Busy:
            return False
        return True

    def stop(self) -> None:
        """Store the mails that wait, then end the threads.  A later `put` fails with Temporary."""
        with self._closing:
            self._closed = True
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (batch := self._next_unflushed()) is not None:
            if self._flush(batch):
                self._resolve(batch)
                self._after_commit()

    def _next_unflushed(self) -> _Batch | None:
        """Store mails until some are committed that are not durable yet; None at the end."""
        with self._taking:
            while True:
                batch = self._take()
                durable = not self._is_slow or batch.is_last
                is_stored = bool(batch.entries) and self._commit(batch, durable=durable)
                if is_stored and not durable:
                    if batch.stored_already:
                        self._tell()
                    return batch
                if is_stored:
                    self._resolve(batch)
                if is_stored or batch.stored_already:
                    self._after_commit()
                if batch.is_last:
                    self._waiting.put(None)  # for the next thread
                    return None

    def _take(self) -> _Batch:
        """What waits, at most MAX_BATCH mails; waits for the first."""
        batch, count = _Batch(), 0
        entry = self._waiting.get()
        while entry is not None:
            if entry is _STORED_ALREADY:
                batch.stored_already = True
            else:
                batch.entries.append(entry)
                count += len(entry[0])
            if count >= MAX_BATCH or self._waiting.empty():
                return batch
            entry = self._waiting.get()
        batch.is_last = True
        return batch

    def _commit(self, batch: _Batch, *, durable: bool, waits: bool = True) -> bool:
        """Store mails; False when the store has failed, and their futures are resolved.

        Raises Busy when nothing was done: it would have had to wait, and may not.
        """
        batch.begin = self._monotonic()
        try:
            batch.numbers = received.accept(self._store, batch.mails, durable=durable, waits=waits)
        except Busy:
            raise
        except Exception as error:  # of any kind: the mails are not stored, and the clients must try again
            return self._failed(batch, error)
        if durable:
            self._measure(batch)
        return True

    def _flush(self, batch: _Batch) -> bool:
        """Make durable what `_commit` has stored; False when the store has failed, and the futures are resolved."""
        try:
            self._store.intake.flush()
        except Exception as error:  # of any kind: the clients must try again, though the mails may be handled already
            return self._failed(batch, error)
        self._measure(batch)
        return True

    def _measure(self, batch: _Batch) -> None:
        """Remember how long the commit has taken, with the flush."""
        self._seconds = self._monotonic() - batch.begin
        fast = SLOW_SECONDS + SLOW_SECONDS_OF_A_MAIL * len(batch.numbers)
        self._is_slow = self._store.intake.flushes_apart and self._seconds > fast

    def _failed(self, batch: _Batch, error: Exception) -> bool:
        self._measure(batch)
        self.failure, self._failed_at = _detail(error), batch.begin
        for _, future in batch.entries:
            future.set_exception(Temporary(UNAVAILABLE, self.failure))
        return False

    def _resolve(self, batch: _Batch) -> None:
        """Give the callers the numbers of mails that are durable now."""
        if batch.begin >= self._failed_at:
            self.failure = ""
        left = iter(batch.numbers)
        for arrivals, future in batch.entries:
            self._log_octets += sum(LOG_OCTETS_OF_A_MAIL + len(one.raw) for one in arrivals)
            future.set_result(list(itertools.islice(left, len(arrivals))))

    def _after_commit(self) -> None:
        """After the futures are resolved: a process that `on_commit` wakes competes with the replies for the
        processors, and doubles their p99; a checkpoint takes ten times as long as a commit.

        The mails are stored: an exception must not end this thread.
        """
        self._tell()
        if self._log_octets < CHECKPOINT_OCTETS:
            return
        self._log_octets = 0
        try:
            self._store.intake.checkpoint()
        except Exception as error:  # of any kind: the next one moves what this one did not
            log.warning("checkpoint-failed", detail=_detail(error))

    def _tell(self) -> None:
        with contextlib.suppress(Exception):
            self._on_commit()


def _detail(error: Exception) -> str:
    return error.detail if isinstance(error, MailbotError) else repr(error)
