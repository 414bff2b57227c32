"""The view period counts from the day on which somebody could know of it: when the relay has taken the notice (T-99)."""

from datetime import date, timedelta

from mailbot.records.queues import outbox
from mailbot.records.schema.secret_tables import SecretRow
from tests.conversations.test_calendar import at
from tests.desk_in_hand import FORM, Hand, Person


def approved_while_the_relay_is_down(hand: Hand, taro: Person, ichiro: Person) -> str:
    taro.sends(FORM)  # Friday 2026-11-20
    receipt = taro.gets("received").receipt
    hand.relay_is_down = True
    ichiro.replies(ichiro.gets("review-request"), "承認")
    return receipt


def seen(hand: Hand, receipt: str, day: date) -> int:
    return len(hand.context.vault.open(hand.application(receipt).id, day))


def test_three_business_days_from_the_day_it_left(hand: Hand, taro: Person, ichiro: Person) -> None:
    receipt = approved_while_the_relay_is_down(hand, taro, ichiro)
    at(hand, 2026, 11, 27, 10, 0)  # two days after the period that was reckoned with
    at(hand, 2026, 11, 27, 10, 1)
    assert seen(hand, receipt, date(2026, 11, 27)) == 0  # not told, not shown
    hand.relay_is_down = False
    hand.deliver()
    assert "completed" in [mail.kind for mail in taro.mails]
    application = hand.application(receipt)
    assert application.view_period is not None
    assert (application.view_period.first, application.view_period.last) == (date(2026, 11, 20), date(2026, 12, 1))
    assert seen(hand, receipt, date(2026, 12, 1)) == 1
    at(hand, 2026, 12, 1, 23, 59)
    assert seen(hand, receipt, date(2026, 12, 1)) == 1
    at(hand, 2026, 12, 2, 0, 0)
    with hand.store.reading():
        assert SecretRow.select().count() == 0


def test_a_second_copy_that_leaves_later_changes_nothing(hand: Hand, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    ichiro.replies(ichiro.gets("review-request"), "承認")
    before = hand.application(receipt).view_period
    with hand.store.transaction():
        (number, *_) = [item.id for item in outbox.listing() if item.mail.kind.value == "completed"]
    hand.clock.advance(timedelta(days=3))
    outbox.retry(hand.store, None, hand.clock.now())
    with hand.store.transaction():
        from mailbot.records.schema.queue_tables import OutboxRow

        OutboxRow.update(state="waiting", next_attempt_at=hand.clock.now()).where(OutboxRow.id == number).execute()
    hand.deliver()
    assert hand.application(receipt).view_period == before


def test_what_nobody_could_be_told_goes_all_the_same(hand: Hand, taro: Person, ichiro: Person) -> None:
    receipt = approved_while_the_relay_is_down(hand, taro, ichiro)
    with hand.store.transaction():
        from mailbot.records.schema.queue_tables import OutboxRow

        OutboxRow.update(state="failed", next_attempt_at=None).execute()
    at(hand, 2026, 11, 26, 0, 0)
    assert seen(hand, receipt, date(2026, 11, 25)) == 0
    with hand.store.reading():
        assert SecretRow.select().count() == 0


def test_the_key_of_a_day_stays_while_it_is_needed(hand: Hand, taro: Person, ichiro: Person) -> None:
    receipt = approved_while_the_relay_is_down(hand, taro, ichiro)
    for day in (26, 27, 28):
        at(hand, 2026, 11, day, 10, 0)
    hand.relay_is_down = False
    hand.deliver()
    assert seen(hand, receipt, date(2026, 11, 28)) == 1
