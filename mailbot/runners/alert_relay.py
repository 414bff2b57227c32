"""A second relay for alerts: what it reports may be that the first cannot be used."""

from mailbot.logs import get_logger
from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import DeliveryResult, OutboxItem
from mailbot.runners.relays import Relay

log = get_logger("mailbot.relay")


class RelayWithSecond:
    """Delivers through `first`; an alert that it does not accept now goes through `second`."""

    def __init__(self, first: Relay, second: Relay) -> None:
        self._first = first
        self._second = second

    async def deliver(self, item: OutboxItem) -> DeliveryResult:
        result = await self._first.deliver(item)
        if result.accepted or result.permanent or item.mail.kind is not NoticeKind.ALERT:
            return result
        second = await self._second.deliver(item)
        log.warning("alert-through-second-relay", outbox=item.id, accepted=second.accepted, first=result.reply)
        return second if second.accepted else result

    async def close(self) -> None:
        await self._first.close()
        await self._second.close()
