"""The rules of the domain, by table and by property."""

import random
import secrets
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.business_days import make_calendar
from mailbot.model.contract import Service, service_of
from mailbot.model.lifecycle import (
    DESK_EVENTS,
    FINISHED_STATES,
    OPEN_STATES,
    TRANSITIONS,
    Event,
    State,
    next_state,
    possible_events,
)
from mailbot.model.passwords import generate, is_acceptable
from mailbot.model.people import Category, Role
from mailbot.model.receipt import LAST_SEQUENCE, ReceiptNumber
from mailbot.model.reply_token import ForApplication, Grant, find_tokens, new_token, parse_token
from mailbot.model.view_period import after_notice, around_start

CALENDAR = make_calendar()
KEY = b"k" * 32


def test_every_cell_of_the_life_cycle() -> None:
    """T-41: what is not in the table is not possible."""
    allowed = {
        State.DRAFT: {Event.SAVE, Event.SUBMIT, Event.WITHDRAW},
        State.RECEIVED: {
            Event.CORRECT,
            Event.WITHDRAW,
            Event.TAKE,
            Event.HOLD,
            Event.ASK,
            Event.APPROVE,
            Event.ENDORSE,
            Event.DEPUTIZE,
            Event.WAIT,
        },
        State.NEEDS_CONFIRMATION: {
            Event.CORRECT,
            Event.WITHDRAW,
            Event.HOLD,
            Event.ASK,
            Event.APPROVE,
            Event.ENDORSE,
            Event.LAPSE,
        },
        State.COMPLETED: {Event.START, Event.LOOK, Event.REVOKE, Event.REOPEN},
        State.WITHDRAWN: set(),
        State.LAPSED: set(),
    }
    for state in State:
        allowed[state] |= {Event.INQUIRE, Event.REPLY, Event.CONCERN}  # whatever the state, a person can be asked
        assert set(possible_events(state)) == allowed[state]
        for event in Event:
            assert (next_state(state, event) is not None) is (event in allowed[state])
    assert {state for state in State if not allowed[state] - DESK_EVENTS} == FINISHED_STATES
    assert {target for target in TRANSITIONS.values()} - FINISHED_STATES - {State.DRAFT} == OPEN_STATES


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 11, 20), date(2026, 11, 25)),  # T-96: 11/23 is a holiday, and the day itself is the first
        (date(2026, 11, 21), date(2026, 11, 26)),  # a Saturday does not count
        (date(2026, 12, 28), date(2027, 1, 5)),  # 12/29–1/3 are closed
        (date(2026, 9, 18), date(2026, 9, 25)),  # 9/21–9/23: 敬老の日, 国民の休日, 秋分の日
        (date(2026, 11, 24), date(2026, 11, 26)),
    ],
)
def test_view_period_of_a_reset(day: date, last: date) -> None:
    """S1: 3営業日."""
    period = after_notice(day, CALENDAR)
    assert (period.first, period.last) == (day, last)
    assert period.contains(last)
    assert not period.contains(date.fromordinal(last.toordinal() + 1))


def test_view_period_around_a_start_is_that_of_the_manual() -> None:
    """S4: review ended 12/2, start 12/10: to be seen through 12/12, not on 12/13."""
    period = around_start(date(2024, 12, 2), date(2024, 12, 10), CALENDAR)
    assert (period.first, period.last) == (date(2024, 12, 2), date(2024, 12, 12))


@given(st.dates(date(2024, 1, 1), date(2030, 12, 1)))
def test_a_view_period_has_three_business_days(day: date) -> None:
    period = after_notice(day, CALENDAR)
    span = range(period.first.toordinal(), period.last.toordinal() + 1)
    assert sum(CALENDAR.is_open(date.fromordinal(n)) for n in span) == 3


@given(st.integers(), st.sets(st.integers(0, 9)))
def test_passwords_are_of_urys_form_and_never_misread(seed: int, used: set[int]) -> None:
    """S0: R0003, R0004."""
    asked: list[str] = []

    def used_before(candidate: str) -> bool:
        asked.append(candidate)
        return len(asked) in used

    password = generate(random.Random(seed).choice, used_before)
    assert is_acceptable(password)
    assert len(password) == 8
    assert not set(password) & set("0O1I")
    assert password == asked[-1]


@pytest.mark.parametrize(
    ("password", "good"),
    [("ABC123", True), ("A2345678", True), ("ABCDEF", False), ("123456", False), ("AB12", False), ("ABCDE12345", False),
     ("abc123", False), ("ＡBC123", False), ("ABC12!", False)],
)  # fmt: skip
def test_urys_form(password: str, good: bool) -> None:
    assert is_acceptable(password) is good


@given(st.integers(0, 99), st.integers(0, LAST_SEQUENCE), st.sampled_from(Category))
def test_receipt_numbers_are_read_as_they_are_written(year: int, sequence: int, category: Category) -> None:
    number = ReceiptNumber(year, sequence, category)
    assert ReceiptNumber.parse(str(number)) == number
    assert ReceiptNumber.find(f"Re: 【受付完了】申込 [{number}]") == number
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in str(number))
    assert ReceiptNumber.parse(full_width) == number


@pytest.mark.parametrize("text", ["", "2600001", "2600001D", "260001C", "X2600001C", "26000012C", "261234567C"])
def test_what_is_no_receipt_number(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        ReceiptNumber.parse(text)
    assert ReceiptNumber.find(text) is None


@pytest.mark.parametrize(
    ("number", "service"),
    [("A0A", Service.NET), ("A01", Service.GENERAL), ("Y27", Service.GENERAL), ("B0Z", Service.NET)],
)
def test_the_last_character_tells_the_service(number: str, service: Service) -> None:
    """S2."""
    assert service_of(number) is service


def test_a_token_is_what_its_key_made() -> None:
    token = new_token(KEY, secrets.token_bytes)
    assert len(str(token)) == 52
    assert parse_token(str(token).upper()) == token
    assert find_tokens(f"<{token}@desk.example> desk+{token}@desk.example") == [token, token]
    assert token.has_valid_mac(KEY)
    assert not token.has_valid_mac(b"x" * 32)
    assert token.secret not in repr(token)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    grant = Grant(token.id, token.secret_hash, ForApplication(1, 1), "a@x.example", Role.REVIEWER, now)
    assert grant.matches(token)
    assert not grant.matches(new_token(KEY, secrets.token_bytes))
    assert not grant.is_live(now)


def test_no_changed_token_is_genuine() -> None:
    """T-45: every character replaced by every other one, and every one left out."""
    token = str(new_token(KEY, secrets.token_bytes))
    forged = 0
    for i, char in enumerate(token):
        if char == ".":
            continue
        for other in "abcdefghijklmnopqrstuvwxyz234567":
            changed = parse_token(token[:i] + other + token[i + 1 :])
            forged += other != char and changed is not None and changed.has_valid_mac(KEY)
        assert parse_token(token[:i] + token[i + 1 :]) is None
    assert forged == 0
