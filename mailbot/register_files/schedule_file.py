"""The table of system-registration days as a file: TOML (`[[day]]`), or CSV or XLSX with deadline and start."""

import contextlib
import csv
import io
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from mailbot.errors import Permanent
from mailbot.model.start_days import ScheduleDay
from mailbot.register_files.register_checks import twice
from mailbot.register_files.xlsx_rows import xlsx_rows

_MAX_DAYS = 5_000
_MAX_COLUMNS = 20
_DEADLINE = frozenset({"deadline", "申込締切日", "締切日"})
_START = frozenset({"start", "システム登録日", "利用開始日", "登録日"})
_EXPECTED = "expected the columns deadline (申込締切日) and start (システム登録日), with dates such as 2026-12-01"


def read_schedule(path: Path) -> list[ScheduleDay]:
    """The days in order.  Raises Permanent with every problem, one a line."""
    try:
        rows = _rows(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise Permanent(f"{path}: not readable: {error}") from error
    problems: list[str] = []
    days = [day for number, row in enumerate(rows, 1) if (day := _day(number, row, problems)) is not None]
    problems += [f"{start} is there more than once" for start in sorted(twice(day.start for day in days))]
    if not days and not problems:
        problems.append(f"no days; {_EXPECTED}")
    if problems:
        raise Permanent("\n".join(f"{path}: {problem}" for problem in problems))
    return sorted(days)


def _rows(path: Path) -> list[tuple[object, object]]:
    """(deadline, start) as they stand in the file."""
    match path.suffix.lower():
        case ".toml":
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            found = data.get("day", [])
            return [(row.get("deadline"), row.get("start")) for row in found if isinstance(row, dict)]
        case ".csv":
            text = path.read_bytes().decode("utf-8-sig")
            return _columns(path, list(csv.reader(io.StringIO(text, newline=""))))
        case ".xlsx":
            return _columns(
                path, list(xlsx_rows(str(path), path.read_bytes(), most_rows=_MAX_DAYS, most_columns=_MAX_COLUMNS))
            )
        case ending:
            raise Permanent(f"{path}: cannot read {ending}; expected .toml, .csv or .xlsx")


def _columns(path: Path, rows: Sequence[Sequence[object]]) -> list[tuple[object, object]]:
    for i, row in enumerate(rows):
        names = [str(cell or "").strip().casefold() for cell in row]
        deadline = next((n for n, name in enumerate(names) if name in _DEADLINE), None)
        start = next((n for n, name in enumerate(names) if name in _START), None)
        if deadline is not None and start is not None:
            widest = max(deadline, start)
            below = (row for row in rows[i + 1 :] if any(cell not in (None, "") for cell in row))
            return [(row[deadline], row[start]) if len(row) > widest else (None, None) for row in below]
    raise Permanent(f"{path}: {_EXPECTED}")


def _day(number: int, row: tuple[object, object], problems: list[str]) -> ScheduleDay | None:
    deadline, start = (_date(cell) for cell in row)
    if deadline is None or start is None:
        problems.append(f"day {number}: {row[0]!r}, {row[1]!r} are not two dates; {_EXPECTED}")
        return None
    if deadline >= start:
        problems.append(f"day {number}: the deadline {deadline} is not before the start {start}")
        return None
    return ScheduleDay(start, deadline)


def _date(cell: object) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell or "").strip().replace("/", "-")
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text)
    return None
