"""Start days, numbers and effects: the rules behind the contract (S2, S3, S4)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.business_days import Calendar
from mailbot.model.contract import Mailbox, Office, Service, UserCode, UserId, service_of
from mailbot.model.effects import (
    AbolishMailbox,
    AbolishUserCode,
    AbolishUserId,
    AddMailbox,
    AddUserId,
    Effect,
    IssuePassword,
    apply_effects,
    contract_lines,
)
from mailbot.model.numbering import NoNumbersLeft, allocate, next_numbers, numbers
from mailbot.model.people import Administrator
from mailbot.model.start_days import ScheduleDay, StartDays, start_days

TODAY = date(2026, 11, 20)  # Friday; Monday is a holiday
START = date(2026, 12, 10)
TABLE = start_days(
    Calendar(),
    [
        ScheduleDay(date(2026, 12, 8), date(2026, 11, 30)),
        ScheduleDay(date(2026, 11, 26), date(2026, 11, 20)),
        ScheduleDay(date(2026, 11, 24), date(2026, 11, 19)),
    ],
)
OFFICE = Office(
    "NAC001",
    "x",
    "y",
    Administrator(name="a", email="a@x.example"),
    user_codes=(
        UserCode(
            "1ANAC", user_ids=(UserId("1ANAC", "A0A", "net"), UserId("1ANAC", "A01", "インタ", end=date(2026, 1, 1)))
        ),
        UserCode("1BNAC", user_ids=(UserId("1BNAC", "B0A", "net"),)),
    ),
    mailboxes=(Mailbox("NAC00101", "SMTP/POP3"),),
)


@pytest.mark.parametrize(
    ("wish", "confirmed"),
    [
        (date(2026, 12, 8), date(2026, 12, 8)),  # on the table, deadline not past
        (date(2026, 11, 26), date(2026, 11, 26)),  # the deadline is today
        (date(2026, 11, 24), date(2026, 11, 26)),  # on the table, but its deadline is past
        (date(2026, 11, 25), date(2026, 11, 26)),  # off the table
        (date(2026, 12, 1), date(2026, 12, 8)),
        (date(2020, 1, 1), date(2026, 11, 26)),  # long past, as when the review took its time
        (date(2026, 12, 9), date(2026, 12, 10)),  # beyond the table: the rule without one
    ],
)
def test_the_confirmed_start_by_the_table(wish: date, confirmed: date) -> None:
    assert TABLE.confirmed(wish, TODAY) == confirmed


@pytest.mark.parametrize(
    ("wish", "confirmed"),
    [
        (date(2026, 11, 24), date(2026, 12, 1)),  # five business days from 11/20 end on Monday 11/30
        (date(2026, 12, 1), date(2026, 12, 1)),
        (date(2026, 12, 2), date(2026, 12, 3)),
        (date(2026, 12, 29), date(2027, 1, 5)),  # the year's end is closed
        (date(2027, 2, 11), date(2027, 2, 16)),  # a Thursday, but a holiday
    ],
)
def test_the_confirmed_start_without_a_table(wish: date, confirmed: date) -> None:
    assert StartDays(Calendar()).confirmed(wish, TODAY) == confirmed


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.dates(date(2026, 1, 1), date(2027, 6, 30)))
def test_a_confirmed_start_is_always_to_come(wish: date, today: date) -> None:
    for days in (TABLE, StartDays(Calendar())):
        assert days.confirmed(wish, today) > today


@pytest.mark.parametrize("service", Service)
def test_a_number_tells_its_service_and_is_easy_to_read(service: Service) -> None:
    found = list(numbers(service))
    assert len(found) == len(set(found)) >= 5000
    assert all(len(n) == 3 and service_of(n) is service and not set(n) & set("IO") for n in found)
    clear = [not set(n) & set("01") for n in found]
    assert clear == sorted(clear, reverse=True)  # those with 0 or 1 come after all others


def test_numbers_are_given_in_order_and_never_again() -> None:
    assert next_numbers({"A2A", "A2C"}, Service.NET, 3, "1ANAC") == ["A2B", "A2D", "A2E"]
    every = set(numbers(Service.NET))
    with pytest.raises(NoNumbersLeft):
        next_numbers(every - {"A0A"}, Service.NET, 2, "1ANAC")


def test_allocation() -> None:
    wanted: list[Effect] = [
        AddUserId("1ANAC", "net"),
        AddUserId("1ANAC", "net"),
        AddUserId("1ANAC", "インタ"),
        AddMailbox("EDIFACT"),
        AddMailbox("SMTP/POP3"),
        AbolishUserId("1ANACA0A"),
    ]
    given_out = allocate(wanted, {"1ANAC": {"A0A", "A01"}, "NAC001": {"01", "07"}}, "NAC001")
    assert given_out == [
        AddUserId("1ANAC", "net", "A2A"),
        AddUserId("1ANAC", "net", "A2B"),
        AddUserId("1ANAC", "インタ", "A22"),
        AddMailbox("EDIFACT", "NAC00108"),
        AddMailbox("SMTP/POP3", "NAC00109"),
        AbolishUserId("1ANACA0A"),
    ]
    with pytest.raises(NoNumbersLeft):
        allocate([AddMailbox("EDIFACT")], {"NAC001": {"99"}}, "NAC001")


EFFECTS: list[Effect] = [
    AbolishUserId("1ANACA0A"),
    AddUserId("1ANAC", "net", "A0B"),
    AbolishUserId("1BNACB0A"),
    AbolishUserCode("1BNAC"),
    AddMailbox("EDIFACT", "NAC00102"),
    AbolishMailbox("NAC00101"),
    IssuePassword("1ANACA0A"),
]


def test_effects_change_the_contract_and_changing_it_again_changes_nothing() -> None:
    after = apply_effects(OFFICE, EFFECTS, START)
    assert [(i.full, i.start, i.end) for i in after.user_ids()] == [
        ("1ANACA0A", None, START),
        ("1ANACA01", None, date(2026, 1, 1)),
        ("1ANACA0B", START, None),
    ]
    assert [m.id for m in after.mailboxes] == ["NAC00102"]
    assert apply_effects(after, EFFECTS, START) == after
    assert not after.user_id("1ANACA0A").in_use(START)  # type: ignore[union-attr]


def test_before_and_after() -> None:
    lines = contract_lines(OFFICE, EFFECTS, TODAY)
    assert [(line.code, line.before, line.after) for line in lines] == [
        ("1ANACA0A", True, False),
        ("1ANACA0B", False, True),  # A01 was abolished long ago and is not listed
        ("1BNAC", True, False),
        ("1BNACB0A", True, False),
        ("NAC00101", True, False),
        ("NAC00102", False, True),
    ]
    assert contract_lines(OFFICE, [IssuePassword("1ANACA0A")], TODAY) == ()
    assert [x.code for x in contract_lines(OFFICE, [AddUserId("1BNAC", "net")], TODAY)] == ["1BNACB0A", ""]
