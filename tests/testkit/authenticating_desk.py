"""A desk with `auth.require = "dmarc"` that asks a private DNS, and mails with genuine signatures for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path

from mailbot.app.context import make_context
from tests.testkit.desk import DeskUnderTest, open_desk_under_test
from tests.testkit.mail_domains import NameServer, Zones, written


@contextmanager
def authenticating_desk(folder: Path, zones: Zones) -> Iterator[DeskUnderTest]:
    """A desk that believes no From header field; its name server answers with `zones`."""
    server = NameServer(zones)
    desk = open_desk_under_test(folder)
    auth = desk.config.auth.model_copy(update={"require": "dmarc", "nameservers": [server.address]})
    desk.config = desk.config.model_copy(update={"auth": auth})
    context, before = make_context(desk.config, desk.store), desk.context
    object.__setattr__(context, "random_bytes", before.random_bytes)
    object.__setattr__(context, "choose", before.choose)
    desk.context = context
    yield desk
    server.close()
    desk.store.close()


def written_now(desk: DeskUnderTest, sender: str, text: str, to: str = "desk@desk.example", **headers: str) -> bytes:
    """A mail that is not signed yet, with the Date of the desk's clock and a Message-ID of its own."""
    headers.setdefault("message_id", desk.message_id("x.example"))
    return written(text, sender, to, date=format_datetime(desk.clock.now()), **headers)
