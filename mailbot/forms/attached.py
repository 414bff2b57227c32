"""Attached tables: CSV and XLSX from anywhere → rows of cells as a person sees them, or why they cannot be read."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from mailbot.forms.field_names import FieldNames
from mailbot.forms.xlsx import Bounds, Cell, Position, Sheet, Workbook, merged_positions
from mailbot.forms.xlsx_parts import Archive, TooLarge, Work
from mailbot.forms.xlsx_strings import LONGEST_CELL
from mailbot.lines import EMPTY_BOX, LONGEST_LABEL, TICKED_BOX
from mailbot.model.procedure import Field
from mailbot.text import unguard_formula
from mailbot.zip_files import ZipTooLarge

MOST_ROWS = 1_000
MOST_COLUMNS = 60
LARGEST = 5_000_000  # octets
MOST_CHARACTERS = 1_000_000  # of all cells, or of the text of a CSV file
MOST_CELLS = 150_000  # that are visited in all sheets, empty ones included
MOST_LABELS = 2_000  # different texts that are compared with the names of the fields to find the sheet with the form
_HEAD = Bounds(rows=100, columns=MOST_COLUMNS, strict=False)  # where labels are looked for
_WHOLE = Bounds(rows=MOST_ROWS, columns=MOST_COLUMNS, strict=True)
_EMPTY = Cell(None)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Excel, and encrypted new Excel
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Table:
    """What was read.  `problem` is the code of a finding, with `detail` for its words."""

    rows: tuple[tuple[str, ...], ...] = ()
    problem: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


def read_attached(name: str, data: bytes, fields: Sequence[Field], work: Work | None = None) -> Table:
    """The rows of a file, by its content.  Never raises.  `work`: where the cost is counted.

    Problems: table_encrypted, table_old_excel, table_too_large, table_unreadable, table_formula, table_empty,
    table_wrong_sheet.
    """
    if len(data) > LARGEST:
        return Table(problem="table_too_large")
    if data.startswith(_OLE):
        return Table(problem="table_encrypted" if _ENCRYPTED in data else "table_old_excel")
    work = work or Work()
    try:
        table = _xlsx(data, fields, work) if data.startswith(b"PK") else _csv(data, work)
    except (
        TooLarge,
        ZipTooLarge,
        csv.Error,
        MemoryError,
    ):  # the reader of the standard library limits the length of a field
        return Table(problem="table_too_large")
    except Exception:  # whatever a damaged or hostile file makes the readers raise
        return Table(problem="table_unreadable")
    if not table.problem and not any(any(row) for row in table.rows):
        return Table(problem="table_empty")
    return table


def _csv(data: bytes, work: Work) -> Table:
    """Raises TooLarge."""
    text = _decoded(data)
    if text is None or "\x00" in text:
        return Table(problem="table_unreadable")
    if len(text) > MOST_CHARACTERS:
        raise TooLarge("text")
    rows: list[tuple[str, ...]] = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
        work.cells += len(row)
        if len(rows) == MOST_ROWS or any(len(cell) > LONGEST_CELL for cell in row) or any(row[MOST_COLUMNS:]):
            raise TooLarge("rows, columns or cell")
        rows.append(tuple(_cell(cell) for cell in row[:MOST_COLUMNS]))
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
    return unguard_formula(text.strip())


def _xlsx(data: bytes, fields: Sequence[Field], work: Work) -> Table:
    book = Workbook(Archive(data, work))
    counted = _LabelCounter(fields)
    known = {name: counted.labels(book.sheet(name, _HEAD, _counting(work))) for name in book.names}
    best = max(known, key=lambda name: known[name], default="")
    if not best or not known[best]:
        return Table(problem="table_wrong_sheet", detail={"sheets": "、".join(known)})
    sheet = book.sheet(best, _WHOLE, _counting(work))
    shown_by = _merged(sheet)
    rows = []
    for row in range(1, sheet.rows + 1):
        cells = []
        for column in range(1, sheet.columns + 1):
            place = shown_by.get((row, column), (row, column))
            cell = sheet.cells.get(place, _EMPTY)
            if cell.value is None and cell.is_formula:
                return Table(problem="table_formula", detail={"cell": _coordinate(place), "sheet": best})
            text = _text(cell)
            work.characters += len(text)
            if work.characters > MOST_CHARACTERS:  # one shared string can be the value of every cell
                raise TooLarge("text")
            cells.append(text)
        rows.append(tuple(cells))
    return Table(tuple(rows), detail={"sheet": best})


def _counting(work: Work) -> Callable[[], None]:
    def count() -> None:
        work.cells += 1
        if work.cells > MOST_CELLS:
            raise TooLarge("cells")

    return count


class _LabelCounter:
    """Counts the cells that name a field, in all sheets together at most MOST_LABELS different texts."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._names = FieldNames(fields)
        self._known: dict[str, bool] = {}

    def labels(self, sheet: Sheet) -> int:
        return sum(self._is_label(cell.value) for cell in sheet.cells.values() if isinstance(cell.value, str))

    def _is_label(self, text: str) -> bool:
        label = text.strip().rstrip("：:")
        if len(label) > LONGEST_LABEL:
            return False
        if label not in self._known and len(self._known) < MOST_LABELS:
            self._known[label] = self._names.match(label).field is not None
        return self._known.get(label, False)


def _merged(sheet: Sheet) -> dict[Position, Position]:
    """Position → the position whose value it shows: in ranges within one column, as with a code over several IDs.

    In wider ranges only the first cell shows the value; values that are saved in the others are not visible.
    """
    shown_by: dict[Position, Position] = {}
    for area in sheet.merged:
        for place in merged_positions(area):
            sheet.cells.pop(place, None)
            if area[1] == area[3]:
                shown_by[place] = area[0], area[1]
    return shown_by


def _coordinate(place: Position) -> str:
    row, column = place
    letters = ""
    while column:
        column, remainder = divmod(column - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return f"{letters}{row}"


def _text(cell: Cell) -> str:
    """A cell as a person sees it."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return TICKED_BOX if value else EMPTY_BOX
        case datetime() | date():
            return value.strftime("%Y%m%d")
        case int() | float():
            return _number(value, cell.number_format)
        case _:
            return _cell(str(value))


def _number(value: float, shown_as: str) -> str:
    """035 typed as a number is 35 with the format 000."""
    whole = str(int(value)) if float(value).is_integer() else repr(value)
    plain = shown_as.replace("\\", "").replace("-", "").replace('"', "")
    return whole.zfill(len(plain)) if plain and set(plain) == {"0"} else whole
