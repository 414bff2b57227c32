"""The worker: no exception ends it, and a failure of the store does not count as an attempt."""

import base64

import pytest

from mailbot.desk import reception
from mailbot.desk.incoming import reading
from mailbot.desk.unhandled.postpone import RETRY_AFTER
from mailbot.errors import Temporary
from mailbot.mail import message
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.applications import application_store
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox, outbox, sender_costs
from mailbot.runners.polling import FLUSH_SECONDS
from mailbot.runners.worker import LIMITS, MAX_ATTEMPTS, Exceeded, Worker
from tests.testkit.bombs import merging_workbook, wide_table
from tests.testkit.desk import FORM, DeskUnderTest
from tests.testkit.records import die, receive

RAW = ("From: taro@naxtrade.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + FORM).encode()


def arrives(desk: DeskUnderTest, raw: bytes = RAW) -> int:
    arrival = Arrival(Envelope("taro@naxtrade.example", ("desk@desk.example",)), raw, Evidence(), desk.clock.now())
    return receive(desk.store, [arrival])[0]


def worker(desk: DeskUnderTest) -> Worker:
    return Worker(desk.context, desk.clock, handled=lambda: None)


def test_mails_are_handled_one_by_one(desk: DeskUnderTest) -> None:
    arrives(desk)
    arrives(desk)
    assert [worker(desk).handle_one() for _ in range(3)] == [True, True, False]
    assert inbox.counts() == {"waiting": 0, "carried_out": 1, "recorded": 1}


def test_what_raises_while_a_mail_is_read_quarantines_it(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    arrives(desk)

    def hostile(*_: object, **__: object) -> None:
        raise ZeroDivisionError("half-way")

    with monkeypatch.context() as patch:
        patch.setattr(reading, "own_words", hostile)
        assert worker(desk).handle_one()
    assert inbox.counts() == {"waiting": 0, "quarantined": 1}
    assert [item.mail.kind.value for item in outbox.listing()] == ["alert", "answer"]  # to the registered author
    (row,) = [row for row in mail_log.listing(10) if row.direction == "in"]
    assert (row.disposition, row.reason) == ("quarantined", "surprise")
    assert "ZeroDivisionError: half-way" in row.detail
    arrives(desk, RAW + b"\r\n")
    assert worker(desk).handle_one()
    assert inbox.counts()["carried_out"] == 1


def test_a_fault_of_the_desk_postpones_the_mail(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is rolled back, the operators are alerted once, the sender is notified after ten minutes."""
    arrives(desk)
    finish, broken = inbox.finish, True

    def faulty(*args: object, **kwargs: object) -> None:
        if broken:
            raise ZeroDivisionError("half-way")
        finish(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(inbox, "finish", faulty)
    for _ in range(8):
        worker(desk).handle_one()
        desk.clock.advance(RETRY_AFTER)
    assert inbox.counts() == {"waiting": 1}
    assert application_store.listing() == []
    desk.deliver()
    alert = desk.person("", "operator@desk.example").gets("alert")
    assert "ZeroDivisionError: half-way" in alert.text.replace("\n", "")
    assert "届いております" in desk.person("", "taro@naxtrade.example").gets("answer").subject
    broken = False
    assert worker(desk).handle_one()
    desk.deliver()
    assert inbox.counts() == {"waiting": 0, "carried_out": 1}
    desk.person("", "taro@naxtrade.example").gets("received")


def test_nobody_unregistered_and_no_robot_is_answered_while_it_waits(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(inbox, "finish", faulty)
    arrives(desk, RAW.replace(b"taro@", b"nobody@"))
    arrives(desk, b"Auto-Submitted: auto-replied\r\n" + RAW)
    for _ in range(16):
        worker(desk).handle_one()
        desk.clock.advance(RETRY_AFTER / 2)
    assert {item.mail.kind.value for item in outbox.listing()} <= {"alert"}


def test_a_mail_that_ends_the_process_three_times_is_quarantined(desk: DeskUnderTest) -> None:
    """T-73."""
    number = arrives(desk)
    for _ in range(MAX_ATTEMPTS):
        claimed = inbox.claim(desk.store, desk.clock.now())  # … and the process dies
        assert claimed is not None
        assert claimed.id == number
        die(desk.store)
    assert worker(desk).handle_one()
    assert inbox.counts() == {"waiting": 0, "quarantined": 1}


def test_processes_that_are_killed_cost_the_sender_nothing(desk: DeskUnderTest) -> None:
    """Whoever writes while a machine crashes again and again is not put behind others."""
    one = worker(desk)
    for number in range(8):
        arrives(desk, RAW + b"\r\n" * number)
        assert inbox.claim(desk.store, desk.clock.now()) is not None  # … and the process dies
        die(desk.store)
        assert one.handle_one()
    assert not one.handle_one()  # the cost of the last one is charged
    with desk.store.reading():
        assert sender_costs.behind(desk.clock.now()) == {}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_mail_in_which_a_limit_was_exceeded_is_quarantined_at_once(desk: DeskUnderTest, limit: str) -> None:
    """T-73: only this mail is quarantined, and not again after an operator has put it back in the inbox."""
    number, other = arrives(desk), arrives(desk, RAW + b"\r\n")
    inbox.claim(desk.store, desk.clock.now())  # … and the process dies
    die(desk.store)
    second = Worker(desk.context, desk.clock, lambda: None, exceeded=Exceeded.parse(f"{number}:{limit}"))
    assert second.handle_one() and second.handle_one()
    rows = {row.inbox_id: row for row in mail_log.listing(10) if row.direction == "in"}
    assert (rows[number].reason, LIMITS[limit] in rows[number].detail) == ("kept-failing", True)
    assert rows[other].reason == "submitted"
    assert second._exceeded is None


@pytest.mark.parametrize(("module", "name"), [(message, "_read_body"), (reading, "own_words"), (inbox, "finish")])
def test_too_little_memory_ends_the_process(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    """While a mail is parsed, read or decided on: it is no fault of the desk, and no malformed mail."""
    arrives(desk)

    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(module, name, exhausted)
    with pytest.raises(MemoryError):
        worker(desk).handle_one()
    assert inbox.counts() == {"waiting": 1}
    assert outbox.listing() == []


@pytest.mark.parametrize("text", ["", "7", "7:", ":cpu", "x:cpu", "7:power", "7:cpu:1", "-7:cpu"])
def test_what_names_no_exceeded_limit(text: str) -> None:
    assert Exceeded.parse(text) is None


def test_mails_that_are_made_to_exhaust_the_worker(desk: DeskUnderTest) -> None:
    """T-70, T-77: five workbooks of 1.5 kB that declare millions of merged cells, and HTML of 2 GB when laid out."""
    head = b"From: taro@naxtrade.example\r\nSubject: x\r\n"
    part = b'--b\r\nContent-Type: application/octet-stream; name="a.xlsx"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    words = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n手続：パスワード初期化\r\n".encode()
    files = words + b"".join(part + base64.encodebytes(merging_workbook()) + b"\r\n" for _ in range(5))
    arrives(desk, head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + files + b"--b--\r\n")
    arrives(desk, head + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + wide_table().encode())
    arrives(desk)
    assert [worker(desk).handle_one() for _ in range(4)] == [True, True, True, False]
    reasons = {row.inbox_id: row.reason for row in mail_log.listing(10) if row.direction == "in"}
    assert reasons == {1: "incomplete", 2: "passed-on", 3: "submitted"}
    desk.deliver()
    draft, *_ = desk.person("", "taro@naxtrade.example").mails
    assert draft.text.replace("\n", "").count("大きすぎる") == 5


def test_a_store_that_is_away_is_not_the_mails_fault(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise Temporary("away")

    arrives(desk)
    with monkeypatch.context() as patch:
        patch.setattr(reception, "handle", away)
        for _ in range(MAX_ATTEMPTS + 2):
            with pytest.raises(Temporary):
                worker(desk).handle_one()
    assert worker(desk).handle_one()
    assert inbox.counts() == {"waiting": 0, "carried_out": 1}


def test_mails_that_cannot_be_transferred_keep_none_of_the_inbox_waiting(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = arrives(desk)
    flushed: list[float] = []

    def damaged(*_: object) -> None:
        raise ValueError("not JSON")

    monkeypatch.setattr(inbox, "not_transferred", damaged)
    monkeypatch.setattr(type(desk.store), "flush_after", lambda _, seconds: flushed.append(seconds))
    one = worker(desk)
    assert one.poll()
    item = inbox.get(desk.store, number)
    assert item is not None and item.attempts == 1
    monkeypatch.setattr(inbox, "claim", damaged)
    one._stop.set()  # it does not pause
    assert not one.poll()
    assert flushed == [FLUSH_SECONDS] * 2, "what is committed becomes durable, whether the work fails or not"
