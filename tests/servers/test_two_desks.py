"""Two desks in processes of their own, each a registered contact of the other: their conversation ends."""

import asyncio
import re
import smtplib
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path

import pytest

from mailbot.runners.sink import Received, Sink
from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import Desk, tally
from tests.testkit.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ANSWERS_PER_HOUR = 4
FIRST, SECOND = "desk@first.example", "desk@second.example"
TARO, HANAKO = "taro@naxtrade.example", "hanako@naxtrade.example"
MOST_MAILS = 60  # more is a loop
# What tells a machine that a machine wrote: a gateway may remove it.
_OF_MACHINES = re.compile(
    rb"(?im)^(?:X-Mailbot-[^:]*|Auto-Submitted|Precedence|X-Auto-[^:]*|List-[^:]*):.*\r?\n(?:[ \t].*\r?\n)*"
)


@dataclass
class Gateway:
    """The relay of both desks, which hands over to each what is for it."""

    sink: Sink
    desks: dict[str, tuple[Desk, Path]]
    strips: bool
    seen: int = 0
    between: int = 0
    others: Counter[str] = field(default_factory=Counter)  # `taro answer`

    def exchanges(self) -> None:
        """Until neither desk has anything to do or to say."""
        while mails := self.sink.wait_for(self.seen, 60)[self.seen :]:
            self.seen += len(mails)
            for mail in mails:
                self._hand_over(mail)
            self.settles()

    def settles(self) -> None:
        """Every mail is handled and every notice delivered."""
        for _, folder in self.desks.values():
            until(partial(is_idle, folder), "the desk is idle")

    def _hand_over(self, mail: Received) -> None:
        domain = mail.recipients[0].partition("@")[2]
        if f"desk@{domain}" not in self.desks:
            kind = message_from_bytes(mail.raw, policy=policy.default)["X-Mailbot-Notice"]
            self.others[f"{mail.recipients[0].partition('@')[0]} {kind}"] += 1
            return
        self.between += 1
        assert self.between <= MOST_MAILS, "a loop"
        header, empty, body = mail.raw.partition(b"\r\n\r\n")
        header = _OF_MACHINES.sub(b"", header + b"\r\n")[:-2] if self.strips else header
        self.sends(f"desk@{domain}", mail.sender, header + empty + body, mail.recipients[0])

    def sends(self, desk: str, sender: str, raw: bytes, recipient: str = "") -> None:
        with smtplib.SMTP("127.0.0.1", self.desks[desk][0].port, timeout=60) as client:
            client.sendmail(sender, [recipient or desk], raw)


def is_idle(folder: Path) -> bool:
    """Stage by stage in the order of a mail: what leaves one while another is looked at is not missed."""
    taken = "SELECT coalesce(max(id), 0) FROM inbox"
    unsent = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'unwritten', 'sending')"
    return (
        tally(folder, "SELECT coalesce(max(id), 0) FROM received", of="intake.") == tally(folder, taken)
        and tally(folder, "SELECT count(*) FROM inbox WHERE state <> 'done'") == [0]
        and tally(folder, unsent) == [0]
    )


def text_mail(sender: str, words: str) -> bytes:
    head = f"From: {sender}\r\nSubject: お問い合わせ\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return f"{head}{words}\r\n".encode()


def serve(folder: Path, address: str, contact: str, relay: int) -> Desk:
    """A desk with that contact in place of 港南 次郎."""
    mailbot(folder.parent, "init", folder.name, "--sample")
    mailbot(folder, "register", "export", "register.toml")
    file = folder / "register.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("jiro@naxtrade.example", contact), encoding="utf-8")
    mailbot(folder, "register", "import", "register.toml", "--yes", "--prune")
    environment = {
        "MAILBOT_DESK_ADDRESS": address,
        "MAILBOT_RELAY_HOST": "127.0.0.1",
        "MAILBOT_RELAY_PORT": str(relay),
        "MAILBOT_DESK_ANSWERS_PER_HOUR": str(ANSWERS_PER_HOUR),
    }
    return Desk(folder, environment, roles="smtp,worker,sender")


def conversation(gateway: Gateway) -> None:
    gateway.sends(FIRST, SECOND, text_mail(SECOND, "費用はいくらですか。"))
    gateway.settles()
    gateway.exchanges()
    if gateway.strips:  # each side answers as often as it answers anybody, and says once that a person reads
        assert 2 <= gateway.between <= 2 * (ANSWERS_PER_HOUR + 2)
    else:
        assert gateway.between == 1
    ended = gateway.between
    # Of the customers nobody, but the 管理責任者 once: the empty form in an answer is a form that a colleague sent.
    customers = Counter(one for one in gateway.others.elements() if not one.startswith("operator "))
    assert customers in (Counter(), Counter({"hanako invalid-input": int(gateway.strips)}))
    for _, folder in gateway.desks.values():
        assert set(tally(folder, "SELECT state FROM application")) <= {"draft"}  # nothing is submitted or decided
    assert gateway.others["operator inquiry"] <= 2 * (ANSWERS_PER_HOUR + 2)
    for desk in gateway.desks:  # both go on for everybody else
        gateway.sends(desk, TARO, text_mail(TARO, "状況"))
    gateway.settles()
    gateway.exchanges()
    assert (gateway.between, gateway.others["taro answer"]) == (ended, 2)
    for _, folder in gateway.desks.values():
        assert "consistent" in mailbot(folder, "log", "balance")


@pytest.mark.parametrize("strips", [False, True], ids=["as sent", "without the header fields of machines"])
async def test_two_desks_that_know_each_other(tmp_path: Path, *, strips: bool) -> None:
    sink = Sink()
    relay = await sink.start()
    try:
        with ExitStack() as ending:
            desks = {}
            for address, contact in ((FIRST, SECOND), (SECOND, FIRST)):
                folder = tmp_path / address.partition("@")[2]
                desk = await asyncio.to_thread(serve, folder, address, contact, relay)
                ending.callback(desk.end, "terminate")
                desks[address] = (desk, folder)
            await asyncio.to_thread(conversation, Gateway(sink, desks, strips))
    finally:
        await sink.stop()
