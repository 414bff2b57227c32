"""Tests of records.queues.outbox: claims, attempts, retries, bounces, quoted texts."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import DeliveryResult, OutboxItem, OutboxState, OutgoingMail
from mailbot.records.database import Store
from mailbot.records.keyset import Place
from mailbot.records.queues import outbox, retries
from mailbot.records.queues.attempts import attempts_of
from mailbot.records.queues.retries import Undone
from tests.testkit.records import MINUTE, NOW, die, mail, put_mail, record_result

SENT = DeliveryResult(True, code=250, reply="2.0.0 OK")
LATER = DeliveryResult(False, code=451, reply="4.3.0 try again")
NEVER = DeliveryResult(False, permanent=True, code=550, reply="5.1.1 \udcff unknown")


def put(store: Store, *mails: OutgoingMail, now: datetime = NOW) -> list[int]:
    with store.transaction():
        return [put_mail(one, now) for one in mails]


def to_each(*numbers: int) -> list[OutgoingMail]:
    """Mails to as many recipients."""
    return [mail(number, recipient=f"{number}@naxtrade.example") for number in numbers]


def get(item_id: int) -> OutboxItem:
    item = outbox.get(item_id)
    assert item is not None
    return item


def test_a_notice_comes_out_as_it_went_in(store: Store) -> None:
    sent = mail(application_id=3, caused_by=4)
    (number,) = put(store, sent)
    assert get(number) == OutboxItem(number, sent, OutboxState.WAITING, 0, NOW, NOW)
    assert outbox.get(number + 1) is None


def test_a_claim_takes_what_is_due_oldest_first_and_only_once(store: Store) -> None:
    numbers = put(store, *to_each(1, 2, 3))
    put(store, *to_each(4), now=NOW + MINUTE)
    first = outbox.claim(store, NOW, 2)
    assert [(item.id, item.state, item.attempts) for item in first] == [
        (number, OutboxState.SENDING, 1) for number in numbers[:2]
    ]
    assert [item.id for item in outbox.claim(store, NOW, 10)] == numbers[2:]
    assert outbox.claim(store, NOW, 10) == []
    assert len(outbox.claim(store, NOW + MINUTE, 10)) == 1


def test_a_claim_takes_one_notice_for_each_recipient(store: Store) -> None:
    """The others keep their order: they wait until it is sent."""
    first, _, other, _, _ = put(
        store, mail(1), mail(2), *to_each(3), mail(4, recipient="taro@NaxTrade.example"), mail(5)
    )
    assert [item.id for item in outbox.claim(store, NOW, 4)] == [first, other]
    assert outbox.claim(store, NOW, 4, busy=["taro@naxtrade.example"]) == []


def test_every_attempt_is_kept(store: Store) -> None:
    (number,) = put(store, mail())
    outbox.claim(store, NOW, 1)
    assert [(a.started_at, a.ended_at, a.accepted) for a in attempts_of(number)] == [(NOW, None, None)]
    record_result(store, number, LATER, NOW + MINUTE, NOW + 5 * MINUTE)
    item = get(number)
    assert (item.state, item.next_attempt_at) == (OutboxState.WAITING, NOW + 5 * MINUTE)
    assert outbox.claim(store, NOW + 4 * MINUTE, 1) == []
    assert [item.attempts for item in outbox.claim(store, NOW + 5 * MINUTE, 1)] == [2]
    record_result(store, number, SENT, NOW + 6 * MINUTE, NOW + 9 * MINUTE)
    item = get(number)
    assert (item.state, item.next_attempt_at) == (OutboxState.SENT, None)
    assert [(a.accepted, a.code, a.reply) for a in attempts_of(number)] == [
        (False, 451, "4.3.0 try again"),
        (True, 250, "2.0.0 OK"),
    ]


def test_refused_for_good_or_given_up(store: Store) -> None:
    numbers = put(store, *to_each(1, 2, 3))
    outbox.claim(store, NOW, 3)
    for number, result in zip(numbers, (NEVER, LATER, SENT), strict=True):
        record_result(store, number, result, NOW, None)
    assert [item.id for item in outbox.listing(OutboxState.FAILED)] == numbers[:2]
    assert [item.id for item in outbox.listing()] == numbers
    assert attempts_of(numbers[0])[0].reply == "5.1.1 \ufffd unknown"


def test_one_notice_does_not_touch_another(store: Store) -> None:
    first, second = put(store, *to_each(1, 2))
    outbox.claim(store, NOW, 2)
    record_result(store, first, SENT, NOW, None)
    assert get(second).state is OutboxState.SENDING
    assert attempts_of(second)[0].accepted is None


def test_attempts_that_ended_with_the_process_are_made_again(store: Store) -> None:
    first, second = put(store, *to_each(1, 2))
    outbox.claim(store, NOW, 1)
    assert outbox.stalled(store, NOW + MINUTE) == []
    die(store)
    (item,) = outbox.stalled(store, NOW + MINUTE)
    assert outbox.requeue(store, item, NOW + MINUTE)
    assert not outbox.requeue(store, item, NOW + MINUTE)
    again = outbox.claim(store, NOW + MINUTE, 5)
    assert [(item.id, item.attempts) for item in again] == [(first, 2), (second, 1)]
    assert [replace(again[0].mail, text="kept")] == [replace(one, text="kept") for one in to_each(1)]  # the same octets
    record_result(store, first, SENT, NOW + MINUTE, None)
    assert [a.accepted for a in attempts_of(first)] == [None, True]


def test_retry(store: Store) -> None:
    failed, sent, sending, waiting = put(store, *to_each(1, 2, 3, 4))
    outbox.claim(store, NOW, 3)
    record_result(store, failed, NEVER, NOW, None)
    record_result(store, sent, SENT, NOW, None)
    assert outbox.retry(store, sent, NOW) == 0
    assert outbox.retry(store, sending, NOW) == 0
    assert outbox.retry(store, failed, NOW) == 1
    assert get(failed).state is OutboxState.WAITING
    assert outbox.retry(store, None, NOW + MINUTE) == 2
    assert {get(failed).next_attempt_at, get(waiting).next_attempt_at} == {NOW + MINUTE}
    assert [get(number).state for number in (sent, sending)] == [OutboxState.SENT, OutboxState.SENDING]


def test_a_bounce_finds_its_notice(store: Store) -> None:
    numbers = put(store, mail(1), mail(2))
    found = outbox.by_envelope_sender("desk-bounces+2@desk.example")
    assert found is not None
    assert found.id == numbers[1]
    assert outbox.by_envelope_sender("desk-bounces+3@desk.example") is None


def test_what_a_reply_may_quote(store: Store) -> None:
    put(store, *(mail(n, recipient="Taro@NaxTrade.example") for n in (1, 2, 3)), mail(4, recipient="x@y.example"))
    assert outbox.texts_sent_to("Taro@naxtrade.EXAMPLE", NOW + timedelta(days=1)) == ["本文 3", "本文 2", "本文 1"]
    assert outbox.texts_sent_to("Taro@naxtrade.example", NOW + timedelta(days=1), limit=1) == ["本文 3"]


def test_a_thread_is_what_one_reader_has_had(store: Store) -> None:
    put(
        store,
        mail(1, application_id=1),
        mail(2, application_id=1, recipient="x@y.example"),
        mail(3, application_id=2),
        mail(4, application_id=1),
    )
    found = outbox.threads([1])
    assert found[1, "taro@naxtrade.example"] == ["<1@desk.example>", "<4@desk.example>"] and not found[2, "x"]


@pytest.mark.parametrize(("since", "count"), [(NOW, 2), (NOW + MINUTE, 1), (NOW + 2 * MINUTE, 0)])
def test_answers_to_an_address_are_counted(store: Store, since: datetime, count: int) -> None:
    put(store, mail(1, kind=NoticeKind.ANSWER), mail(2), mail(3, kind=NoticeKind.ANSWER, recipient="x@y.example"))
    put(store, mail(4, kind=NoticeKind.DRAFT), now=NOW + MINUTE)
    assert outbox.count_sent("taro@naxtrade.example", since, (NoticeKind.ANSWER, NoticeKind.DRAFT)) == count


def test_a_list_of_undelivered_notices_decrypts_nothing(store: Store) -> None:
    """Their content takes time to decrypt, and no list shows it."""
    put(store, *to_each(1))
    with store.reading():
        (found,) = retries.page(Undone.WAITING, Place()).rows
    assert (found.mail.raw, found.mail.text, found.mail.recipient) == (b"", "", "1@naxtrade.example")


def test_a_stopped_notice_is_delivered_only_when_retried_by_its_id(store: Store) -> None:
    waiting, failed, sending, sent = put(store, *to_each(1, 2, 3, 4))
    outbox.claim(store, NOW, 10, busy=["1@naxtrade.example"])
    record_result(store, failed, NEVER, NOW, None)
    record_result(store, sent, SENT, NOW, None)
    with store.transaction():
        done = [outbox.stop(number, "stopped", NOW) for number in (waiting, failed, sending, sent, 99)]
        assert done == [True, True, False, False, False]
        assert not outbox.stop(waiting, "again", NOW)
    assert outbox.claim(store, NOW + MINUTE, 10) == []
    assert outbox.retry(store, None, NOW) == 0
    with store.reading():
        assert retries.select() == []
        assert retries.select(numbers=[waiting, failed, sending, sent]) == [waiting, failed]
        assert [one.reply for one in attempts_of(waiting)] == ["stopped"]
    assert outbox.retry(store, waiting, NOW) == 1
    assert [found.id for found in outbox.claim(store, NOW, 10)] == [waiting]
