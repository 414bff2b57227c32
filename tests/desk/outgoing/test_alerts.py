"""How often the operators are alerted: one rule for every cause, about each sender and about all strangers."""

from datetime import timedelta

import pytest

from mailbot.desk.outgoing.alerts import AlertCause, may_alert
from mailbot.records.database import Store
from mailbot.records.schema.application_tables import ReminderRow
from tests.testkit.contract_forms import at
from tests.testkit.desk import DeskUnderTest, Person
from tests.testkit.records import NOW


def allowed(store: Store, cause: str, sender: str, *, times: int, after: timedelta = timedelta(), **more: bool) -> int:
    with store.transaction():
        return sum(may_alert(AlertCause(cause, sender, **more), NOW + after) for _ in range(times))


def test_a_handful_a_day_for_each_cause_and_sender(desk: DeskUnderTest) -> None:
    store = desk.store
    assert allowed(store, "challenge-denied", "a@x.example", times=9) == 5
    assert allowed(store, "challenge-denied", "b@x.example", times=9) == 5
    assert allowed(store, "concern-of-stranger", "a@x.example", times=9) == 5
    assert allowed(store, "challenge-denied", "a@x.example", times=1, after=timedelta(hours=23)) == 0
    assert allowed(store, "challenge-denied", "a@x.example", times=9, after=timedelta(days=1)) == 5


def test_strangers_use_up_nothing_of_anybody_else(desk: DeskUnderTest) -> None:
    """T-66: whatever addresses they invent."""
    store, cause = desk.store, "concern-of-stranger"
    passed = [allowed(store, cause, f"{n}@evil.example", times=1, by_stranger=True) for n in range(30)]
    assert sum(passed) == 10
    assert allowed(store, cause, "taro@naxtrade.example", times=1) == 1
    assert allowed(store, "token-of-another-person", "31@evil.example", times=1, by_stranger=True) == 1
    later = timedelta(hours=1)
    assert allowed(store, cause, "32@evil.example", times=1, by_stranger=True, after=later) == 1
    assert allowed(store, cause, "32@evil.example", times=1, by_stranger=True, after=timedelta(days=2)) == 1
    assert ReminderRow.select().count() == 2  # what does not count any more is gone


@pytest.mark.parametrize(("cause", "most"), [("newcomer", 1), ("undelivered", 1)])
def test_what_stands_in_the_daily_list_is_told_once(desk: DeskUnderTest, cause: str, most: int) -> None:
    assert allowed(desk.store, cause, "x@y.example", times=9) == most


def test_one_dead_address_is_one_alert_a_day(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """(Finding 03-operation 7.)  The further notices that failed stand in the daily list."""
    operator = desk.person("", "operator@desk.example")
    for number in range(4):
        taro.sends(f"費用はいくらですか{number}", "質問")
        bounce(desk, taro.gets("answer").envelope_sender, number)
    assert [got.kind for got in operator.mails].count("alert") == 1
    operator.forgets()
    at(desk, 2026, 11, 24, 9)
    (listed,) = [got for got in operator.mails if got.kind == "alert"]
    assert listed.text.count("\nn") == 4


def bounce(desk: DeskUnderTest, to: str, number: int) -> None:
    raw = (
        "From: MAILER-DAEMON@mx.example\r\nTo: desk@desk.example\r\nContent-Type: multipart/report; boundary=b\r\n"
        f"Message-ID: <{number}@mx.example>\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; taro@naxtrade.example\r\nAction: failed\r\n"
        "Status: 5.1.1\r\n\r\n--b--\r\n"
    ).encode()
    assert desk.receives(raw, "", to).reason == "bounce"
