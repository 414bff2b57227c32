"""Tables as forms: what is attached or pasted is read as if it had been typed."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from mailbot.forms.attached import read_attached
from mailbot.forms.read import read_form
from mailbot.forms.tables import rows_to_form, unfold_tables
from mailbot.forms.workbook import write_table_csv, write_workbook
from mailbot.forms.write import FormLayout
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.people import Language
from mailbot.model.procedure import Filled
from mailbot.procedures import load_procedures

PROCEDURES = load_procedures()
FIELDS = COMMON_FIELDS + PROCEDURES["password_reset"].fields
VERTICAL = [
    ("手続", "パスワード初期化"),
    ("事業所コード", "NAC001"),
    ("利用者コード", "1ANAC"),
    ("識別番号", "A0A", "A0B"),
    ("パスワード初期化の希望理由：", "失念"),
]
HORIZONTAL = [
    ("手続", "パスワード初期化", ""),
    ("", "", ""),
    ("利用者コード", "識別番号", "希望理由"),
    ("1ANAC", "A0A", "失念"),
    ("", "A0B", "失念"),
    ("1BNAC", "B0A", ""),
]


def codes(rows: list[tuple[str, ...]] | tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return read_form(rows_to_form(rows, FIELDS), FIELDS).filled.codes("user_ids")


def csv_of(rows: list[tuple[str, ...]], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(row) + "\r\n" for row in rows).encode(encoding)


def xlsx_of(rows: list[tuple[object, ...]], change: Callable[[Workbook], None] = lambda book: None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_label_with_its_value_beside_it() -> None:
    reading = read_form(rows_to_form(VERTICAL, FIELDS), FIELDS)
    assert reading.filled.codes("user_ids") == ("1ANACA0A", "1ANACA0B")
    assert reading.filled.text("reason") == "失念"
    assert reading.findings == () and reading.unknown_lines == ()


def test_a_head_with_records_below() -> None:
    reading = read_form(rows_to_form(HORIZONTAL, FIELDS), FIELDS)
    assert reading.filled.codes("user_ids") == ("1ANACA0A", "1ANACA0B", "1BNACB0A")
    assert reading.filled.text("reason") == "失念"
    assert reading.findings == ()


def test_nothing_of_a_table_is_dropped() -> None:
    lines = rows_to_form([*VERTICAL, ("何かの項目", "値", "もう一つ")], FIELDS)
    assert "何かの項目　値　もう一つ" in lines


def test_a_table_pasted_into_a_mail() -> None:
    text = "お世話になります。\n手続：パスワード初期化\n利用者コード\t識別番号\n1ANAC\tA0A\n1BNAC\tB0A\n\n理由\t失念\nよろしく"
    unfolded = "\n".join(line for piece in unfold_tables(text.split("\n"), FIELDS) for line in piece)
    assert read_form(unfolded, FIELDS).filled.codes("user_ids") == ("1ANACA0A", "1BNACB0A")
    lines = ["タブ\tのある文", "ただの\t文"]
    assert unfold_tables(lines, FIELDS) == [(line,) for line in lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_from_anywhere(encoding: str, delimiter: str) -> None:
    table = read_attached("申込.csv", csv_of(HORIZONTAL, encoding, delimiter), FIELDS)
    assert codes(table.rows) == ("1ANACA0A", "1ANACA0B", "1BNACB0A")


def test_cells_as_a_person_sees_them() -> None:
    def change(book: Workbook) -> None:
        book.active["B4"].number_format = "0000000000"  # type: ignore[index]

    rows = [("手続", "x"), ("登録希望日", datetime(2026, 11, 30)), ("備考", True), ("電話番号", 301234567)]
    table = read_attached("x.xlsx", xlsx_of([*rows, ("FAX番号", 5.0), ("氏名", "'=太郎")], change), FIELDS)
    assert [row[1] for row in table.rows[:6]] == ["x", "20261130", "☑", "0301234567", "5", "=太郎"]


def test_merged_cells_fill_their_column() -> None:
    def change(book: Workbook) -> None:
        book.active.merge_cells("A2:A3")  # type: ignore[union-attr]
        book.create_sheet("メモ")["A1"] = "ただのメモ"

    table = read_attached(
        "x.xlsx", xlsx_of([("利用者コード", "識別番号"), ("1ANAC", "A0A"), (None, "A0B")], change), FIELDS
    )
    assert codes(table.rows) == ("1ANACA0A", "1ANACA0B")


def _formula(book: Workbook) -> None:
    book.active["B2"] = "=1+1"  # type: ignore[index]


def _bomb() -> bytes:
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100
BAD: dict[str, tuple[bytes, str]] = {
    "formula": (xlsx_of([("手続", "x"), ("備考", "")], _formula), "table_formula"),
    "wrong sheet": (xlsx_of([("買い物", "牛乳")]), "table_wrong_sheet"),
    "empty csv": (b"", "table_empty"),
    "old excel": (OLE, "table_old_excel"),
    "encrypted": (OLE + "EncryptedPackage".encode("utf-16-le"), "table_encrypted"),
    "zip bomb": (_bomb(), "table_too_large"),
    "long csv": (b"a,b\n" * 2_000, "table_too_large"),
    "large": (b"a" * 6_000_000, "table_too_large"),
    "cut zip": (xlsx_of([("手続", "x")])[:500], "table_unreadable"),
    "binary": (bytes(range(256)), "table_unreadable"),
}


@pytest.mark.parametrize("name", BAD)
def test_why_a_table_cannot_be_read(name: str) -> None:
    data, problem = BAD[name]
    table = read_attached("x.xlsx", data, FIELDS)
    assert (table.problem, table.rows) == (problem, ())
    assert {"table_formula": "B2"}.get(problem, "") == table.detail.get("cell", "")


@settings(max_examples=200)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", OLE, b"\xff\xfe"]))
def test_no_bytes_raise(data: bytes, magic: bytes) -> None:
    table = read_attached("x.csv", magic + data, FIELDS)
    rows_to_form(table.rows, FIELDS)


CONTENT: dict[str, dict[str, object]] = {
    "password_reset": {
        "user_ids": ("1ANACA0B",),
        "mailboxes": ("NAC00101",),
        "reason": "=1+1 の\n件",
        "timing": "dated",
        "wished_day": "2026-12-01",
    },
    "user_id_abolition": {
        "user_ids": ("1ANACA0A",),
        "user_codes": ("1BNAC",),
        "added_to": "1ANAC",
        "added": ("net=2",),
    },
    "broker_id_addition": {"user_code": "1ANAC", "added": ("net=1", "インタ=3"), "badges": ("035", "12-7896")},
    "mailbox_change": {"mail": 2, "edifact": 1, "abolished": ("NAC00101",), "remarks": "-"},
}


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_written_is_read_back(name: str, language: Language, kind: str) -> None:
    procedure = PROCEDURES[name]
    fields = COMMON_FIELDS + procedure.fields
    layout = FormLayout(
        procedure.title(language),
        fields,
        language,
        (("1ANACA0A", "net"), ("1ANACA0B", "net")),
        (("1ANAC", "通関業"), ("1BNAC", "通関士")),
        (("NAC00101", "SMTP/POP3"),),
    )
    filled = Filled({"office": "NAC001", "contact_phone": "0301234567", **CONTENT[name]})  # type: ignore[arg-type]
    data = (write_workbook if kind == "xlsx" else write_table_csv)(layout, filled)
    table = read_attached(f"form.{kind}", data, fields)
    reading = read_form(rows_to_form(table.rows, fields), fields)
    assert reading.findings == () and reading.unknown_lines == ()
    values = {n: v for n, v in reading.filled.values.items() if v not in ("", ())}
    if "added" in values:  # a blank line for each other choice is a zero
        values["added"] = tuple(f"{c}={n}" for c, n in reading.filled.counts("added").items() if n)
    assert values == {"procedure": procedure.title(language), **filled.values}


def test_the_workbook_helps_to_fill_it_in() -> None:
    procedure = PROCEDURES["password_reset"]
    layout = FormLayout(
        procedure.title(Language.JA), COMMON_FIELDS + procedure.fields, Language.JA, (("1ANACA0A", "net"),)
    )
    sheet = load_workbook(io.BytesIO(write_workbook(layout, Filled()))).active
    checks = {str(v.sqref): (v.type, v.formula1) for v in sheet.data_validations.dataValidation}  # type: ignore[union-attr]
    rows = {cell.value: cell.row for cell in sheet["A"]}  # type: ignore[index]
    assert checks[f"B{rows['1ANACA0A（net）']}"] == ("list", '"☐,☑"')
    assert checks[f"B{rows['NACCS反映タイミング']}"][0] == "list"
    assert checks[f"B{rows['パスワード初期化の希望理由']}"] == ("textLength", "240")


def test_the_same_form_is_the_same_file_at_any_time() -> None:
    procedure = PROCEDURES["password_reset"]
    layout = FormLayout(procedure.title(Language.JA), COMMON_FIELDS + procedure.fields, Language.JA)
    file = write_workbook(layout, Filled())
    properties = load_workbook(io.BytesIO(file)).properties
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(file)).infolist()} == {(2026, 1, 1, 0, 0, 0)}
    assert (properties.created, properties.modified) == (datetime(2026, 1, 1), datetime(2026, 1, 1))
    assert write_workbook(layout, Filled()) == file
