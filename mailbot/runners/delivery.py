"""Outbox → relay, with growing delays between attempts.  One bad recipient never stops another."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from mailbot.clock import Clock
from mailbot.errors import Temporary
from mailbot.model.queued_mail import DeliveryResult, OutboxItem
from mailbot.records.database import Store
from mailbot.records.queues import outbox
from mailbot.runners.relays import Relay

PATIENCE_SECONDS = 5.0
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
    """Delivers what is due, one batch after the other."""

    def __init__(
        self,
        store: Store,
        relay: Relay,
        retries: Retries,
        clock: Clock,
        ended: Ended,
        taken: FindQueueId = no_relay_log,
    ):
        """`ended` is called when a mail is sent, given up or refused for good, in the transaction that notes it."""
        self._store = store
        self._relay = relay
        self._retries = retries
        self._clock = clock
        self._ended = ended
        self._taken = taken
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
                busy = await self.send_due()
            except Temporary as error:
                log.warning("store-away", detail=error.detail)
                busy = False
            except Exception:  # the delivery itself goes on, whatever it was
                log.exception("delivery-failed")
                busy = False
            if not busy and not self._stopping:
                await self._wait()
        await self._relay.close()

    def stop(self) -> None:
        """Finish the notice in hand and end `run`."""
        self._stopping = True
        self._wake.set()

    async def send_due(self) -> bool:
        """What is due now, one after the other, each claimed alone; whether there was any.

        When the process dies there is one notice at most of which nobody knows whether the relay has it (RFC 1047).
        """
        number = 0
        while not self._stopping:
            items = await asyncio.to_thread(outbox.claim, self._store, self._clock.now(), 1)
            if not items:
                break
            result = await self._attempt(items[0])
            await self._settled(items[0], result)
            number += 1
        if number:
            await self._relay.rest()
        return bool(number)

    async def _attempt(self, item: OutboxItem) -> DeliveryResult:
        try:
            return await self._relay.deliver(item)
        except Exception as error:  # a surprise holds up this notice, no other one
            log.exception("delivery-surprise", outbox=item.id)
            return DeliveryResult(accepted=False, reply=f"{type(error).__name__}: {error}")

    async def recover(self) -> int:
        """Deliveries that ended with their process: noted as sent where the relay has the notice, else made again."""
        items = await asyncio.to_thread(outbox.stalled, self._store, self._clock.now())
        if items and self._taken is not no_relay_log:
            await self._wait(SETTLING_SECONDS)
        for item in items:
            try:
                known_as = await asyncio.to_thread(self._taken, item.mail.message_id)
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
