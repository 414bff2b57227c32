"""Forms as files to fill in: a workbook with drop-downs and checked cells, and CSV that Excel opens right."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from mailbot.forms.write import FormLayout, field_lines, heading
from mailbot.lines import EMPTY_BOX, TICKED_BOX, has_box_or_mark, is_ticked, label_and_value, without_box
from mailbot.model.procedure import Field, FieldKind, Filled, Section
from mailbot.text import guard_formula

_LABEL_WIDTH, _VALUE_WIDTH = 34, 64
_THIN = Side(style="thin", color="94A3B8")
_FRAME = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="E2E8F0")
_NEEDED = PatternFill("solid", fgColor="FEF3C7")
_MADE = datetime(2026, 1, 1)  # noqa: DTZ001 - the format knows no zone; fixed, so that the same form is the same file


@dataclass(frozen=True)
class _Line:
    """One row of the sheet."""

    label: str
    value: str
    field: Field | None = None  # None: a heading
    ticks: bool = False  # the label is a code, the value a box


def write_workbook(layout: FormLayout, filled: Filled) -> bytes:
    """The form as XLSX, one sheet."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = re.sub(r"[\\/*?:\[\]・]", "", layout.title)[:31]
    for number, line in enumerate(_rows(layout, filled), 1):
        _write_row(sheet, number, line)
    sheet.column_dimensions["A"].width = _LABEL_WIDTH
    sheet.column_dimensions["B"].width = _VALUE_WIDTH
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    """The file with fixed instants in its properties and its archive, where openpyxl writes the current time."""
    book.properties.created = book.properties.modified = _MADE
    written, fixed = io.BytesIO(), io.BytesIO()
    ExcelWriter(book, ZipFile(written, "w")).save()  # Workbook.save would change `modified`
    with ZipFile(written) as archive, ZipFile(fixed, "w") as copy:
        for entry in archive.infolist():
            copy.writestr(ZipInfo(entry.filename, _MADE.timetuple()[:6]), archive.read(entry), ZIP_DEFLATED)
    return fixed.getvalue()


def write_table_csv(layout: FormLayout, filled: Filled) -> bytes:
    """The form as CSV: UTF-8 with the mark that Japanese Excel needs to know it by."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for line in _rows(layout, filled):
        writer.writerow([line.label, guard_formula(line.value)] if line.field else [line.label])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def _rows(layout: FormLayout, filled: Filled) -> Iterator[_Line]:
    section = Section.HEAD
    for one in layout.fields:
        if one.section is not section:
            section = one.section
            yield _Line(heading(section, layout.language), "")
        yield from _field_rows(one, layout, filled)


def _field_rows(one: Field, layout: FormLayout, filled: Filled) -> Iterator[_Line]:
    """The lines of a field as the text form has them, split into label and value."""
    if one.kind is FieldKind.CHOICE:
        chosen = next((c for c in one.choices if c.name == filled.values.get(one.name)), None)
        yield _Line(one.label(layout.language), chosen.labels[layout.language] if chosen else "", one)
        return
    lines = field_lines(one, layout, filled)
    for i, line in enumerate(lines):
        if has_box_or_mark(line):
            yield _Line(without_box(line), TICKED_BOX if is_ticked(line) else EMPTY_BOX, one, ticks=True)
        elif i == 0 or one.kind is not FieldKind.TEXT:
            label, value = label_and_value(line, longest=len(line)) or (line, "")
            rest = lines[1:] if one.kind is FieldKind.TEXT else []
            yield _Line(label.strip(), "\n".join([value, *rest]).strip(), one)


def _write_row(sheet: Worksheet, number: int, line: _Line) -> None:
    label, value = sheet.cell(number, 1), sheet.cell(number, 2)
    label.value, label.border = line.label, _FRAME
    label.alignment = value.alignment = Alignment(vertical="top", wrap_text=True)
    if line.field is None:
        label.font, label.fill = Font(bold=True), _HEAD
        value.fill = _HEAD
        return
    value.value, value.border, value.number_format = guard_formula(line.value) or None, _FRAME, "@"
    if line.field.required and not line.ticks:
        label.fill = _NEEDED
    check = _check(line)
    if check is not None:
        sheet.add_data_validation(check)
        check.add(value)


def _check(line: _Line) -> DataValidation | None:
    """What the cell may hold, so that a mistake is seen while it is made."""
    field = line.field
    if line.ticks or (field is not None and field.kind is FieldKind.FLAG):
        return DataValidation(type="list", formula1=f'"{EMPTY_BOX},{TICKED_BOX}"', allow_blank=True)
    if field is None:
        return None
    if field.kind is FieldKind.CHOICE:
        labels = ",".join(label.replace(",", " ") for c in field.choices for label in c.labels.values())
        return DataValidation(type="list", formula1=f'"{labels}"', allow_blank=True) if len(labels) < 250 else None
    if field.max_length is not None:
        return DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(field.max_length))
    return None
