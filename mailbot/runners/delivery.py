"""The delivery loop: sends the mails of the outbox to the relay over several connections, and repeats failed attempts.

A mail whose attempt failed temporarily is tried again after a delay that doubles (RFC 5321 §4.5.4.1).
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from mailbot.clock import Clock
from mailbot.errors import Temporary
from mailbot.logs import get_logger
from mailbot.model.queued_mail import DeliveryResult, OutboxItem
from mailbot.records.database import Store
from mailbot.records.queues import outbox
from mailbot.runners.relays import Relay
from mailbot.text import fold_address

POLL_SECONDS = 5.0  # between queries when nothing wakes it, and after a failure of the store
STOP_SECONDS = 12.0  # for the attempts under way when the desk stops; the relay may take longer to reply
KEEP_SECONDS = 2.0  # a connection without mail to send, before it is closed
RELAY_LOG_SECONDS = 2.0  # until the relay has logged what became of a connection that was cut off

log = get_logger("mailbot.delivery")


@dataclass(frozen=True)
class Retries:
    """When a failed attempt is repeated: the delay doubles from `first` to `longest`, until the mail is too old."""

    first: timedelta = timedelta(seconds=300)
    longest: timedelta = timedelta(seconds=4000)
    give_up_after: timedelta = timedelta(days=7)  # since the mail was put in the outbox

    def next_attempt(self, item: OutboxItem, now: datetime) -> datetime | None:
        """The instant of the next attempt, None to give up.  `item.attempts` includes the attempt just made."""
        delay = min(self.first * 2 ** min(item.attempts - 1, 10), self.longest)
        due = now + delay
        return None if due - item.created_at > self.give_up_after else due


OnFinalResult = Callable[[OutboxItem, DeliveryResult], None]
Ended = tuple[OutboxItem, DeliveryResult]  # an attempt and its result
FindQueueId = Callable[[str], str]  # Message-ID → the relay's queue ID of the mail, "" when it did not accept it


def no_relay_log(message_id: str) -> str:
    """For a relay whose log cannot be read: no mail is found."""
    del message_id
    return ""


class Count(Protocol):
    """What counts attempts; `final`: there will be no other."""

    def __call__(self, result: DeliveryResult, *, final: bool) -> None: ...


def not_counted(result: DeliveryResult, *, final: bool) -> None:
    """For a loop whose attempts nobody counts."""
    del result, final


class DeliveryLoop:
    """Delivers the mails that are due, over several connections at once; a slow reply delays its own connection only.

    The results of the attempts that have ended and the claims of the next mails are one commit.  One mail is claimed
    for each free connection: after a crash there is at most one mail for each connection of which it is unknown whether
    the relay accepted it (RFC 1047).  Mails to one recipient are sent in order.
    """

    def __init__(
        self,
        store: Store,
        relays: Sequence[Relay],
        retries: Retries,
        clock: Clock,
        on_final_result: OnFinalResult,
        find_queue_id: FindQueueId = no_relay_log,
        count: Count = not_counted,
    ):
        """`relays`: one for each connection.  `on_final_result` is called when a mail was accepted, rejected
        permanently or given up, in the transaction that records it; `count` after each attempt.
        """
        self._store = store
        self._relays = tuple(relays)
        self._free = list(relays)
        self._in_progress: dict[asyncio.Task[DeliveryResult], OutboxItem] = {}
        self._ended: list[Ended] = []  # not recorded yet
        self._retries = retries
        self._clock = clock
        self._on_final_result = on_final_result
        self._find_queue_id = find_queue_id
        self._count = count
        self._moved_at = time.monotonic()
        self.unreachable = ""  # why the last attempt did not reach the relay; "" when it did
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There may be mails to send.  Call it on the thread of the event loop."""
        self._wake.set()

    def still_seconds(self) -> float:
        """The time since the loop has last moved; it does so every POLL_SECONDS."""
        return time.monotonic() - self._moved_at

    async def run(self) -> None:
        """Send the mails that are due, then wait for more, until `stop`."""
        loop = asyncio.get_running_loop()
        next_recovery = loop.time()
        while not self._stopping:
            self._wake.clear()
            self._moved_at = time.monotonic()
            idle = False
            try:
                if loop.time() >= next_recovery:  # not at each wake: every attempt that ends is one
                    await self.recover()
                    next_recovery = loop.time() + POLL_SECONDS
                await self._record_and_start()
                idle = not self._in_progress and not self._ended
            except Temporary as error:
                log.warning("store-unavailable", detail=error.detail)
            except Exception:  # of any kind: it must not end the loop
                log.exception("delivery-failed")
            if idle and not self._stopping and not await self._wait(KEEP_SECONDS):
                await _close(self._free)
            if not self._stopping:
                await self._wait(POLL_SECONDS)
        await self._finish()

    def stop(self) -> None:
        """Let `run` finish the attempts under way, within STOP_SECONDS, and return."""
        self._stopping = True
        self._wake.set()

    async def _finish(self) -> None:
        """Wait for the attempts under way.  One that does not end in time is left to `recover` at the next start."""
        if self._in_progress:
            _, unfinished = await asyncio.wait(tuple(self._in_progress), timeout=STOP_SECONDS)
            for task in unfinished:
                log.warning("delivery-interrupted", outbox=self._in_progress[task].id)
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        try:
            await self._record_and_start()
        except Temporary as error:
            log.error("results-not-recorded", detail=error.detail, outbox=[item.id for item, _ in self._ended])
        await _close(self._relays)

    async def send_due(self) -> bool:
        """Send every mail that is due now, and wait for the results; whether there was any."""
        sent = False
        while await self._record_and_start():
            sent = True
            if self._in_progress:
                await asyncio.wait(tuple(self._in_progress))
        await _close(self._free)
        return sent

    async def _record_and_start(self) -> bool:
        """Record the attempts that have ended and start one on each free connection; whether there was any.

        While the store is unavailable the results are kept, and no attempt is started: else mails would be sent twice.
        """
        ended, free = tuple(self._ended), 0 if self._stopping else len(self._free)
        busy = {fold_address(item.mail.recipient) for item in self._in_progress.values()}
        if not ended and not free:
            return False
        claimed = await asyncio.to_thread(self._commit, ended, free, busy)
        del self._ended[: len(ended)]
        for item in claimed:
            relay = self._free.pop()
            task = asyncio.create_task(self._attempt(relay, item))
            self._in_progress[task] = item
            task.add_done_callback(partial(self._attempt_done, relay))
        return bool(ended or claimed)

    def _attempt_done(self, relay: Relay, task: "asyncio.Task[DeliveryResult]") -> None:
        item = self._in_progress.pop(task)
        self._free.append(relay)
        if not task.cancelled():
            result = task.result()
            self._ended.append((item, result))
            self.unreachable = "" if result.accepted or result.code is not None else result.reply
        self._wake.set()  # the connection is free, and the next mail to this recipient may be sent

    async def _attempt(self, relay: Relay, item: OutboxItem) -> DeliveryResult:
        try:
            return await relay.deliver(item)
        except Exception as error:  # an unexpected error delays this mail only
            log.exception("delivery-attempt-raised", outbox=item.id)
            return DeliveryResult(accepted=False, reply=f"{type(error).__name__}: {error}")

    async def recover(self) -> int:
        """Handle the attempts whose process has ended; returns how many.

        A mail that the relay's log has is recorded as sent; every other one is sent again.
        """
        items = await asyncio.to_thread(outbox.stalled, self._store, self._clock.now())
        if items and self._find_queue_id is not no_relay_log:
            await self._wait(RELAY_LOG_SECONDS)
        for item in items:
            try:
                queue_id = await asyncio.to_thread(self._find_queue_id, item.mail.message_id)
            except OSError as error:
                log.error("relay-log-unreadable", detail=str(error), outbox=item.id)
                queue_id = ""
            if queue_id:
                reply = f"no reply was received; the relay's log has the mail with queue ID {queue_id}"
                await asyncio.to_thread(self._commit, [(item, DeliveryResult(accepted=True, reply=reply))])
            elif await asyncio.to_thread(outbox.requeue, self._store, item, self._clock.now()):
                log.warning("recovered", outbox=item.id, note="sent again with the same Message-ID (RFC 1047)")
        return len(items)

    def _commit(self, ended: Sequence[Ended], free: int = 0, busy: Collection[str] = ()) -> list[OutboxItem]:
        """Record `ended` and claim up to `free` mails that are due, of no recipient in `busy`, in one transaction."""
        now = self._clock.now()
        results = [(item, result, self._retry_at(item, result, now)) for item, result in ended]
        has_final = any(retry_at is None for _, _, retry_at in results)  # the desk decides what follows from it
        with self._store.transaction() if has_final else self._store.queue_transaction():
            for item, result, retry_at in results:
                self._record(item, result, now, retry_at)
            claimed = outbox.claim(self._store, now, free, busy) if free else []
        for item, result, retry_at in results:
            self._count(result, final=retry_at is None)
            event = "delivered" if result.accepted else "not-delivered"
            log.info(event, outbox=item.id, code=result.code, retry_at=str(retry_at))
        return claimed

    def _retry_at(self, item: OutboxItem, result: DeliveryResult, now: datetime) -> datetime | None:
        is_final = result.accepted or result.permanent
        return None if is_final else self._retries.next_attempt(item, now)

    def _record(self, item: OutboxItem, result: DeliveryResult, now: datetime, retry_at: datetime | None) -> None:
        """In the transaction of `_commit`.  An unexpected error leaves this mail to `recover` at the next start."""
        try:
            with self._store.transaction() if retry_at is None else self._store.queue_transaction():  # a savepoint
                if retry_at is None:
                    self._on_final_result(item, result)
                outbox.record_result(item.id, result, now, retry_at)
        except Temporary:
            raise
        except Exception:
            log.exception("result-not-recorded", outbox=item.id, accepted=result.accepted)

    async def _wait(self, seconds: float) -> bool:
        """Until there may be something to do; False when there was nothing in this time."""
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True


async def _close(relays: Sequence[Relay]) -> None:
    await asyncio.gather(*(relay.close() for relay in relays), return_exceptions=True)
