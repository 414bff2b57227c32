"""A whole desk in the process of the test: real store, real templates, a manual clock, mails as bytes in and out.

Conversations read as `taro.sends(…)`, `ichiro.replies(…)`, `taro.gets("completed")`.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, formataddr
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from mailbot.app.context import make_context, sample_register
from mailbot.clock import TOKYO, ManualClock
from mailbot.config import Config, load
from mailbot.desk import reception
from mailbot.desk.calendar import deadlines
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.delivered import extend_view_period
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.model.application import Application
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, DeliveryResult, Envelope
from mailbot.model.reasons import is_known
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.register import Register
from mailbot.records.applications import application_store
from mailbot.records.database import Store, open_store
from mailbot.records.queues import inbox, outbox
from mailbot.records.register.offices import replace_register
from mailbot.register_files.register_file import read_register
from tests.testkit.new_stores import new_store, write_private
from tests.testkit.records import URL, receive

# Friday; Monday 11/23 is 勤労感謝の日, so three business days from here end on Wednesday 11/25.
CONNECTIONS = 4  # to the relay: the default of `relay.connections`
START = datetime(2026, 11, 20, 10, 0, tzinfo=TOKYO)

Result = TypeVar("Result")

FORM = """\
手続：パスワード初期化
事業所コード：NAC001

【申込内容】
利用者コード：1ANAC
識別番号：A0A
パスワード初期化の希望理由：担当者の交代時に引き継ぎがなく、失念したため
NACCS反映タイミング：最短の日程で登録を希望
備考：
"""


@dataclass(frozen=True)
class ReceivedNotice:
    """A notice as it reached its recipient."""

    raw: bytes
    envelope_sender: str

    @cached_property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @cached_property
    def _head(self) -> EmailMessage:
        """The header alone: most notices of a test are told apart, and not read."""
        return BytesParser(policy=policy.default).parsebytes(self.raw, headersonly=True)

    def header(self, name: str) -> str:
        """The value of a header field, "" without it."""
        return str(self._head.get(name, ""))

    @property
    def kind(self) -> str:
        return self.header("X-Mailbot-Notice")

    @property
    def subject(self) -> str:
        return self.header("Subject")

    @property
    def receipt(self) -> str:
        return self.header("X-Mailbot-Receipt")

    @property
    def reply_to(self) -> str:
        return self.header("Reply-To")

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


class DeskUnderTest:
    """The desk with its people; it handles one mail at a time."""

    def __init__(self, config: Config, store: Store, chance: random.Random) -> None:
        self.config = config
        self.clock = ManualClock(START)
        self.chance = chance
        self._use(store)
        self.people: dict[str, Person] = {}
        self.last: Outcome | None = None
        self.relay_is_down = False
        self._numbers = 0

    def _use(self, store: Store) -> None:
        self.store = store
        self.context: DeskContext = make_context(self.config, store)
        object.__setattr__(self.context, "random_bytes", self.chance.randbytes)
        object.__setattr__(self.context, "choose", self.chance.choice)

    def person(self, name: str, address: str) -> "Person":
        return self.people.setdefault(address, Person(self, name, address))

    def receives(self, raw: bytes, sender: str, *recipients: str, peer: str = "127.0.0.1") -> Outcome:
        """The mail through the inbox and the desk, and every notice it causes to its reader."""
        arrival = Arrival(
            Envelope(sender, recipients or (self.config.desk.address,)), raw, Evidence(peer=peer), self.clock.now()
        )
        receive(self.store, [arrival])
        item = inbox.claim(self.store, self.clock.now())
        assert item is not None
        item = reception.authenticate(item, self.clock.now(), self.context)
        with self.store.transaction():
            inbox.update_evidence(item.id, item.evidence)
        self.last = reception.handle(item, self.clock.now(), self.context)
        assert is_known(self.last.disposition, self.last.reason), f"mailbot/model/reasons.py lacks {self.last.reason}"
        self.deliver()
        return self.last

    def run_due_tasks(self) -> int:
        done = deadlines.run_due_tasks(self.clock.now(), self.context)
        self.deliver()
        return done

    def deliver(self) -> None:
        write_due(self.clock.now, self.context)
        while not self.relay_is_down and (items := outbox.claim(self.store, self.clock.now(), CONNECTIONS)):
            with self.store.transaction():
                for item in items:
                    extend_view_period(item, self.clock.now(), self.context)
                    result = DeliveryResult(True, code=250, reply="OK")
                    outbox.record_result(item.id, result, self.clock.now(), None)
            for item in items:
                got = ReceivedNotice(item.mail.raw, item.mail.envelope_sender)
                self.person("", item.mail.recipient).mails.append(got)

    def application(self, receipt: str) -> Application:
        found = application_store.by_receipt(ReceiptNumber.parse(receipt))
        assert found is not None
        return found

    def message_id(self, domain: str) -> str:
        self._numbers += 1
        return f"<{self._numbers}.test@{domain}>"

    def passes(self, **step: float) -> None:
        self.clock.advance(timedelta(**step))

    def after(self, history: "Callable[[DeskUnderTest], Result]") -> "Result":
        """Let this new desk go through `history`, and return what it returns: values.

        With SQLite that happens once in a process; other desks get copies of the files and of the unread notices.
        """
        assert self._numbers == 0, "the desk is not new"
        if self.config.store.url != URL:
            return history(self)
        if history in _MOMENTS:
            self.store.close()
            _MOMENTS[history].restore(self)
        else:
            result = history(self)
            self.store.close()
            _MOMENTS[history] = Moment.of(self, result)
        self._use(open_store(URL, self.config.base))
        return _MOMENTS[history].result  # type: ignore[no-any-return]

    def silent(self) -> bool:
        """Whether nobody has an unread notice."""
        return not any(person.mails for person in self.people.values())


@dataclass(frozen=True)
class Moment:
    """A desk whose store is closed: its files (path → content), and what is in the memory of the test."""

    result: Any
    files: Mapping[str, bytes]
    time: datetime
    chance: object
    numbers: int
    last: Outcome | None
    people: tuple[tuple[str, str, tuple[ReceivedNotice, ...]], ...]

    @classmethod
    def of(cls, desk: DeskUnderTest, result: object) -> "Moment":
        base = desk.config.base
        files = {str(path.relative_to(base)): path.read_bytes() for path in base.rglob("*") if path.is_file()}
        people = tuple((person.name, address, tuple(person.mails)) for address, person in desk.people.items())
        return cls(result, files, desk.clock.now(), desk.chance.getstate(), desk._numbers, desk.last, people)

    def restore(self, desk: DeskUnderTest) -> None:
        for name, content in self.files.items():
            write_private(desk.config.base / name, content)
        desk.clock.set(self.time)
        desk.chance.setstate(self.chance)  # type: ignore[arg-type]
        desk._numbers, desk.last = self.numbers, self.last
        for name, address, mails in self.people:
            desk.person(name, address).mails[:] = mails


_MOMENTS: dict[Callable[[DeskUnderTest], Any], Moment] = {}


@dataclass
class Person:
    """Somebody with a mail program."""

    desk: DeskUnderTest
    name: str
    address: str
    mails: list[ReceivedNotice] = field(default_factory=list)  # unread, oldest first

    def sends(
        self,
        text: str,
        subject: str = "パスワード初期化の申込",
        *,
        to: str = "",
        html: str = "",
        files: Mapping[str, bytes] | None = None,
        **headers: str,
    ) -> Outcome:
        mail = EmailMessage()
        mail["From"] = formataddr((self.name, self.address))
        mail["To"] = to or self.desk.config.desk.address
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self.desk.clock.now())
        mail["Message-ID"] = headers.pop("message_id", "") or self.desk.message_id(self.address.rpartition("@")[2])
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text, charset="utf-8")
        if html:
            mail.add_alternative(html, subtype="html", charset="utf-8")
        for name, data in (files or {}).items():
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        return self.desk.receives(mail.as_bytes(policy=policy.SMTP), self.address, to or self.desk.config.desk.address)

    def replies(
        self,
        to: ReceivedNotice,
        text: str,
        quote: Callable[[ReceivedNotice], str] | None = None,
        *,
        keep_tag: bool = True,
        **headers: str,
    ) -> Outcome:
        body = text + (quote or gmail)(to)
        references = f"{to.header('References')} {to.header('Message-ID')}".strip()
        return self.sends(
            body,
            f"Re: {to.subject}",
            to=to.reply_to if keep_tag else self.desk.config.desk.address,
            In_Reply_To=to.header("Message-ID"),
            References=references,
            **headers,
        )

    def gets(self, *kinds: str) -> ReceivedNotice:
        """Exactly these notices, and no more; the last of them."""
        found, self.mails = self.mails, []
        assert [got.kind for got in found] == list(kinds), [(got.kind, got.subject) for got in found]
        return found[-1]

    def gets_nothing(self) -> None:
        assert [(got.kind, got.subject) for got in self.mails] == []

    def forgets(self) -> None:
        self.mails.clear()


def gmail(got: ReceivedNotice) -> str:
    quoted = "\n".join(f"> {line}" for line in got.text.splitlines())
    return f"\n\n2026年11月20日(金) 10:00 申込受付デスク <desk@desk.example>:\n\n{quoted}\n"


def outlook(got: ReceivedNotice) -> str:
    head = (
        f"差出人: 申込受付デスク <desk@desk.example>\n送信日時: 2026年11月20日 10:00\n宛先: あなた\n件名: {got.subject}"
    )
    return f"\n\n________________________________\n{head}\n\n{got.text}\n"


def no_quote(_: ReceivedNotice) -> str:
    return ""


def open_desk_under_test(folder: Path, seed: int = 1, url: str = URL, store: Store | None = None) -> DeskUnderTest:
    """A desk with the sample register in `folder`, or with `store`; its random numbers come from `seed`."""
    config = load(None, {})
    config._base = folder
    config = config.model_copy(update={"store": config.store.model_copy(update={"url": url})})
    config._base = folder
    return DeskUnderTest(config, store or new_store(url, folder, import_sample), random.Random(seed))


@cache
def sample_offices() -> Register:
    """Read once: hashing the sample passwords takes its time, as it should."""
    return read_register(sample_register())


def import_sample() -> None:
    """Fill a new store with the sample register, in the caller's transaction."""
    replace_register(sample_offices())
