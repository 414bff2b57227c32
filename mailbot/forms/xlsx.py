"""XLSX workbooks: the sheets with the values of their cells as they were saved (ECMA-376 part 1, SpreadsheetML)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from mailbot.forms.xlsx_parts import Archive, StopReading, TooLarge, each_element, relationships
from mailbot.forms.xlsx_strings import LONGEST_CELL, RichText, shared_strings

MOST_SHEETS = 100
MOST_FORMATS = 65_000  # cell formats: 65,490 is the limit of Excel
LONGEST_FORMAT = 255  # characters of a number format that is regarded
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")

Position = tuple[int, int]  # row and column, from 1


class Cell(NamedTuple):
    """A cell that is not empty.  `value` is None for a formula without a saved result."""

    value: Any
    number_format: str = ""
    is_formula: bool = False


@dataclass
class Sheet:
    """The cells of a sheet, and its merged ranges as (first row, first column, last row, last column)."""

    cells: dict[Position, Cell] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    rows: int = 0  # the largest row and column that a cell or a merged range has
    columns: int = 0


@dataclass(frozen=True)
class Bounds:
    """How much of a sheet is read.  Beyond `rows`, reading ends or, with `strict`, raises TooLarge."""

    rows: int
    columns: int
    strict: bool


class NumberFormat(NamedTuple):
    """A number format (§18.8.31) and what its numbers are: days since an epoch, or a length of time."""

    code: str = ""
    is_date: bool = False
    is_length: bool = False


class Workbook:
    """A workbook of which the sheets are read one by one.  Methods raise like `Archive`."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        root = relationships(archive, "")
        part = next((r.target for r in root.values() if r.kind == "officeDocument"), "xl/workbook.xml")
        self._parts = relationships(archive, part)
        self._sheets: dict[str, str] = {}
        self._epoch_1904 = False
        each_element(archive, part, self._workbook_element)
        self._strings = shared_strings(archive, self._part("sharedStrings"))
        self._formats = _formats(archive, self._part("styles"))

    def _workbook_element(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbookPr":
            self._epoch_1904 = attributes.get("date1904") in ("1", "true", "on")
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            identifier = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id" and ":" in k), "")
            relationship = self._parts.get(identifier)
            if relationship and relationship.kind == "worksheet" and self._archive.has(relationship.target):
                self._sheets[attributes.get("name", "")] = relationship.target
            if len(self._sheets) > MOST_SHEETS:
                raise TooLarge("sheets")

    def _part(self, kind: str) -> str:
        return next((r.target for r in self._parts.values() if r.kind == kind), "")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the visible worksheets, in their order."""
        return tuple(self._sheets)

    def sheet(self, name: str, bounds: Bounds, cell_read: Callable[[], None]) -> Sheet:
        """The cells of a sheet.  `cell_read` is called for each cell, also an empty one.  Raises TooLarge."""
        reader = _SheetReader(bounds, self._value, cell_read)
        self._archive.parse(self._sheets[name], reader)
        return reader.sheet

    def _value(self, kind: str, style: int, saved: str, is_formula: bool) -> Cell:
        """The cell of type `kind` (§18.18.11) whose value is saved as `saved`.  Raises ValueError."""
        shown_as = self._formats[style] if style < len(self._formats) else NumberFormat()
        value: object = saved
        if not saved and kind != "inlineStr":
            value = None
        elif kind == "n":
            value = self._number(saved, shown_as)
        elif kind == "s":
            value = self._strings[int(saved)]
        elif kind == "b":
            value = bool(int(saved))
        elif kind == "d":
            value = datetime.fromisoformat(saved)
        return Cell(value, shown_as.code, is_formula)

    def _number(self, saved: str, shown_as: NumberFormat) -> object:
        number = float(saved) if any(sign in saved for sign in ".eE") else int(saved)
        if not shown_as.is_date:
            return number
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

        epoch = CALENDAR_MAC_1904 if self._epoch_1904 else CALENDAR_WINDOWS_1900
        try:
            return from_excel(number, epoch, timedelta=shown_as.is_length)
        except (OverflowError, ValueError):
            return "#VALUE!"


def _formats(archive: Archive, part: str) -> list[NumberFormat]:
    """The number format of each cell format (§18.8.10 cellXfs, §18.8.31 numFmts)."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

    codes: dict[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    found: list[NumberFormat] = []
    inside = ""

    def element(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal inside
        if name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs", "numFmts"):
            inside = name
        elif name == "numFmt" and inside == "numFmts":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:LONGEST_FORMAT]
        elif name == "xf" and inside == "cellXfs":
            code = codes.get(attributes.get("numFmtId", "0"), "")
            found.append(NumberFormat(code, is_date_format(code), is_timedelta_format(code)))
            if len(found) > MOST_FORMATS:
                raise TooLarge("formats")

    if part and archive.has(part):
        each_element(archive, part, element)
    return found


class _SheetReader:
    """Reads the cells and the merged ranges of one worksheet part (§18.3.1)."""

    def __init__(
        self, bounds: Bounds, value: Callable[[str, int, str, bool], Cell], cell_read: Callable[[], None]
    ) -> None:
        self.sheet = Sheet()
        self._bounds = bounds
        self._value = value
        self._cell_read = cell_read
        self._row = self._column = 0
        self._kind, self._style = "n", 0
        self._is_formula = self._in_value = False
        self._saved: list[str] = []
        self._saved_length = 0
        self._inline = RichText()
        self._area = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        match name:
            case "c":
                self._begin_cell(attributes)
            case "v":
                self._in_value = True
            case "row":
                self._row = int(float(attributes["r"])) if "r" in attributes else self._row + 1
                self._column = 0
            case "f":
                self._is_formula = True
            case "mergeCell":
                self._merge(attributes.get("ref", ""))
            case _:
                self._inline.start(name)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._cell_read()
        self._row, self._column = _position(attributes["r"]) if "r" in attributes else (self._row, self._column + 1)
        if self._row > self._bounds.rows and not self._bounds.strict:
            raise StopReading
        self._extend(self._row, self._column)
        self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))
        self._is_formula = self._in_value = False
        self._saved, self._saved_length = [], 0
        self._inline.clear()

    def _extend(self, row: int, column: int) -> None:
        self.sheet.rows = max(self.sheet.rows, row)
        self.sheet.columns = max(self.sheet.columns, column)
        if self._bounds.strict and (row > self._bounds.rows or column > self._bounds.columns):
            raise TooLarge("sheet")

    def end(self, name: str) -> None:
        self._in_value = False
        self._inline.end(name)
        if name == "c":
            saved = self._inline.value if self._kind == "inlineStr" else "".join(self._saved)
            cell = self._value(self._kind, self._style, saved, self._is_formula)
            if (cell.value is not None or self._is_formula) and self._column <= self._bounds.columns:
                self.sheet.cells[self._row, self._column] = cell
        elif name == "sheetData" and not self._bounds.strict:
            raise StopReading

    def text(self, data: str) -> None:
        if self._in_value:
            self._saved.append(data)
            self._saved_length += len(data)
            if self._saved_length > LONGEST_CELL:
                raise TooLarge("value")
        else:
            self._inline.text(data)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        top, left = _position(first)
        bottom, right = _position(last or first)
        self._extend(bottom, right)
        self._extend(top, left)
        self._area += max(bottom - top + 1, 0) * max(right - left + 1, 0)
        if self._area > self._bounds.rows * self._bounds.columns:  # ranges do not overlap (§18.3.1.55)
            raise TooLarge("merged ranges")
        self.sheet.merged.append((top, left, bottom, right))


def merged_positions(area: tuple[int, int, int, int]) -> Iterator[Position]:
    """The positions of a merged range except the first one, whose value it shows."""
    top, left, bottom, right = area
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if (row, column) != (top, left):
                yield row, column


def _position(reference: str) -> Position:
    """`B4` → (4, 2).  Raises ValueError."""
    match = _REFERENCE.fullmatch(reference.replace("$", "").upper())
    if match is None:
        raise ValueError("cell reference")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column
