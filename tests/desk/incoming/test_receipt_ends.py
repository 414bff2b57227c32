"""The end of a receipt number beside a command (`7896` for `2607896C`): understood when one application can be meant."""

from dataclasses import dataclass

import pytest

from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Disposition
from tests.testkit.contract_forms import MAILBOX, at, flat
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice, no_quote


@pytest.fixture
def two(desk: DeskUnderTest) -> tuple[ReceivedNotice, ReceivedNotice]:
    """Two open applications, 2600001C and 2600002A, each by its 受付完了."""
    return desk.after(apply_twice)


def apply_twice(desk: DeskUnderTest) -> tuple[ReceivedNotice, ReceivedNotice]:
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends(FORM)
    first = taro.gets("received")
    taro.sends(MAILBOX)
    return first, taro.gets("received")


@dataclass(frozen=True)
class Row:
    """A mail, what becomes of it, and the states of 2600001C and 2600002A afterwards."""

    subject: str
    text: str
    reason: str
    states: tuple[State, State] = (State.RECEIVED, State.RECEIVED)


FIRST_GONE = (State.WITHDRAWN, State.RECEIVED)
NEW = {
    "withdraw": Row("お願い", "取下げ 0001", "withdrawn", FIRST_GONE),
    "five digits": Row("お願い", "取下げ　０００01", "withdrawn", FIRST_GONE),
    "with its letter": Row("お願い", "0001C 取下げ", "withdrawn", FIRST_GONE),
    "as people say it": Row("お願い", "0001番の取下げ", "withdrawn", FIRST_GONE),
    "below the command": Row("お願い", "取下げ\n0001\n", "withdrawn", FIRST_GONE),
    "below a subject": Row("取下げ", "0001", "withdrawn", FIRST_GONE),
    "in the subject": Row("取下げ 0002", "", "withdrawn", (State.RECEIVED, State.WITHDRAWN)),
    "another letter": Row("お願い", "取下げ 0001A", "unknown-application"),
    "no such number": Row("お願い", "取下げ 7896", "unknown-application"),
    "a date": Row("お願い", "取下げ 2026/0001", "unknown-application"),
    "too short": Row("お願い", "取下げ 1", "unknown-application"),
    "two numbers": Row("お願い", "取下げ 0001\n取下げ 0002", "unknown-application"),
    "correct": Row("お願い", "修正 0001\n備考：急ぎます\n", "corrected"),
    "paper": Row("申込書 0002", "", "paper-application-form"),
    "no command": Row("お願い", "0001", "passed-on"),
}


def states(desk: DeskUnderTest, two: tuple[ReceivedNotice, ReceivedNotice]) -> tuple[State, ...]:
    return tuple(desk.application(one.receipt).state for one in two)


@pytest.mark.parametrize("name", NEW)
def test_in_a_new_mail(
    desk: DeskUnderTest, taro: Person, two: tuple[ReceivedNotice, ReceivedNotice], name: str
) -> None:
    row = NEW[name]
    outcome = taro.sends(row.text, row.subject)
    assert (outcome.reason, states(desk, two)) == (row.reason, row.states)


IN_REPLY_TO_THE_FIRST = {
    "its own number": Row("", "取下げ 0001", "withdrawn", FIRST_GONE),
    "withdraw the other": Row("", "取下げ 0002", "passed-on"),
    "correct the other": Row("", "修正 0002\n備考：急ぎます", "passed-on"),
    "correct the other, whole number": Row("", "修正 2600002A\n備考：急ぎます", "passed-on"),
}


@pytest.mark.parametrize("name", IN_REPLY_TO_THE_FIRST)
def test_in_a_reply(desk: DeskUnderTest, taro: Person, two: tuple[ReceivedNotice, ReceivedNotice], name: str) -> None:
    row = IN_REPLY_TO_THE_FIRST[name]
    outcome = taro.replies(two[0], row.text, no_quote)
    assert (outcome.reason, states(desk, two)) == (row.reason, row.states)


@pytest.mark.parametrize("reply", [False, True])
def test_a_look_up_is_about_the_one_that_is_named(
    taro: Person, two: tuple[ReceivedNotice, ReceivedNotice], *, reply: bool
) -> None:
    if reply:
        taro.replies(two[0], "状況 0002")
    else:
        taro.sends("状況 0002", "お願い")
    told = flat(taro.gets("answer"))
    assert "2600002A" in told and "2600001C" not in told.partition("ここから上")[2].partition("wrote")[0]


def test_a_form_is_no_correction_of_a_number_that_stands_in_it(
    taro: Person, two: tuple[ReceivedNotice, ReceivedNotice]
) -> None:
    assert taro.sends(f"0001\n{FORM.replace('A0A', 'A0B')}").reason == "submitted"
    assert taro.gets("received").receipt == "2600003C"


def test_of_two_years_it_is_asked(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    at(desk, 2027, 1, 5, 10)
    taro.sends(MAILBOX.replace("20261210", "20270216"))
    taro.forgets()
    assert taro.sends("取下げ 0001", "お願い").reason == "unknown-application"
    assert taro.sends("申込書 0001", "お願い").reason == "which-application"
    assert taro.sends("取下げ 0001A", "お願い").reason == "withdrawn"
    assert desk.application("2600001C").state is State.RECEIVED


def test_another_office_is_never_meant(
    desk: DeskUnderTest, taro: Person, two: tuple[ReceivedNotice, ReceivedNotice]
) -> None:
    bob = desk.person("Bob", "bob@skyforwarding.example")
    outcome = bob.sends("withdraw 0001", "please")
    assert (outcome.disposition, outcome.reason) == (Disposition.ANSWERED, "unknown-application")
    assert states(desk, two) == (State.RECEIVED, State.RECEIVED)
