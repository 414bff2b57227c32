"""The ground: characters, clocks, calendars."""

from datetime import UTC, date, datetime

import jpholiday
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot import text
from mailbot.business_days import make_calendar
from mailbot.clock import iso, tokyo_date, tokyo_midnight
from mailbot.text import (
    display_width,
    fold_address,
    fold_code,
    fold_word,
    full_width_kana,
    has_invisible,
    one_line,
    printable,
    remove_invisible,
    wrap,
)

# 国民の祝日 as published by the Cabinet Office, with substitute and citizens' holidays.
HOLIDAYS = {
    2026: ["01-01", "01-12", "02-11", "02-23", "03-20", "04-29", "05-03", "05-04", "05-05", "05-06", "07-20", "08-11",
           "09-21", "09-22", "09-23", "10-12", "11-03", "11-23"],
    2027: ["01-01", "01-11", "02-11", "02-23", "03-21", "03-22", "04-29", "05-03", "05-04", "05-05", "07-19", "08-11",
           "09-20", "09-23", "10-11", "11-03", "11-23"],
}  # fmt: skip


@pytest.mark.parametrize("year", HOLIDAYS)
def test_the_official_holidays(year: int) -> None:
    known = jpholiday.JPHoliday()
    days = [date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())]
    assert [day.strftime("%m-%d") for day in days if known.is_holiday(day)] == HOLIDAYS[year]


def test_closed_and_open_days_of_the_operator() -> None:
    calendar = make_calendar(closed=[date(2026, 11, 24)], opened=[date(2026, 11, 23)])
    assert calendar.is_open(date(2026, 11, 23))
    assert not calendar.is_open(date(2026, 11, 24))
    assert [calendar.is_open(date(2026, 12, d)) for d in (28, 29, 30, 31)] == [True, False, False, False]
    assert make_calendar(year_end=None).is_open(date(2026, 12, 30))


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(0, 30))
def test_counting_there_and_back(day: date, count: int) -> None:
    calendar = make_calendar()
    assert calendar.between(day, calendar.add(day, count)) == count


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("１ＡＮＡＣ", "1ANAC"),
        (" a0a ", "A0A"),
        ("０３−１２３４", "03-1234"),
        ("03ー12―34‐56－78", "03-12-34-56-78"),
        ("２０２６／１１", "2026/11"),
    ],
)
def test_codes(written: str, folded: str) -> None:
    assert fold_code(written) == folded


def test_words_and_addresses() -> None:
    assert fold_word("利用者コ―ド") == fold_word("利用者ｺｰﾄﾞ") == fold_word("利用者　コード")
    assert fold_address("＜Taro＠NaxTrade.Example＞".replace("＜", "<").replace("＞", ">")) == "Taro@naxtrade.example"
    assert fold_address("ａ．ｂ@x.example") == "a.b@x.example"
    assert full_width_kana("ﾂｳｶﾝ ﾀﾛｳ①") == "ツウカン タロウ①"


def test_what_is_printed() -> None:
    assert one_line("a\r\nBcc: x\x00\u2028b\x1b[31m") == "a Bcc: x b[31m"
    assert printable("承\u200b認\x1b[31m\n") == "承\\u{200b}認\\x1b[31m\n"
    assert has_invisible("承\u200b認")
    assert not has_invisible("承認 ok")
    assert remove_invisible("承\u200b認\u3164\U000e0041 o\u202ek\n") == "承認 ok\n"


@given(st.text(alphabet="あいう、。（abc 123「」\n", max_size=300), st.integers(20, 80))
def test_wrapping_loses_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(display_width(line) <= columns + 6 for line in lines)


@given(st.text(alphabet="あ、（abc「」", min_size=1, max_size=200), st.integers(20, 60))
def test_wrapped_lines_end_and_begin_as_they_should(text: str, columns: int) -> None:
    """禁則: no line is empty, and none ends with an opening bracket unless there are nothing but brackets."""
    lines = wrap(text, columns)
    assert all(lines)
    assert not any(line[-1] in "（「" and line.strip("（「") for line in lines[:-1])


def test_days_and_instants_in_tokyo() -> None:
    instant = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    assert tokyo_date(instant) == date(2027, 1, 1)
    assert tokyo_midnight(date(2027, 1, 1)) == instant
    assert iso(instant) == "2027-01-01T00:00:00+09:00"


def test_wrapping_a_long_line_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of a hostile mail is repeated in an answer: each character is measured a few times, not once a line."""
    measured = []
    real = text._char_width

    def counted(char: str) -> int:
        measured.append(char)
        return real(char)

    monkeypatch.setattr(text, "_char_width", counted)
    assert "".join(text.wrap("あ" * 5_000)) == "あ" * 5_000
    assert len(measured) < 5_000 * 20
