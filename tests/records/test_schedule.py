"""Tests of the schedule of システム登録日: reading a file, and replacing the table in one transaction."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from mailbot.errors import Permanent
from mailbot.model.start_days import ScheduleDay
from mailbot.records.database import Store
from mailbot.records.register.schedule import replace_table, table
from mailbot.register_files.schedule_file import read_schedule

DAYS = [ScheduleDay(date(2026, 12, 1), date(2026, 11, 24)), ScheduleDay(date(2026, 12, 3), date(2026, 11, 26))]
GOOD = {
    "a.csv": "申込締切日,システム登録日\n2026/11/26,2026/12/03\n2026-11-24,20261201\n\n",
    "b.csv": "備考,start,deadline\nx,2026-12-03,2026-11-26\ny,2026-12-01,2026-11-24\n",
    "c.toml": "[[day]]\ndeadline = 2026-11-24\nstart = 2026-12-01\n[[day]]\ndeadline = '2026-11-26'\nstart = 2026-12-03\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_files(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(GOOD[name], encoding="utf-8")
    assert read_schedule(tmp_path / name) == DAYS


def test_a_workbook(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["2026年度"], ["申込締切日", "システム登録日"], *([day.deadline, day.start] for day in DAYS)):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "x.xlsx")
    assert read_schedule(tmp_path / "x.xlsx") == DAYS


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "expected the columns"),
        ("deadline,start\n", "no days"),
        ("deadline,start\n2026-12-01,来週\n", "are not two dates"),
        ("deadline,start\n2026-12-01,2026-12-01\n", "is not before"),
        ("deadline,start\n2026-11-24,2026-12-01\n2026-11-25,2026-12-01\n", "more than once"),
        ("deadline,start\n2026-11-24\n", "are not two dates"),
        ("\x00", "expected the columns"),
    ],
)
def test_bad_files(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Permanent, match=says):
        read_schedule(path)


@pytest.mark.parametrize("name", ["x.pdf", "x.xlsx", "x.toml", "missing.csv"])
def test_files_that_are_none(name: str, tmp_path: Path) -> None:
    if name != "missing.csv":
        (tmp_path / name).write_bytes(b"\xff\xfe nothing")
    with pytest.raises(Permanent):
        read_schedule(tmp_path / name)


def test_the_table_in_the_store(store: Store) -> None:
    with store.transaction():
        replace_table(DAYS)
        replace_table(DAYS[1:])
    assert table() == tuple(DAYS[1:])
