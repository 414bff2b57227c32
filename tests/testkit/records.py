"""Sample values for the tests of the store."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from peewee import fn

from mailbot.model.application import Actor, Application
from mailbot.model.audit import AuditKind
from mailbot.model.contract import Mailbox, Office, UserCode, UserId
from mailbot.model.evidence import Evidence, Result
from mailbot.model.lifecycle import Event
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Administrator, ApplicantContact, Category, Reviewer, Role
from mailbot.model.procedure import Filled
from mailbot.model.queued_mail import Arrival, DeliveryResult, Envelope, OutgoingMail
from mailbot.model.register import Register
from mailbot.records.applications import application_store
from mailbot.records.database import Store
from mailbot.records.database.postgres import PostgresStore
from mailbot.records.keyset import Place
from mailbot.records.log import audit
from mailbot.records.maintenance.stages import waiting_stages
from mailbot.records.queues import inbox, outbox, received, unwritten
from mailbot.records.queues.unwritten import UnwrittenNotice, WrittenMail
from mailbot.records.schema.queue_tables import OutboxRow

URL = "sqlite:///store/mailbot.sqlite3"
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # on a test: it looks inside of SQLite
NOW = datetime(2026, 11, 20, 1, 0, 0, 123456, tzinfo=UTC)  # 10:00 in Tokyo
MINUTE = timedelta(minutes=1)

CONTACT = ApplicantContact(
    name="通関 太郎",
    kana="ツウカン タロウ",
    department="営業",
    title="課長",
    phone="0301234567",
    email="taro@naxtrade.example",
)
TARO = Actor(Role.CONTACT, CONTACT.email, CONTACT.name)
ICHIRO = Actor(Role.REVIEWER, "ichiro@desk.example", "審査 一郎")
FILLED = Filled({"user_ids": ("1ANACA0A", "1ANACA0B"), "reason": "失念", "count": 2, "tick": True}, {"reason": "失念 "})

OFFICE = Office(
    code="NAC001",
    company="ナックス商事株式会社",
    name="第一営業所",
    administrator=Administrator(
        name="管理 花子", kana="カンリ ハナコ", phone="0312345678", email="hanako@naxtrade.example"
    ),
    password_hash="$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
    division="海上",
    contacts=(CONTACT,),
    user_codes=(
        UserCode(
            "1ANAC",
            "通関業",
            "共用",
            "J.YAMADA",
            ("NAC002",),
            (UserId("1ANAC", "A0A", "net", date(2020, 4, 1)), UserId("1ANAC", "A01", "インタ", None, date(2027, 1, 1))),
        ),
    ),
    mailboxes=(Mailbox("NAC00101", "SMTP/POP3"), Mailbox("NAC00102", "EDIFACT")),
)
REVIEWERS = (
    Reviewer(name="審査 一郎", email="ichiro@desk.example", categories=frozenset(Category)),
    Reviewer(name="審査 良子", email="ryoko@desk.example", categories=frozenset({Category.SYSTEM_SETTING})),
)
REGISTER = Register((OFFICE,), REVIEWERS)


def office(code: str, **changes: Any) -> Office:
    """Another office, without mailboxes and user codes unless they are given."""
    return replace(OFFICE, **({"code": code, "mailboxes": (), "user_codes": ()} | changes))


def arrival(raw: bytes = b"Subject: x\r\n\r\nx\r\n", sender: str = "taro@naxtrade.example") -> Arrival:
    evidence = Evidence("192.0.2.1", "mx.naxtrade.example", True, Result.PASS, ("dkim=pass", "署名あり"))
    return Arrival(Envelope(sender, ("desk@desk.example", "desk+x@desk.example"), True), raw, evidence, NOW, "imap")


def mail(number: int = 1, **changes: Any) -> OutgoingMail:
    made = OutgoingMail(
        message_id=f"<{number}@desk.example>",
        kind=NoticeKind.RECEIVED,
        role=Role.CONTACT,
        recipient="taro@naxtrade.example",
        envelope_sender=f"desk-bounces+{number}@desk.example",
        raw=b"Subject: =?utf-8?q?x?=\r\n\r\n\xff\x00\r\n",
        subject="【受付完了】",
        text=f"本文 {number}",
    )
    return replace(made, **changes)


def die(store: Store) -> None:
    """From now on the store is another process's: the one that made its claims has ended."""
    if isinstance(store, PostgresStore):
        store.takeover_delay = timedelta(0)  # type: ignore[misc]
        store._connection._reconnect()
    else:
        store.owner += 1


def draft(filled: Filled = FILLED, at: datetime = NOW, office_code: str = "NAC001") -> Application:
    """In the caller's transaction."""
    return application_store.create("password_reset", office_code, (filled, CONTACT), at)


def submitted(
    at: datetime = NOW,
    category: Category = Category.SYSTEM_SETTING,
    subjects: tuple[str, ...] = ("1ANACA0A",),
    office_code: str = "NAC001",
) -> Application:
    """In the caller's transaction."""
    return application_store.apply_event(
        draft(at=at, office_code=office_code),
        Event.SUBMIT,
        at,
        TARO,
        revision=(FILLED, CONTACT),
        category=category,
        subjects=subjects,
    )


def put_mail(mail: OutgoingMail, now: datetime) -> int:
    """A notice that is written and waits for its delivery, in the caller's transaction."""
    row = UnwrittenNotice(
        message_id=mail.message_id,
        kind=mail.kind,
        role=mail.role,
        recipient=mail.recipient,
        envelope_sender=mail.envelope_sender,
        value={},
        application_id=mail.application_id,
        caused_by=mail.caused_by,
    )
    unwritten.put([row], now)
    number = OutboxRow.select(fn.MAX(OutboxRow.id)).scalar()
    assert unwritten.store(
        number, WrittenMail.of(mail.raw, mail.subject, mail.text, OutboxRow._meta.database.obj.sealer), now
    )
    return number


def record_result(store: Store, item_id: int, result: DeliveryResult, now: datetime, retry_at: datetime | None) -> None:
    """`outbox.record_result` in a transaction of its own."""
    with store.queue_transaction():
        outbox.record_result(item_id, result, now, retry_at)


def receive(store: Store, arrivals: Sequence[Arrival], *, authenticate: bool = False) -> list[int]:
    """Mails in the inbox, as if they had just come in; returns their numbers."""
    numbers = received.accept(store, arrivals)
    while inbox.transfer(store, authenticate=authenticate):
        pass
    return numbers


def all_handled(store: Store) -> bool:
    """Whether no received mail waits for its transfer, its authentication or its decision."""
    with store.reading():
        return not any(stage.count for stage in waiting_stages(store)[:3])


def without_inquiries(application: Application) -> Application:
    """The application without the steps that say that words of the applicant side were passed on."""
    steps = tuple(step for step in application.steps if step.event is not Event.INQUIRE)
    return replace(application, steps=steps)


def all_contents(store: Store) -> Iterator[tuple[int, bytes]]:
    """Number and raw mail of every received mail, in order, loaded one at a time."""
    for number in sorted(received.numbers(store)):
        yield number, received.content(store, number)


def audited() -> list[tuple[datetime, str, str]]:
    """Every action in the audit log as (at, who, what), oldest first."""
    rows = audit.select(kind=AuditKind.ACT, place=Place(size=10_000)).rows
    return [(row.at, row.who, row.what) for row in reversed(rows)]
