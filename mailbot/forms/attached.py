"""Attached tables: CSV and XLSX from anywhere → rows of cells as a person sees them, or why they cannot be read."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mailbot.forms.field_names import match_label
from mailbot.model.procedure import Field

MOST_ROWS = 1_000
MOST_COLUMNS = 60
LARGEST = 5_000_000  # octets
_LARGEST_UNPACKED = 20_000_000  # octets: a zip bomb is told before it is opened
_MOST_ENTRIES = 200
_ENDINGS = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Excel, and encrypted new Excel
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Table:
    """What was read.  `problem` is the code of a finding, with `detail` for its words."""

    rows: tuple[tuple[str, ...], ...] = ()
    problem: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


def is_table(name: str) -> bool:
    """Whether a file is one that people fill in as a table, by its name."""
    return name.casefold().endswith(_ENDINGS)


def read_attached(name: str, data: bytes, fields: Sequence[Field]) -> Table:
    """The rows of a file, by its content.  Never raises.

    Problems: table_encrypted, table_old_excel, table_too_large, table_unreadable, table_formula, table_empty,
    table_wrong_sheet.
    """
    if len(data) > LARGEST:
        return Table(problem="table_too_large")
    if data.startswith(_OLE):
        return Table(problem="table_encrypted" if _ENCRYPTED in data else "table_old_excel")
    try:
        table = _xlsx(data, fields) if data.startswith(b"PK") else _csv(data)
    except Exception:  # whatever a broken or hostile file makes the readers raise: told to the person
        return Table(problem="table_unreadable")
    if not table.problem and not any(any(row) for row in table.rows):
        return Table(problem="table_empty")
    return table


def _csv(data: bytes) -> Table:
    text = _decoded(data)
    if text is None or "\x00" in text:
        return Table(problem="table_unreadable")
    lines = io.StringIO(text, newline="")
    rows = []
    for row in csv.reader(lines, delimiter=_delimiter(text)):
        rows.append(tuple(_cell(cell) for cell in row[:MOST_COLUMNS]))
        if len(rows) > MOST_ROWS:
            return Table(problem="table_too_large")
    return Table(tuple(rows))


def _decoded(data: bytes) -> str | None:
    """By its byte order mark, else UTF-8, else the Shift_JIS of Windows: each strictly."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if marked else ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _delimiter(text: str) -> str:
    head = text[:4000]
    return max(",\t;", key=head.count)


def _cell(text: str) -> str:
    stripped = text.strip()
    # What a careful writer puts before = + - @, so that no program takes the cell for a formula.
    return stripped[1:] if stripped[:1] == "'" and stripped[1:2] in ("=", "+", "-", "@") else stripped


def _xlsx(data: bytes, fields: Sequence[Field]) -> Table:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _LARGEST_UNPACKED:
            return Table(problem="table_too_large")
    from openpyxl import load_workbook

    values = load_workbook(io.BytesIO(data), data_only=True)
    formulas = load_workbook(io.BytesIO(data), data_only=False)
    known = {name: _labels(values[name], fields) for name in values.sheetnames if _is_sheet(values[name])}
    best = max(known, key=lambda name: known[name], default="")
    if not best or not known[best]:
        return Table(problem="table_wrong_sheet", detail={"sheets": "、".join(known)})
    sheet, written = values[best], formulas[best]
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        return Table(problem="table_too_large")
    merged = _merged(sheet)
    rows = []
    for row in range(1, sheet.max_row + 1):
        places = [merged.get((row, column), (row, column)) for column in range(1, sheet.max_column + 1)]
        for place in places:
            if sheet.cell(*place).value is None and written.cell(*place).data_type == "f":
                cell = written.cell(*place).coordinate
                return Table(problem="table_formula", detail={"cell": cell, "sheet": best})
        rows.append(tuple(_text(sheet.cell(*place)) for place in places))
    return Table(tuple(rows), detail={"sheet": best})


def _is_sheet(sheet: Any) -> bool:
    return hasattr(sheet, "iter_rows") and sheet.sheet_state == "visible"


def _labels(sheet: Any, fields: Sequence[Field]) -> int:
    """How many cells of a sheet name a field."""
    cells: Iterable[Any] = (
        cell for row in sheet.iter_rows(max_row=100, max_col=MOST_COLUMNS, values_only=True) for cell in row
    )
    return sum(1 for cell in cells if isinstance(cell, str) and match_label(cell.strip().rstrip("：:"), fields).field)


def _merged(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """(row, column) → the cell whose value fills it: of ranges within one column, as with a code over several IDs."""
    found = {}
    for area in sheet.merged_cells.ranges:
        if area.min_col == area.max_col:
            for row in range(area.min_row + 1, area.max_row + 1):
                found[(row, area.min_col)] = (area.min_row, area.min_col)
    return found


def _text(cell: Any) -> str:
    """A cell as a person sees it."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "☑" if value else "☐"
        case datetime() | date():
            return value.strftime("%Y%m%d")
        case int() | float():
            return _number(value, str(cell.number_format or ""))
        case _:
            return _cell(str(value))


def _number(value: float, shown_as: str) -> str:
    """035 typed as a number is 35 with the format 000."""
    whole = str(int(value)) if float(value).is_integer() else repr(value)
    plain = shown_as.replace("\\", "").replace("-", "").replace('"', "")
    return whole.zfill(len(plain)) if plain and set(plain) == {"0"} else whole
