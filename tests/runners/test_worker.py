"""The worker: a surprise never stops it, a store that is away costs a mail nothing."""

import pytest

from mailbot.desk import reception
from mailbot.errors import Temporary
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox, outbox
from mailbot.runners.worker import MOST_ATTEMPTS, Worker
from tests.desk_in_hand import FORM, Hand
from tests.records.making import die

RAW = ("From: taro@naxtrade.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + FORM).encode()


def arrives(hand: Hand, raw: bytes = RAW) -> int:
    arrival = Arrival(Envelope("taro@naxtrade.example", ("desk@desk.example",)), raw, Evidence(), hand.clock.now())
    return inbox.accept(hand.store, [arrival])[0]


def worker(hand: Hand) -> Worker:
    return Worker(hand.context, hand.clock, handled=lambda: None)


def test_mails_are_handled_one_by_one(hand: Hand) -> None:
    arrives(hand)
    arrives(hand)
    assert [worker(hand).handle_one() for _ in range(3)] == [True, True, False]
    assert inbox.counts() == {"waiting": 0, "carried_out": 1, "recorded": 1}


def test_a_surprise_shunts_the_mail_and_rolls_everything_back(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    arrives(hand)
    finish = inbox.finish
    calls = []

    def first_time(*args: object, **kwargs: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError("half-way")
        finish(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(inbox, "finish", first_time)
    assert worker(hand).handle_one()
    assert inbox.counts() == {"waiting": 0, "quarantined": 1}
    assert {item.mail.kind.value for item in outbox.listing()} == {"alert"}  # no notice of what did not happen
    (row,) = [row for row in mail_log.listing(10) if row.direction == "in"]
    assert (row.disposition, row.reason) == ("quarantined", "surprise")
    assert "ZeroDivisionError: half-way" in row.detail
    arrives(hand, RAW + b"\r\n")
    assert worker(hand).handle_one()
    assert inbox.counts()["carried_out"] == 1


def test_a_mail_that_ends_the_process_three_times_is_set_aside(hand: Hand) -> None:
    """T-73."""
    number = arrives(hand)
    for _ in range(MOST_ATTEMPTS):
        claimed = inbox.claim(hand.store, hand.clock.now())  # … and the process dies
        assert claimed is not None
        assert claimed.id == number
        die(hand.store)
    assert worker(hand).handle_one()
    assert inbox.counts() == {"waiting": 0, "quarantined": 1}


def test_a_store_that_is_away_is_not_the_mails_fault(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise Temporary("away")

    arrives(hand)
    with monkeypatch.context() as patch:
        patch.setattr(reception, "handle", away)
        for _ in range(MOST_ATTEMPTS + 2):
            with pytest.raises(Temporary):
                worker(hand).handle_one()
    assert worker(hand).handle_one()
    assert inbox.counts() == {"waiting": 0, "carried_out": 1}
