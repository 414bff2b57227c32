"""Desks as they are compared: with a register of many offices, and the applications that their contacts send."""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from mailbot.app.context import sample_register
from mailbot.model.register import Register
from mailbot.register_files.register_file import read_register, write_register
from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_process import Desk
from tests.testkit.mail_domains import NameServer, Zones, key_of, signed, written

DOMAIN, DESK_DOMAIN = "naxtrade.example", "desk.example"
NOTICES = 3  # of an application: to its contact, to its administrator, and to the one reviewer
ALL_ROLES = "smtp,worker,sender,web"


def register(offices: int, reviewers: int = 1) -> Register:
    """Copies of the first office of the sample, each with codes and people of its own, and some reviewers."""
    sample = read_register(sample_register())
    office = sample.offices[0]
    copies = []
    for number in range(offices):
        code = f"{number:04}X"
        ids = tuple(replace(one, code=code) for one in office.user_codes[0].user_ids)
        copies.append(
            replace(
                office,
                code=f"X{number:05}",
                administrator=replace(office.administrator, email=f"administrator{number}@{DOMAIN}"),
                contacts=(replace(office.contacts[0], email=contact(number)),),
                user_codes=(replace(office.user_codes[0], code=code, shared_with=(), user_ids=ids),),
                mailboxes=(),
            )
        )
    return Register(tuple(copies), sample.reviewers[:reviewers])


def contact(number: int) -> str:
    return f"contact{number}@{DOMAIN}"


class Applications:
    """One application of each office of `register`, in turn: (sender, mail)."""

    def __init__(self, *, signs: bool = False) -> None:
        self._numbers = itertools.count()
        self._signs = signs

    def take(self, count: int) -> list[tuple[str, bytes]]:
        return [self._one(number) for number in itertools.islice(self._numbers, count)]

    def _one(self, number: int) -> tuple[str, bytes]:
        text = FORM.replace("NAC001", f"X{number:05}").replace("1ANAC", f"{number:04}X")
        date = format_datetime(datetime.now(UTC))
        mail = written(text, contact(number), date=date, message_id=f"<{number}.application@{DOMAIN}>")
        return contact(number), signed(mail, DOMAIN) if self._signs else mail


def ticket_mails(count: int, numbers: Iterator[int]) -> list[bytes]:
    """The same applications from one person, for the systems that have no register."""
    date = format_datetime(datetime.now(UTC))
    return [
        written(FORM, "taro@naxtrade.example", date=date, message_id=f"<{number}.application@{DOMAIN}>")
        for number in itertools.islice(numbers, count)
    ]


@contextlib.contextmanager
def desk(
    folder: Path,
    relay: int,
    roles: str = ALL_ROLES,
    *,
    offices: int = 0,
    signs: bool = False,
    wrap: Sequence[str] = (),
) -> Iterator[Desk]:
    """`mailbot serve` in a new `folder`.

    `offices`: how many there are besides the sample's.  `signs`: DMARC is required of senders, and notices are signed
    (DKIM).  `wrap`: a command that runs it.
    """
    folder.mkdir()
    mailbot(folder, "init", *(() if offices else ("--sample",)))
    if offices:
        write_register(register(offices), folder / "register.toml")
        mailbot(folder, "register", "import", "register.toml")
    environment = {"MAILBOT_RELAY_HOST": "127.0.0.1", "MAILBOT_RELAY_PORT": str(relay)}
    with contextlib.ExitStack() as stack:
        if signs:
            names = NameServer(_zones())
            stack.callback(names.close)
            key = folder / "dkim.key"
            key.touch(0o600)
            key.write_bytes(key_of(DESK_DOMAIN)[0])
            environment |= {
                "MAILBOT_AUTH_REQUIRE": "dmarc",
                "MAILBOT_AUTH_NAMESERVERS": names.address,
                "MAILBOT_RELAY_DKIM_KEY": str(key),
            }
        process = Desk(folder, environment, roles, wrap)
        try:
            yield process
        finally:
            process.end("terminate")


def _zones() -> Zones:
    zones = Zones()
    zones.publishes(DOMAIN)
    return zones
