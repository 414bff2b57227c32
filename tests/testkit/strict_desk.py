"""A desk with `auth.require = "dmarc"`, its people, and whoever forges them: real signatures, a private DNS."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path

from mailbot.app.context import make_context
from mailbot.desk.outgoing.outcome import Outcome
from tests.testkit.desk import DeskUnderTest, Person, ReceivedNotice, open_desk_under_test
from tests.testkit.mail_domains import NameServer, Zones, signed, written
from tests.testkit.records import URL

TARO, ICHIRO, HANAKO = "taro@naxtrade.example", "ichiro@desk.example", "hanako@naxtrade.example"


@contextmanager
def strict_desk(folder: Path, zones: Zones, url: str = URL, **desk_settings: int) -> Iterator[DeskUnderTest]:
    """A desk that believes no From header; `desk_settings`: keys of the section [desk]."""
    server = NameServer(zones)
    desk = open_desk_under_test(folder, url=url)
    auth = desk.config.auth.model_copy(update={"require": "dmarc", "nameservers": [server.address]})
    section = desk.config.desk.model_copy(update=desk_settings)
    desk.config = desk.config.model_copy(update={"auth": auth, "desk": section})
    context, before = make_context(desk.config, desk.store), desk.context
    object.__setattr__(context, "random_bytes", before.random_bytes)
    object.__setattr__(context, "choose", before.choose)
    desk.context = context
    yield desk
    server.close()
    desk.store.close()


def mail(desk: DeskUnderTest, sender: str, text: str, to: str = "desk@desk.example", **headers: str) -> bytes:
    """A mail from `sender`, not signed."""
    headers.setdefault("message_id", desk.message_id("x.example"))
    return written(text, sender, to, date=format_datetime(desk.clock.now()), **headers)


def sends(
    desk: DeskUnderTest,
    sender: str,
    text: str,
    *,
    sign: str | None = None,
    to: str = "desk@desk.example",
    **headers: str,
) -> Outcome:
    """A mail from `sender`, signed by its own domain unless `sign` says otherwise ("" not at all)."""
    domain = sender.rpartition("@")[2] if sign is None else sign
    raw = mail(desk, sender, text, to, **headers)
    return desk.receives(signed(raw, domain) if domain else raw, sender, to)


def replies(desk: DeskUnderTest, person: Person, to: ReceivedNotice, text: str, *, sign: str | None = None) -> Outcome:
    return sends(desk, person.address, f"{text}\n", sign=sign, to=to.reply_to, subject=f"Re: {to.subject}")


def people_of(desk: DeskUnderTest) -> Mapping[str, Person]:
    return {address: desk.person(address.partition("@")[0], address) for address in (TARO, ICHIRO, HANAKO)}


def said(outcome: Outcome) -> str:
    return f"{outcome.disposition.value} {outcome.reason}"
