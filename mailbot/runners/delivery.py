"""Outbox → relay, over a few connections, with growing delays between attempts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from mailbot.clock import Clock
from mailbot.errors import Temporary
from mailbot.model.queued_mail import DeliveryResult, OutboxItem
from mailbot.records.database import Store
from mailbot.records.queues import outbox
from mailbot.runners.relays import Relay
from mailbot.text import fold_address

PATIENCE_SECONDS = 5.0
STOP_SECONDS = 15.0  # for what is being sent when the desk stops; the relay may be silent for longer
SETTLING_SECONDS = 2.0  # until the relay has written to its log what it did when its client died

log = structlog.get_logger("mailbot.delivery")


@dataclass(frozen=True)
class Retries:
    """When a mail that could not be delivered is tried again: the delay doubles from `first` to `longest`."""

    first: timedelta = timedelta(seconds=300)
    longest: timedelta = timedelta(seconds=4000)
    give_up_after: timedelta = timedelta(days=7)

    def next_attempt(self, item: OutboxItem, now: datetime) -> datetime | None:
        """The instant of the next attempt, None when it is given up.  `item.attempts` counts the one just made."""
        delay = min(self.first * 2 ** min(item.attempts - 1, 10), self.longest)
        due = now + delay
        return None if due - item.created_at > self.give_up_after else due


Ended = Callable[[OutboxItem, DeliveryResult], None]
FindQueueId = Callable[[str], str]  # Message-ID → under which name the relay has the notice already, "" for not


def no_relay_log(message_id: str) -> str:
    """The relay cannot be asked what it has."""
    del message_id
    return ""


class DeliveryLoop:
    """Delivers what is due, over several connections at once; a relay that hangs holds up its own connection only.

    Each notice is claimed alone, when a connection is free: after a crash there is at most one notice for each
    connection of which nobody knows whether the relay has it (RFC 1047).  Notices to one recipient keep their order.
    """

    def __init__(
        self,
        store: Store,
        relays: Sequence[Relay],
        retries: Retries,
        clock: Clock,
        ended: Ended,
        find_queue_id: FindQueueId = no_relay_log,
    ):
        """`relays`: one for each connection.  `ended` is called when a mail is sent, given up or refused for good, in
        the transaction that records it.
        """
        self._store = store
        self._relays = tuple(relays)
        self._free = list(relays)
        self._under_way: dict[asyncio.Task[None], OutboxItem] = {}
        self._retries = retries
        self._clock = clock
        self._ended = ended
        self._find_queue_id = find_queue_id
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There is something to send.  Call it on the event loop's own thread."""
        self._wake.set()

    async def run(self) -> None:
        """Until `stop`: send what is due, then wait for more."""
        while not self._stopping:
            self._wake.clear()
            try:
                await self.recover()
                await self._start_due()
                if not self._under_way:
                    await asyncio.gather(*(relay.rest() for relay in self._free))
            except Temporary as error:
                log.warning("store-unavailable", detail=error.detail)
            except Exception:  # the delivery itself goes on, whatever it was
                log.exception("delivery-failed")
            if not self._stopping:
                await self._wait()
        await self._finish()

    def stop(self) -> None:
        """Finish the notices that are being sent, within STOP_SECONDS, and end `run`."""
        self._stopping = True
        self._wake.set()

    async def _finish(self) -> None:
        """A delivery that does not end in time is left as it is: the next start takes it up (`recover`)."""
        if self._under_way:
            _, hanging = await asyncio.wait(tuple(self._under_way), timeout=STOP_SECONDS)
            for task in hanging:
                log.warning("delivery-interrupted", outbox=self._under_way[task].id)
                task.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
        await asyncio.gather(*(relay.close() for relay in self._relays), return_exceptions=True)

    async def send_due(self) -> bool:
        """Send everything that is due now, and wait for it; whether there was any."""
        number = 0
        while await self._start_due():
            number += 1
            await asyncio.wait(tuple(self._under_way))
        await asyncio.gather(*(relay.rest() for relay in self._free))
        return bool(number)

    async def _start_due(self) -> int:
        """Begin a delivery on each free connection, as far as notices are due; returns how many."""
        number = 0
        while self._free and not self._stopping:
            busy = {fold_address(item.mail.recipient) for item in self._under_way.values()}
            items = await asyncio.to_thread(outbox.claim, self._store, self._clock.now(), 1, busy)
            if not items:
                break
            task = asyncio.create_task(self._send(self._free.pop(), items[0]))
            self._under_way[task] = items[0]
            task.add_done_callback(self._sent)
            number += 1
        return number

    async def _send(self, relay: Relay, item: OutboxItem) -> None:
        try:
            await self._settled(item, await self._attempt(relay, item))
        finally:
            self._free.append(relay)

    def _sent(self, task: "asyncio.Task[None]") -> None:
        item = self._under_way.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("delivery-failed", outbox=item.id, exc_info=error)
        self._wake.set()  # the connection is free, and so is the recipient

    async def _attempt(self, relay: Relay, item: OutboxItem) -> DeliveryResult:
        try:
            return await relay.deliver(item)
        except Exception as error:  # a surprise holds up this notice, no other one
            log.exception("delivery-surprise", outbox=item.id)
            return DeliveryResult(accepted=False, reply=f"{type(error).__name__}: {error}")

    async def recover(self) -> int:
        """Deliveries that ended with their process: noted as sent where the relay has the notice, else made again."""
        items = await asyncio.to_thread(outbox.stalled, self._store, self._clock.now())
        if items and self._find_queue_id is not no_relay_log:
            await self._wait(SETTLING_SECONDS)
        for item in items:
            try:
                known_as = await asyncio.to_thread(self._find_queue_id, item.mail.message_id)
            except OSError as error:
                log.error("relay-log-unreadable", detail=str(error), outbox=item.id)
                known_as = ""
            if known_as:
                reply = f"the relay's log has it as {known_as}; its answer was not heard"
                await self._settled(item, DeliveryResult(accepted=True, reply=reply))
            elif await asyncio.to_thread(outbox.requeue, self._store, item, self._clock.now()):
                log.warning("recovered", outbox=item.id, note="sent again with the same Message-ID (RFC 1047)")
        return len(items)

    async def _settled(self, item: OutboxItem, result: DeliveryResult) -> None:
        """The relay's answer must not be forgotten because the store is away just now."""
        while True:
            try:
                return await asyncio.to_thread(self._settle, item, result)
            except Temporary as error:
                log.warning("store-away", detail=error.detail, outbox=item.id, accepted=result.accepted)
                if self._stopping:
                    raise
                await self._wait()

    def _settle(self, item: OutboxItem, result: DeliveryResult) -> None:
        now = self._clock.now()
        again = None
        if not result.accepted and not result.permanent:
            again = self._retries.next_attempt(item, now)
        if again is not None:
            outbox.record_result(self._store, item.id, result, now, again)
        else:
            with self._store.transaction():
                self._ended(item, result)
                outbox.record_result(self._store, item.id, result, now, again)
        log.info(
            "delivered" if result.accepted else "not-delivered", outbox=item.id, code=result.code, again=str(again)
        )

    async def _wait(self, seconds: float = PATIENCE_SECONDS) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
