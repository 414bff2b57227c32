"""The worker: a surprise never stops it, a store that is away costs a mail nothing."""

import pytest

from mailbot.desk import reception
from mailbot.errors import Temporary
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox, outbox
from mailbot.runners.worker import MOST_ATTEMPTS, Worker
from tests.testkit.desk import FORM, DeskUnderTest
from tests.testkit.records import die

RAW = ("From: taro@naxtrade.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + FORM).encode()


def arrives(desk: DeskUnderTest, raw: bytes = RAW) -> int:
    arrival = Arrival(Envelope("taro@naxtrade.example", ("desk@desk.example",)), raw, Evidence(), desk.clock.now())
    return inbox.accept(desk.store, [arrival])[0]


def worker(desk: DeskUnderTest) -> Worker:
    return Worker(desk.context, desk.clock, handled=lambda: None)


def test_mails_are_handled_one_by_one(desk: DeskUnderTest) -> None:
    arrives(desk)
    arrives(desk)
    assert [worker(desk).handle_one() for _ in range(3)] == [True, True, False]
    assert inbox.counts() == {"waiting": 0, "carried_out": 1, "recorded": 1}


def test_a_surprise_shunts_the_mail_and_rolls_everything_back(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrives(desk)
    finish = inbox.finish
    calls = []

    def first_time(*args: object, **kwargs: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError("half-way")
        finish(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(inbox, "finish", first_time)
    assert worker(desk).handle_one()
    assert inbox.counts() == {"waiting": 0, "quarantined": 1}
    assert {item.mail.kind.value for item in outbox.listing()} == {"alert"}  # no notice of what did not happen
    (row,) = [row for row in mail_log.listing(10) if row.direction == "in"]
    assert (row.disposition, row.reason) == ("quarantined", "surprise")
    assert "ZeroDivisionError: half-way" in row.detail
    arrives(desk, RAW + b"\r\n")
    assert worker(desk).handle_one()
    assert inbox.counts()["carried_out"] == 1


def test_a_mail_that_ends_the_process_three_times_is_set_aside(desk: DeskUnderTest) -> None:
    """T-73."""
    number = arrives(desk)
    for _ in range(MOST_ATTEMPTS):
        claimed = inbox.claim(desk.store, desk.clock.now())  # … and the process dies
        assert claimed is not None
        assert claimed.id == number
        die(desk.store)
    assert worker(desk).handle_one()
    assert inbox.counts() == {"waiting": 0, "quarantined": 1}


def test_a_store_that_is_away_is_not_the_mails_fault(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise Temporary("away")

    arrives(desk)
    with monkeypatch.context() as patch:
        patch.setattr(reception, "handle", away)
        for _ in range(MOST_ATTEMPTS + 2):
            with pytest.raises(Temporary):
                worker(desk).handle_one()
    assert worker(desk).handle_one()
    assert inbox.counts() == {"waiting": 0, "carried_out": 1}
