"""Outbox → relay, with growing delays between attempts.  One bad recipient never stops another."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from mailbot.clock import Clock
from mailbot.errors import Temporary
from mailbot.model.post import DeliveryResult, OutboxItem
from mailbot.records import outbox
from mailbot.records.database import Store
from mailbot.runners.relays import Relay

BATCH = 50
PATIENCE_SECONDS = 5.0

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


Failed = Callable[[OutboxItem, DeliveryResult], None]


class Sender:
    """Delivers what is due, one batch after the other."""

    def __init__(
        self,
        store: Store,
        relay: Relay,
        retries: Retries,
        clock: Clock,
        failed: Callable[[OutboxItem, DeliveryResult], None],
    ):
        """`failed` is called when a mail is given up or refused for good."""
        self._store = store
        self._relay = relay
        self._retries = retries
        self._clock = clock
        self._failed = failed
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
                busy = await self.send_due()
            except Temporary as error:
                log.warning("store-away", detail=error.detail)
                busy = False
            if not busy and not self._stopping:
                await self._wait()
        await self._relay.close()

    def stop(self) -> None:
        """Finish the batch in hand and end `run`."""
        self._stopping = True
        self._wake.set()

    async def send_due(self) -> bool:
        """One batch; whether there was any."""
        items = await asyncio.to_thread(outbox.claim, self._store, self._clock.now(), BATCH)
        for item in items:
            result = await self._relay.deliver(item)
            await asyncio.to_thread(self._settle, item, result)
        if items:
            await self._relay.rest()
        return bool(items)

    def _settle(self, item: OutboxItem, result: DeliveryResult) -> None:
        now = self._clock.now()
        again = None
        if not result.accepted and not result.permanent:
            again = self._retries.next_attempt(item, now)
        outbox.settle(self._store, item.id, result, now, again)
        log.info(
            "delivered" if result.accepted else "not-delivered", outbox=item.id, code=result.code, again=str(again)
        )
        if not result.accepted and again is None:
            self._failed(item, result)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), PATIENCE_SECONDS)
        except TimeoutError:
            return
