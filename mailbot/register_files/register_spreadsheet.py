"""The register as one flat spreadsheet, CSV or XLSX: the column `entry` says what a row is, the others are its values.

Rows: office, administrator, contact, user_code, user_id, mailbox (each with `office`; a user_id also with
`user_code`), reviewer, and of a file of the desk `written` (its
`name` is when, its `number` the import that it follows).  Lists (shared_with, categories) are separated by blanks.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from mailbot.errors import Permanent
from mailbot.model.register import Register, RowKey, RowKind
from mailbot.model.register_rows import DATES, LISTS, MARKS
from mailbot.register_files.register_data import data_of, register_of
from mailbot.register_files.register_shapes import ENTRY_SHAPES, flat_names
from mailbot.register_files.xlsx_rows import xlsx_rows
from mailbot.text import did_you_mean, fold_address, fold_code, guard_formula, unguard_formula

# The order of the columns so far.  What a shape holds besides gets a column after them, so that none changes place.
_FIRST_COLUMNS = (
    "entry", "office", "user_code", "code", "id", "kind", "number", "name", "kana", "email", "phone", "fax",
    "department", "title", "company", "company_en", "name_en", "address", "customs", "division", "language", "charset",
    "business", "responsible", "shared_with", "method", "start", "end", "categories", "deputy",
    "password", "password_hash",
)  # fmt: skip
COLUMNS = tuple(dict.fromkeys(chain(_FIRST_COLUMNS, *map(flat_names, ENTRY_SHAPES))))
_WRITTEN = "written"
_MARKED = ("○", "〇", "◯")  # as the screens of NSS show it, and characters that look like it; else a truth value
_MAX_BYTES = 20_000_000
_MAX_ROWS = 200_000


def read_spreadsheet(name: str, octets: bytes, problems: list[str], *, most_unpacked: int) -> Register:
    """The register in a CSV (UTF-8, with or without BOM) or XLSX file; problems are added to `problems`.

    `name`: of the file, with its ending; `most_unpacked`: octets of XLSX.

    Raises Permanent when the file is not readable at all.
    """
    if len(octets) > _MAX_BYTES:
        raise Permanent(f"{name}: larger than {_MAX_BYTES // 1_000_000} MB; is it a register?")
    is_xlsx = Path(name).suffix.lower() == ".xlsx"
    rows = _read_xlsx(name, octets, problems, most_unpacked) if is_xlsx else _read_csv(name, octets)
    if not rows or "entry" not in rows[0]:
        raise Permanent(f"{name}: the first row must name the columns, `entry` first (export a register to see them)")
    unknown = [column for column in rows[0] if column and column not in COLUMNS]
    problems += [f"column {column!r}: unknown; expected {', '.join(COLUMNS)}" for column in unknown]
    below = {number: dict(zip(rows[0], row, strict=False)) for number, row in enumerate(rows[1:], 2) if any(row)}
    written = [number for number, row in below.items() if row.get("entry") == _WRITTEN]
    marks = [below.pop(number) for number in written]
    line_of: dict[int, int] = {}
    data = _nested(below, problems, line_of)
    if marks:
        data["written_at"] = marks[0].get("name")
        data |= {"last_import": marks[0]["number"]} if marks[0].get("number") else {}
    return register_of(data, problems, frozenset(rows[0]), _lines(data, line_of), line_of)


def _lines(data: dict[str, Any], line_of: dict[int, int]) -> dict[RowKey, int]:
    """The number of each row.  `line_of`: id() of an entry in `data` → its row."""
    found: dict[RowKey, int] = {}

    def note(kind: RowKind, office: str, name: str, entry: dict[str, Any]) -> None:
        found.setdefault(RowKey(kind, office, name), line_of.get(id(entry), 0))

    for office in data["office"]:
        code = fold_code(office.get("code", ""))
        note(RowKind.OFFICE, code, "", office)
        note(RowKind.ADMINISTRATOR, code, "", office.get("administrator", {}))
        for one in office.get("contact", []):
            note(RowKind.CONTACT, code, fold_address(one.get("email", "")), one)
        for one in office.get("mailbox", []):
            note(RowKind.MAILBOX, code, fold_code(one.get("id", "")), one)
        for user_code in office.get("user_code", []):
            of = fold_code(user_code.get("code", ""))
            note(RowKind.USER_CODE, code, of, user_code)
            for one in user_code.get("user_id", []):
                note(RowKind.USER_ID, code, of + fold_code(one.get("number", "")), one)
    for one in data["reviewer"]:
        note(RowKind.REVIEWER, "", fold_address(one.get("email", "")), one)
    return found


def _nested(rows: dict[int, dict[str, str]], problems: list[str], line_of: dict[int, int]) -> dict[str, Any]:
    """The nested data that a TOML file would hold, from the flat rows.  `rows`: number in the file → row.

    `line_of` gets id() of each entry → that number.
    """
    data: dict[str, Any] = {"office": [], "reviewer": []}
    offices: dict[str, dict[str, Any]] = {}
    codes: dict[tuple[str, str], dict[str, Any]] = {}
    for number, row in rows.items():
        entry = row.pop("entry", "")
        values = _values(row)
        line_of[id(values)] = number
        office = offices.get(fold_code(values.pop("office", ""))) if entry not in ("office", "reviewer") else None
        match entry:
            case "office":
                offices[fold_code(values.get("code", ""))] = values
                data["office"].append(values)
            case "reviewer":
                data["reviewer"].append(values)
            case "administrator" if office is not None:
                if "administrator" in office:
                    problems.append(f"row {number}: a second administrator of office {office.get('code', '')}")
                office["administrator"] = values
            case "contact" | "mailbox" if office is not None:
                office.setdefault(entry, []).append(values)
            case "user_code" if office is not None:
                codes[_key(office, values.get("code", ""))] = values
                office.setdefault("user_code", []).append(values)
            case "user_id" if office is not None:
                owner = codes.get(_key(office, values.pop("user_code", "")))
                if owner is None:
                    problems.append(f"row {number}: user_code: no such user_code above for this office")
                else:
                    owner.setdefault("user_id", []).append(values)
            case _:
                problems.append(f"row {number}: {_without_place(entry, row.get('office', ''), offices)}")
    return data


def _without_place(entry: str, office: str, offices: Iterable[str]) -> str:
    """What is wrong with a row that cannot be placed: its kind is none, or its office has no row above it."""
    if entry not in list(RowKind):
        return f"entry {entry!r}{did_you_mean(entry, RowKind)}; expected one of {', '.join(RowKind)}"
    near = did_you_mean(fold_code(office), offices)
    return f"entry {entry!r} with office {office!r}: no row above it is the office of that code{near}"


def _key(office: dict[str, Any], code: str) -> tuple[str, str]:
    return fold_code(office.get("code", "")), fold_code(code)


def _values(row: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {name: unguard_formula(value) for name, value in row.items() if name and value}
    for name in LISTS:
        if name in values:
            values[name] = values[name].split()
    for name in MARKS:
        if values.get(name) in _MARKED:
            values[name] = "true"
    for name in DATES:
        if name in values:  # spreadsheets write 2020/4/1
            values[name] = "-".join(part.zfill(2) for part in values[name].split("/"))
    return values


def write_spreadsheet(register: Register, path: Path) -> None:
    """Write the register as CSV (UTF-8 with BOM, as spreadsheets want it) or XLSX, all cells text."""
    rows = [list(COLUMNS), *([_escaped(row.get(name, "")) for name in COLUMNS] for row in _flat(data_of(register)))]
    if path.suffix.lower() == ".xlsx":
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("register")
        for row in rows:
            sheet.append(row)
        whole = io.BytesIO()
        book.save(whole)
        path.write_bytes(whole.getvalue())
        return
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


def _flat(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "written_at" in data:
        last = {"number": str(data["last_import"])} if "last_import" in data else {}
        yield {"entry": _WRITTEN, "name": data["written_at"].isoformat()} | last
    for office in data["office"]:
        code = office["code"]
        yield {"entry": "office"} | {k: v for k, v in office.items() if not isinstance(v, (dict, list))}
        yield {"entry": "administrator", "office": code} | office["administrator"]
        for kind in ("contact", "mailbox"):
            yield from ({"entry": kind, "office": code} | one for one in office[kind])
        for user_code in office["user_code"]:
            ids = user_code["user_id"]
            yield {"entry": "user_code", "office": code} | {k: v for k, v in user_code.items() if k != "user_id"}
            yield from ({"entry": "user_id", "office": code, "user_code": user_code["code"]} | one for one in ids)
    yield from ({"entry": "reviewer"} | reviewer for reviewer in data["reviewer"])


def _escaped(value: Any) -> str:
    """A value as the text of a cell, and never a formula (T-85)."""
    if value is True:
        return _MARKED[0]
    text = " ".join(value) if isinstance(value, list) else value.isoformat() if isinstance(value, date) else str(value)
    return guard_formula(text)


def _read_csv(name: str, octets: bytes) -> list[list[str]]:
    try:
        text = octets.decode("utf-8-sig")
        return [[cell.strip(" ") for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except UnicodeDecodeError as error:
        raise Permanent(f"{name}: not UTF-8 ({error.reason}); save it as «CSV UTF-8»") from error
    except csv.Error as error:
        raise Permanent(f"{name}: not readable as CSV: {error}") from error


def _read_xlsx(name: str, octets: bytes, problems: list[str], most_unpacked: int) -> list[list[str]]:
    found: list[list[str]] = []
    columns = len(COLUMNS) + 10
    cells = xlsx_rows(name, octets, most_rows=_MAX_ROWS, most_columns=columns, most_unpacked=most_unpacked)
    for number, row in enumerate(cells, 1):
        names = found[0] if found else []
        found.append(
            [_from_cell(cell, number, names[i] if i < len(names) else "", problems) for i, cell in enumerate(row)]
        )
    return found


def _from_cell(cell: Any, row: int, column: str, problems: list[str]) -> str:
    place = f"row {row}, {column or 'a column without a name'}"
    if isinstance(cell, bool):
        return "true" if cell else ""
    if isinstance(cell, int | float):
        problems.append(f"{place}: {cell} is a number; format the cells as text, so that no leading 0 is lost")
    if isinstance(cell, datetime | date):
        if column not in DATES:
            problems.append(f"{place}: {cell} is a date; format the cells as text, and write the code again")
        return cell.date().isoformat() if isinstance(cell, datetime) else cell.isoformat()
    return str(cell).strip(" ") if cell is not None else ""
