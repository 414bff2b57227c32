"""The view period counts from the day on which somebody could know of it: when the relay has taken the notice (T-99)."""

from datetime import date, timedelta

from mailbot.records.queues import outbox
from mailbot.records.schema.secret_tables import SecretRow
from tests.testkit.contract_forms import at
from tests.testkit.desk import FORM, DeskUnderTest, Person


def approved_while_the_relay_is_down(desk: DeskUnderTest, taro: Person, ichiro: Person) -> str:
    taro.sends(FORM)  # Friday 2026-11-20
    receipt = taro.gets("received").receipt
    desk.relay_is_down = True
    ichiro.replies(ichiro.gets("review-request"), "承認")
    return receipt


def seen(desk: DeskUnderTest, receipt: str, day: date) -> int:
    return len(desk.context.vault.open(desk.application(receipt).id, day))


def test_three_business_days_from_the_day_it_left(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    receipt = approved_while_the_relay_is_down(desk, taro, ichiro)
    at(desk, 2026, 11, 27, 10, 0)  # two days after the period that was reckoned with
    at(desk, 2026, 11, 27, 10, 1)
    assert seen(desk, receipt, date(2026, 11, 27)) == 0  # not told, not shown
    desk.relay_is_down = False
    desk.deliver()
    assert "completed" in [mail.kind for mail in taro.mails]
    application = desk.application(receipt)
    assert application.view_period is not None
    assert (application.view_period.first, application.view_period.last) == (date(2026, 11, 20), date(2026, 12, 1))
    assert seen(desk, receipt, date(2026, 12, 1)) == 1
    at(desk, 2026, 12, 1, 23, 59)
    assert seen(desk, receipt, date(2026, 12, 1)) == 1
    at(desk, 2026, 12, 2, 0, 0)
    with desk.store.reading():
        assert SecretRow.select().count() == 0


def test_a_second_copy_that_leaves_later_changes_nothing(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    ichiro.replies(ichiro.gets("review-request"), "承認")
    before = desk.application(receipt).view_period
    with desk.store.transaction():
        (number, *_) = [item.id for item in outbox.listing() if item.mail.kind.value == "completed"]
    desk.clock.advance(timedelta(days=3))
    outbox.retry(desk.store, None, desk.clock.now())
    with desk.store.transaction():
        from mailbot.records.schema.queue_tables import OutboxRow

        OutboxRow.update(state="waiting", next_attempt_at=desk.clock.now()).where(OutboxRow.id == number).execute()
    desk.deliver()
    assert desk.application(receipt).view_period == before


def test_what_nobody_could_be_told_goes_all_the_same(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    receipt = approved_while_the_relay_is_down(desk, taro, ichiro)
    with desk.store.transaction():
        from mailbot.records.schema.queue_tables import OutboxRow

        OutboxRow.update(state="failed", next_attempt_at=None).execute()
    at(desk, 2026, 11, 26, 0, 0)
    assert seen(desk, receipt, date(2026, 11, 25)) == 0
    with desk.store.reading():
        assert SecretRow.select().count() == 0


def test_the_key_of_a_day_stays_while_it_is_needed(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    receipt = approved_while_the_relay_is_down(desk, taro, ichiro)
    for day in (26, 27, 28):
        at(desk, 2026, 11, day, 10, 0)
    desk.relay_is_down = False
    desk.deliver()
    assert seen(desk, receipt, date(2026, 11, 28)) == 1
