"""Why a notice was not delivered."""

import pytest

from mailbot.model.undelivered import Undelivered, undelivered


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("550 5.1.1 No such user", Undelivered.NO_SUCH_ADDRESS),
        ("550 no such user", Undelivered.NO_SUCH_ADDRESS),
        ("550 5.2.1 disabled", Undelivered.NO_SUCH_ADDRESS),
        ("552 5.2.2 mailbox full", Undelivered.MAILBOX_FULL),
        ("452 4.2.2 over quota", Undelivered.MAILBOX_FULL),
        ("552 5.3.4 message too big", Undelivered.TOO_LARGE),
        ("550 5.7.26 not authenticated", Undelivered.REFUSED),
        ("554 no", Undelivered.REFUSED),
        ("451 4.4.1 no answer from host", Undelivered.UNREACHABLE),
        ("ConnectionRefusedError: [Errno 111]", Undelivered.UNREACHABLE),
        ("SMTPConnectTimeout: 192.0.2.1", Undelivered.UNREACHABLE),
        ("taro@naxtrade.example failed 5.1.1", Undelivered.NO_SUCH_ADDRESS),
        ("the host 10.5.1.1 said no", Undelivered.OTHER),
        ("", Undelivered.OTHER),
    ],
)
def test_undelivered(answer: str, why: Undelivered) -> None:
    assert undelivered(answer) is why
