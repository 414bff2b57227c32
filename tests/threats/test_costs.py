"""Mails of one registered sender that cost much CPU time do not delay those of others (T-70, T-77)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailbot.desk import reception
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.attached_tables import MOST_TABLES, read_tables
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.forms.attached import MOST_CELLS
from mailbot.mail.message import read
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope, InboxItem
from mailbot.procedures import load_procedures
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox
from mailbot.runners.authentication import authenticate_one
from mailbot.runners.worker import Exceeded, Worker
from tests.testkit.bomb_mails import attached
from tests.testkit.bombs import workbook
from tests.testkit.desk import FORM, DeskUnderTest
from tests.testkit.mail_domains import signed, zones_of
from tests.testkit.records import die, receive
from tests.testkit.strict_desk import HANAKO, TARO, mail, people_of, strict_desk

SECONDS = 5.0  # CPU time of a costly mail


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[DeskUnderTest]:
    with strict_desk(tmp_path, zones_of({"naxtrade.example": "v=DMARC1; p=none"})) as desk:
        yield desk


@pytest.fixture
def work(strict: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """Handle what waits, in which each mail with the subject «costly» costs SECONDS; returns the order of the mails."""
    handle, order = reception.handle, list[int]()

    def counted(item: InboxItem, now: datetime, context: DeskContext) -> Outcome:
        order.append(item.id)
        if b"Subject: costly" in item.raw:
            strict.clock.use_cpu(timedelta(seconds=SECONDS))
        return handle(item, now, context)

    monkeypatch.setattr(reception, "handle", counted)
    worker = Worker(strict.context, strict.clock, handled=lambda: None)

    def run() -> list[int]:
        order.clear()
        while worker.handle_one():
            pass
        return list(order)

    return run


def arrive(
    desk: DeskUnderTest, sender: str, text: str, *, envelope: str = "", proven: bool = True, **headers: str
) -> int:
    raw = mail(desk, sender, text, **headers)
    raw = signed(raw, sender.rpartition("@")[2]) if proven else raw
    to = Envelope(envelope or sender, ("desk@desk.example",))
    (number,) = receive(desk.store, [Arrival(to, raw, Evidence(), desk.clock.now())], authenticate=True)
    (item,) = inbox.unauthenticated(desk.store, desk.clock.now(), 1, ())
    authenticate_one(item, desk.clock, desk.context)
    return number


def test_the_mails_of_others_overtake_those_that_cost_much(
    strict: DeskUnderTest, work: Callable[[], list[int]]
) -> None:
    """Whatever reverse-path each of them has; the application and its withdrawal keep their order."""
    costly = [arrive(strict, TARO, f"{n}\n", envelope=f"b{n}@x.jp", subject="costly") for n in range(4)]
    applied = arrive(strict, TARO, FORM)
    withdrawn = arrive(strict, TARO, "取下げ\n2600001C\n")
    honest = arrive(strict, HANAKO, FORM.replace("A0A", "A0B"))
    assert work() == [costly[0], honest, *costly[1:], applied, withdrawn]


def test_forged_mails_that_cost_much_do_not_put_the_person_behind(
    strict: DeskUnderTest, work: Callable[[], list[int]]
) -> None:
    forged = [arrive(strict, TARO, f"{n}\n", proven=False, subject="costly") for n in range(4)]
    genuine = arrive(strict, TARO, FORM)
    assert work() == [forged[0], genuine, *forged[1:]]


def test_more_than_a_budget_waits_and_is_carried_out(strict: DeskUnderTest, work: Callable[[], list[int]]) -> None:
    """The sender and the operators are told once; nothing is lost, and nobody has to do anything."""
    within = int(strict.context.settings.sender_cpu_seconds / SECONDS) + 1
    costly = [arrive(strict, TARO, "状況\n", subject="costly") for _ in range(within + 2)]
    applied = arrive(strict, TARO, FORM)
    assert work() == costly[:within]
    assert inbox.counts()["waiting"] == 3
    strict.deliver()
    taro, operator = people_of(strict)[TARO], strict.person("", "operator@desk.example")
    assert [one.subject for one in taro.mails if "時間をいただいて" in one.subject] == [taro.mails[-1].subject]
    assert "1時間の上限" in operator.gets("alert").text.replace("\n", "")
    strict.clock.advance(timedelta(minutes=5, seconds=1))
    assert work() == costly[within : within + 1]
    strict.clock.advance(timedelta(minutes=30))
    assert work() == [*costly[within + 1 :], applied]
    assert inbox.counts()["waiting"] == 0
    operator.gets_nothing()


def test_a_mail_that_exceeded_a_limit_is_charged(strict: DeskUnderTest) -> None:
    """T-73: the next process charges it, because the one that was ended could not."""
    fatal, again, honest = (arrive(strict, one, FORM) for one in (TARO, TARO, HANAKO))
    inbox.claim(strict.store, strict.clock.now())  # … and the process ends
    die(strict.store)
    worker = Worker(strict.context, strict.clock, lambda: None, exceeded=Exceeded(fatal, "cpu"))
    while worker.handle_one():
        pass
    rows = [row.inbox_id for row in mail_log.listing(10) if row.direction == "in"]
    assert rows == [fatal, honest, again]


def test_all_files_of_a_mail_share_one_limit() -> None:
    """T-77: one large sheet is read, five are not; the sender is told which ones."""
    rows = "<row>" + "<c><v>1</v></c>" * 60 + "</row>"
    raw = b"From: a@b.jp\r\n" + attached("form.xlsx", workbook(rows * 999), copies=MOST_TABLES)
    texts, problems = read_tables(read(raw), "", None, load_procedures())
    assert len(texts) == MOST_CELLS // 66_000
    assert [one.code for one in problems] == ["table_too_large"] * (MOST_TABLES - len(texts))
