"""Days as people write them, on Friday 2026-11-20."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.forms.dates import Day, parse_date, read_day

TODAY = date(2026, 11, 20)
DECEMBER = date(2026, 12, 10)  # a Thursday


@pytest.mark.parametrize(
    "written",
    ["12/10", "12月10日", "１２／１０", "12-10", "12.10", "1210", "12/10（木）", "12月10日(木曜日)", "12月10日（木）希望", "12/10を希望",
     "12月10日希望です", "12月10日でお願いします", "12月10日からお願いいたします", "12月10日付け", "12月10日より利用開始", "26/12/10", "'26/12/10",
     "26.12.10", "261210", "26年12月10日", "8/12/10", "8年12月10日", "R8.12.10", "令和8年12月10日（木）", "12/10/26", "2026/12/10",
     "2026年12月10日（木）希望", "2026-12-10 (Thu)", "20261210", "2026.12.10.", "10 Dec 2026", "Dec 10, 2026", "December 10",
     "10th December 2026", "Dec. 10", "2026年12月10日木曜日", "12月10日　木曜", "12/10（木）～", "2026/12/10 9:00", "2026-12-10T00:00", "12月10日 9時から"],
)  # fmt: skip
def test_the_only_day_that_can_be_meant_is_read(written: str) -> None:
    assert read_day(written, TODAY) == Day(DECEMBER)


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("来週月曜", "2026-11-23"),
        ("来週の木曜日", "2026-11-26"),
        ("再来週火曜", "2026-12-01"),
        ("今週土曜日", "2026-11-21"),
        ("木曜", "2026-11-26"),
        ("明日", "2026-11-21"),
        ("明後日", "2026-11-22"),
        ("今月末", "2026-11-30"),
        ("月末", "2026-11-30"),
        ("来月末日", "2026-12-31"),
        ("来月5日", "2026-12-05"),
        ("来月初め", "2026-12-01"),
        ("3日後", "2026-11-23"),
        ("2週間後", "2026-12-04"),
        ("12月10日以降", "2026-12-10"),
        ("12/10まで", "2026-12-10"),
        ("12月10日頃", "2026-12-10"),
        ("2026/12/10以降で", "2026-12-10"),
        ("03/04/27", "2027-03-04"),  # 4 March or 3 April
        ("11/19", "2027-11-19"),  # yesterday, or a year from now
        ("6/30", "2027-06-30"),
    ],
)
def test_what_may_mean_another_day_is_suggested(written: str, suggestion: str) -> None:
    found = read_day(written, TODAY)
    assert (found.day, str(found.suggestion)) == (None, suggestion)


@pytest.mark.parametrize("written", ["12/10（金）", "12月10日(水曜日)", "2026年12月10日（月）", "26/12/10 (Fri)"])
def test_another_weekday(written: str) -> None:
    assert read_day(written, TODAY) == Day(suggestion=DECEMBER, weekday_differs=True)


@pytest.mark.parametrize(
    "written", ["最短", "最短でお願いします", "なるべく早く", "至急", "ASAP", "as soon as possible", "最速", "いつでも"]
)
def test_the_earliest_day(written: str) -> None:
    assert read_day(written, TODAY) == Day(earliest=True)


@pytest.mark.parametrize(
    "written", ["13/45", "2/30", "20261301", "未定", "年内", "", "12", "2026", "12/10/10/10", "未定（12月頃）"]
)
def test_no_day(written: str) -> None:
    assert read_day(written, TODAY) == Day()


def test_today_is_read_so_that_it_can_be_refused() -> None:
    assert read_day("11/20", TODAY) == Day(TODAY)


@pytest.mark.parametrize("written", ["12/10", "26/12/10", "来週月曜", "Dec 10"])
def test_without_today_a_year_is_needed(written: str) -> None:
    assert read_day(written) == Day()


@given(st.dates(TODAY, TODAY + timedelta(days=180)))
def test_the_next_day_of_a_name_comes_back(day: date) -> None:
    for written in (
        f"{day.month}/{day.day}",
        f"{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert read_day(written, TODAY).day == day
    assert parse_date(f"{day:%Y%m%d}") == day


@given(st.text("0123456789/年月日来週木曜（）'.-R令和以降 ", max_size=15))
def test_any_text_is_read(text: str) -> None:
    read_day(text, TODAY)
