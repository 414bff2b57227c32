"""Register files: read back what was written, and say everything that is wrong at once."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from mailbot.app.context import sample_register
from mailbot.errors import Permanent
from mailbot.model.common_fields import CONTACT_ATTRIBUTES, contact_field
from mailbot.model.contract import EXAMPLE_OFFICE, EXAMPLE_USER_CODE, Mailbox, Office, UserCode, UserId
from mailbot.model.people import Administrator, ApplicantContact, Category, Charset, Language, Reviewer
from mailbot.model.procedure import FieldKind
from mailbot.model.register import Register
from mailbot.register_files.register_file import read_register, write_register
from mailbot.register_files.register_spreadsheet import COLUMNS
from mailbot.text import fold_address
from tests.testkit.records import OFFICE, REGISTER

ENDINGS = [".toml", ".csv", ".xlsx"]
TOML = """\
[[office]]
code = "ｎａｃ００１"
company = "ナックス商事株式会社"
name = "第一営業所"
password = "ひみつ"
  [office.administrator]
  name = "管理 花子"
  email = "hanako@naxtrade.example"
  [[office.contact]]
  name = "通関 太郎"
  phone = "０３−１２３４−５６７８"
  email = " taro@NAXTRADE.example "
  [[office.user_code]]
  code = "1ANAC"
    [[office.user_code.user_id]]
    number = "A0A"
    start = 2020-04-01
  [[office.mailbox]]
  id = "NAC00101"
  kind = "EDIFACT"
[[reviewer]]
name = "審査 一郎"
email = "ichiro@desk.example"
categories = ["A", "C"]
"""


def written(tmp_path: Path, text: str, name: str = "register.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def problem_lines(path: Path) -> list[str]:
    with pytest.raises(Permanent) as caught:
        read_register(path)
    return caught.value.public.splitlines()


def test_toml_as_people_write_it(tmp_path: Path) -> None:
    register = read_register(written(tmp_path, TOML))
    (office,), (reviewer,) = register.offices, register.reviewers
    assert PasswordHasher().verify(office.password_hash, "ひみつ")
    assert replace(office, password_hash="") == Office(
        "NAC001",
        "ナックス商事株式会社",
        "第一営業所",
        Administrator(name="管理 花子", email="hanako@naxtrade.example"),
        contacts=(ApplicantContact(name="通関 太郎", phone="0312345678", email="taro@naxtrade.example"),),
        user_codes=(UserCode("1ANAC", user_ids=(UserId("1ANAC", "A0A", start=date(2020, 4, 1)),)),),
        mailboxes=(Mailbox("NAC00101", "EDIFACT"),),
    )
    assert reviewer.categories == {Category.CONTRACT, Category.SYSTEM_SETTING}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_sample_round_trips_without_its_password(tmp_path: Path, ending: str) -> None:
    register = read_register(written(tmp_path, TOML))
    path = tmp_path / f"copy{ending}"
    write_register(register, path)
    assert read_register(path) == register
    assert "ひみつ".encode() not in path.read_bytes()


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs", "Cn"]), max_size=12)
HARD = st.sampled_from(
    ["=1+1", "'x", "''", "'=", "＝1", "+81", "@x", "-1", "#N/A", "TRUE", "1.0", "_x0041_", "a  b", 'a,b"c;d', "﻿x"]
)
WORDS = st.one_of(HARD, TEXT)
NAMES = WORDS.filter(bool)
CODE = st.text("ABC019", min_size=5, max_size=5).filter(lambda code: code != EXAMPLE_USER_CODE)
PHONES = st.text("0123456789", max_size=11)
EMAILS = st.builds(
    "{}@{}.example".format, st.text("abc..-+=_", min_size=1, max_size=8), st.text("xyz", min_size=1, max_size=5)
)
STATISTICS = st.sampled_from([(), (True,), (False, True), (True, True, True), (True, False, True)])
DAYS = st.none() | st.dates(date(1990, 1, 1))


def attribute_texts(attribute: str) -> st.SearchStrategy[str]:
    """What an attribute of ApplicantContact may hold."""
    if attribute == "name":
        return NAMES
    if attribute == "email":
        return EMAILS
    return PHONES if contact_field(attribute).kind is FieldKind.PHONE else WORDS


@st.composite
def offices(draw: Callable[..., Any], number: int) -> Office:
    code = f"NAC{number:03d}"
    return Office(
        code=code,
        company=draw(NAMES),
        name=draw(NAMES),
        administrator=Administrator(name=draw(NAMES), kana=draw(WORDS), phone=draw(PHONES), email=draw(EMAILS)),
        company_en=draw(WORDS),
        address=draw(WORDS),
        division=draw(st.sampled_from(["", "海上", "航空", "共用"])),
        language=draw(st.sampled_from(Language)),
        billing_code=draw(WORDS),
        charset=draw(st.sampled_from(Charset)),
        password_hash=draw(WORDS),
        contacts=tuple(
            ApplicantContact(**{name: draw(attribute_texts(name)) for name in CONTACT_ATTRIBUTES} | {"email": email})
            for email in draw(st.lists(EMAILS, max_size=2, unique_by=fold_address))
        ),
        user_codes=tuple(
            UserCode(c, draw(WORDS), draw(WORDS), draw(WORDS), tuple(draw(st.lists(CODE, max_size=2))),
                     tuple(UserId(c, n, draw(WORDS), draw(DAYS), draw(DAYS), *draw(STATISTICS)) for n in draw(st.sets(st.text("AB01", min_size=3, max_size=3), max_size=2))))
            for c in draw(st.sets(CODE, max_size=2))
        ),
        mailboxes=tuple(Mailbox(f"{code}{n:02d}", draw(st.sampled_from(["SMTP/POP3", "EDIFACT"]))) for n in range(draw(st.integers(0, 2)))),
    )  # fmt: skip


@st.composite
def registers(draw: Callable[..., Any]) -> Register:
    reviewers = {draw(EMAILS): Reviewer(name=draw(NAMES), email="", categories=frozenset(draw(st.sets(st.sampled_from(Category), min_size=1))), deputy=draw(st.sampled_from(["", "deputy@other.example"]))) for _ in range(draw(st.integers(0, 2)))}  # fmt: skip
    return Register(
        tuple(draw(offices(number)) for number in range(draw(st.integers(0, 2)))),
        tuple(replace(reviewer, email=email) for email, reviewer in reviewers.items()),
    )


@pytest.mark.parametrize("ending", ENDINGS)
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(register=registers())
def test_what_is_written_is_read(tmp_path: Path, ending: str, register: Register) -> None:
    path = tmp_path / f"register{ending}"
    write_register(register, path)
    assert read_register(path) == register


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("○", "", ""), (True, False, False)),
        (("〇", "◯", "true"), (True, True, True)),
        (("", "no", ""), (False, False, False)),
        (("", "○", "○"), "user_id A0A: bonded_archive: needs paid_statistics"),
        (("×印", "", ""), "paid_statistics: '×印'"),
    ],
)
def test_marks_of_a_user_id_as_people_write_them(
    tmp_path: Path, cells: tuple[str, str, str], expected: tuple[bool, bool, bool] | str
) -> None:
    path = tmp_path / "register.csv"
    write_register(read_register(written(tmp_path, TOML)), path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    names = ("paid_statistics", "free_statistics", "bonded_archive")
    next(row for row in rows if row["entry"] == "user_id").update(zip(names, cells, strict=True))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    if isinstance(expected, str):
        assert expected in "\n".join(problem_lines(path))
        return
    (user_id,) = read_register(path).offices[0].user_ids()
    assert tuple(getattr(user_id, name) for name in names) == expected
    write_register(read_register(path), path)
    assert ("○" in path.read_text(encoding="utf-8-sig")) == any(expected)


@pytest.mark.parametrize(("own", "kept"), [("NAC001", EXAMPLE_OFFICE), ("1ANAC", EXAMPLE_USER_CODE)])
def test_the_codes_of_the_examples_cannot_be_registered(tmp_path: Path, own: str, kept: str) -> None:
    path = tmp_path / "register.toml"
    path.write_text(sample_register().read_text(encoding="utf-8").replace(own, kept), encoding="utf-8")
    with pytest.raises(Permanent, match=f"{kept}.*kept for the examples"):
        read_register(path)


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)", "＝1+1", "＠x", "'=1"])
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_no_cell_is_a_formula(tmp_path: Path, ending: str, name: str) -> None:
    """T-85."""
    path = tmp_path / f"register{ending}"
    write_register(Register((replace(OFFICE, name=name),)), path)
    if ending == ".csv":
        cells = [cell for row in csv.reader(path.read_text("utf-8-sig").splitlines()) for cell in row]
    else:
        book = load_workbook(path)
        assert {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
        cells = [str(cell.value or "") for row in book.worksheets[0].iter_rows() for cell in row]
    assert f"'{name}" in cells
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r＝＋－＠") and cell] == []
    assert read_register(path).offices[0].name == name


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    broken = (
        TOML.replace('company = "', 'compny = "')
        .replace('"EDIFACT"', '"FAX"')
        .replace('email = " taro', 'mail = " taro')
    )
    lines = problem_lines(written(tmp_path, broken))
    assert lines[0].endswith("nothing has changed:")
    text = "\n".join(lines)
    assert "office ｎａｃ００１: company: missing" in text
    assert "compny: unknown key, did you mean company?" in text
    assert "contact 1: email: missing" in text
    assert "mail: unknown key, did you mean email?" in text
    assert "mailbox NAC00101: kind: 'FAX'" in text
    assert len(lines) == 6


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"1ANAC"', '"1ANACX"', "user_code 1ANACX: expected 5"),
        ('"A0A"', '"A0"', "user_id A0: expected 3"),
        ('"NAC00101"', '"NAC00201"', "mailbox NAC00201: expected NAC001 and 2 digits"),
        ("hanako@naxtrade.example", "hanako@naxtrade", "administrator: email: 'hanako@naxtrade' is not an address"),
        (" taro@", " taro <taro@", "contact 1: email:"),
        ("０３−１２３４−５６７８", "+81-3", "contact 1: phone: '+813': expected digits only"),
        ("ichiro@desk.example", "ichiro", "reviewer 審査 一郎: email: 'ichiro'"),
        ('"第一営業所"', '" "', "name: must not be empty"),
        ('"０３−１２３４−５６７８"', "312345678", "contact  taro@NAXTRADE.example : phone: 312345678"),
        ("2020-04-01", '"soon"', "start: 'soon'"),
        ('["A", "C"]', '["A", "D"]', "categories"),
    ],
)
def test_problems_name_their_place(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert before in TOML
    lines = problem_lines(written(tmp_path, TOML.replace(before, after)))
    assert [words in line for line in lines[1:]] == [True]


def test_the_code_of_an_office(tmp_path: Path) -> None:
    lines = problem_lines(written(tmp_path, TOML.replace('"ｎａｃ００１"', '"NAC01"').replace("NAC00101", "NAC0101")))
    assert [line.strip() for line in lines[1:]] == [
        "office NAC01: code: expected 6 half-width letters and digits, as NAC001"
    ]


def test_what_is_there_twice_is_a_problem(tmp_path: Path) -> None:
    text = "\n".join(problem_lines(written(tmp_path, TOML + TOML)))
    for words in ("office NAC001: twice", "reviewer ichiro@desk.example: twice", "mailbox NAC00101: twice"):
        assert words in text
    code = TOML[TOML.index("  [[office.user_code]]") : TOML.index("  [[office.mailbox]]")]
    assert "user_code 1ANAC: twice" in "\n".join(problem_lines(written(tmp_path, TOML.replace(code, code + code))))
    number = code[code.index("    [[") :]
    assert "1ANAC, A0A: twice" in "\n".join(problem_lines(written(tmp_path, TOML.replace(number, number + number))))


def test_control_characters_are_removed(tmp_path: Path) -> None:
    read = read_register(written(tmp_path, TOML.replace("通関 太郎", r"通関\n太郎\u0000\u0007\uFFFF")))
    assert read.offices[0].contacts[0].name == "通関 太郎"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("register.toml", b"\xff\xfe"),
        ("register.toml", b"[[office"),
        ("register.csv", "entry,office\nä".encode("latin-1")),
        ("register.csv", b"name,office\noffice,x"),
        ("register.csv", b""),
        ("register.csv", b'entry\n"' + b"x" * 200_000 + b'"'),
        ("register.csv", b"x" * 20_000_001),
        ("register.xlsx", b"PK\x03\x04 not really"),
        ("register.xlsx", b""),
        ("register.ods", b""),
        ("register", b""),
    ],
)
def test_what_is_no_register_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert str(path) in problem_lines(path)[0]


@pytest.mark.parametrize("name", ["missing.toml", "missing.csv", "missing.xlsx"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    assert "cannot be read" in problem_lines(tmp_path / name)[0]


@pytest.mark.parametrize("name", ["no/such/folder.toml", "no/such/folder.csv", "no/such/folder.xlsx", "x.ods"])
def test_a_file_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(Permanent, match="cannot"):
        write_register(REGISTER, tmp_path / name)


def table(tmp_path: Path, *rows: str) -> Path:
    head = "entry,office,user_code,code,number,name,company,email,start,shared_with"
    return written(tmp_path, "\n".join((head, *rows)), "register.csv")


ROWS = (
    "office,,,nac001,,第一営業所,ナックス,,,",
    "administrator,NAC001,,,,花子,,hanako@x.example,,",
    "user_code,NAC001,,1anac,,,,,,NAC002 NAC003",
    "user_id,nac001,1ANAC,,A0A,,,,2020/4/1,",
)


def test_a_table_as_a_spreadsheet_saves_it(tmp_path: Path) -> None:
    (office,) = read_register(table(tmp_path, *ROWS, "", ",,,,,,,,,")).offices
    (code,) = office.user_codes
    assert (office.code, code.code, code.shared_with) == ("NAC001", "1ANAC", ("NAC002", "NAC003"))
    assert code.user_ids == (UserId("1ANAC", "A0A", start=date(2020, 4, 1)),)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("user_id,NAC001,9XXXX,,A0B,,,,,", "row 6: user_code: no such user_code"),
        (
            "contact,NAC009,,,,次郎,,jiro@x.example,,",
            "row 6: entry 'contact' with office 'NAC009': no row above it is the office of that code; did you mean NAC001?",
        ),
        ("boss,NAC001,,,,次郎,,,,", "row 6: entry 'boss'; expected one of office, administrator,"),
        ("contakt,NAC001,,,,次郎,,,,", "row 6: entry 'contakt'; did you mean contact?"),
        ("administrator,NAC001,,,,次郎,,jiro@x.example,,", "row 6: a second administrator of office nac001"),
    ],
)
def test_rows_without_their_office_or_user_code(tmp_path: Path, row: str, words: str) -> None:
    lines = problem_lines(table(tmp_path, *ROWS, row))
    assert [words in line for line in lines[1:]] == [True]


@pytest.mark.parametrize(("blank", "number"), [([], 6), ([""], 7), (["", ",,,,,,,,,", ""], 9)])
def test_rows_are_counted_as_the_spreadsheet_shows_them(tmp_path: Path, blank: list[str], number: int) -> None:
    lines = problem_lines(table(tmp_path, ROWS[0], *blank, *ROWS[1:], "boss,NAC001,,,,次郎,,,,"))
    assert [f"row {number}: entry 'boss'" in line for line in lines[1:]] == [True]


def test_blank_rows_of_a_workbook_are_counted(tmp_path: Path) -> None:
    boss = {"entry": "boss", "office": "NAC001"}
    lines = problem_lines(workbook(tmp_path, OFFICE_ROWS[0], {}, {}, *OFFICE_ROWS[1:], boss))
    assert [line for line in lines[1:] if "row 7: entry 'boss'" in line] == lines[1:]


def test_unknown_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "entry,code,colour\n", "register.csv")
    assert "column 'colour': unknown" in problem_lines(path)[1]


def workbook(tmp_path: Path, *rows: dict[str, object]) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append([row.get(name) for name in COLUMNS])
    path = tmp_path / "register.xlsx"
    book.save(path)
    book.close()
    return path


OFFICE_ROWS: tuple[dict[str, object], ...] = (
    {"entry": "office", "code": "NAC001", "name": "営業所", "company": "会社"},
    {"entry": "administrator", "office": "NAC001", "name": "花子", "email": "hanako@x.example"},
    {"entry": "user_code", "office": "NAC001", "code": "1ANAC"},
)


def test_a_date_cell_is_a_date(tmp_path: Path) -> None:
    row = {"entry": "user_id", "office": "NAC001", "user_code": "1ANAC", "number": "A0A", "start": datetime(2020, 4, 1)}
    (office,) = read_register(workbook(tmp_path, *OFFICE_ROWS, row)).offices
    assert office.user_codes[0].user_ids[0].start == date(2020, 4, 1)


def test_a_number_cell_is_refused(tmp_path: Path) -> None:
    row = {"entry": "contact", "office": "NAC001", "name": "太郎", "email": "taro@x.example", "phone": 312345678}
    (problem,) = problem_lines(workbook(tmp_path, *OFFICE_ROWS, row))[1:]
    assert "row 5, phone: 312345678 is a number" in problem
