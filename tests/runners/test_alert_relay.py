"""An alert that the relay does not accept goes through the second relay; nothing else does."""

from dataclasses import replace

import pytest

from mailbot.app.wiring import relays_of
from mailbot.config import load
from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import OutboxItem, OutboxState
from tests.runners.test_delivery import MAIL, NOW, Scripted


@pytest.mark.parametrize(
    ("kind", "first", "second", "accepted", "through_second"),
    [
        (NoticeKind.ALERT, {"MAIL": b"530 log in"}, {}, True, 1),
        (NoticeKind.ALERT, {"banner": b"554 out of service"}, {}, True, 1),
        (NoticeKind.ALERT, {"RCPT": b"550 no such user"}, {}, False, 0),
        (NoticeKind.ALERT, {"MAIL": b"530 log in"}, {"MAIL": b"550 not from you"}, False, 0),
        (NoticeKind.ALERT, {}, {}, True, 0),
        (NoticeKind.RECEIVED, {"MAIL": b"530 log in"}, {}, False, 0),
    ],
)
async def test_which_mail_goes_through_the_second_relay(
    kind: NoticeKind, first: dict[str, bytes], second: dict[str, bytes], accepted: bool, through_second: int
) -> None:
    item = OutboxItem(1, replace(MAIL, kind=kind), OutboxState.SENDING, 1, NOW, None)
    async with Scripted(**first) as one, Scripted(**second) as two:
        places = {"RELAY_HOST": "127.0.0.1", "RELAY_PORT": one.port, "RELAY_ALERT_HOST": "127.0.0.1"}
        places |= {"RELAY_ALERT_PORT": two.port}
        config = load(None, {f"MAILBOT_{name}": str(value) for name, value in places.items()})
        relay = relays_of(config)[0]
        result = await relay.deliver(item)
        await relay.close()
        assert (result.accepted, two.mails) == (accepted, through_second)
        # What is tried again is decided by the first relay: a second one that refuses ends nothing.
        assert result.permanent == (first == {"RCPT": b"550 no such user"})
