"""A form as an attached workbook, as CSV and as a table in the mail (life-cycle, «What an applicant can send»)."""

import io

import pytest
from openpyxl import Workbook, load_workbook

from mailbot.desk.outgoing.blank_forms import empty_form_file
from mailbot.records.register import offices
from tests.testkit.desk import DeskUnderTest, Person

CSV = """\
手続,パスワード初期化
事業所コード,NAC001

利用者コード,識別番号
1ANAC,A0A
,A0B
1BNAC,B0A

パスワード初期化の希望理由,"担当者の交代時に
失念したため"
"""
IDS = ("1ANACA0A", "1ANACA0B", "1BNACB0A")


def values(desk: DeskUnderTest, taro: Person) -> tuple[tuple[str, ...], str]:
    filled = desk.application(taro.gets("received").receipt).revision.filled
    return filled.codes("user_ids"), filled.text("reason")


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-8-sig"])
def test_an_attached_csv(desk: DeskUnderTest, taro: Person, encoding: str) -> None:
    """T: a header without a byte order mark in Shift_JIS is what Japanese Excel writes."""
    taro.sends("添付のとおり申込みます。", "申込", files={"申込.csv": CSV.encode(encoding)})
    assert values(desk, taro) == (IDS, "担当者の交代時に\n失念したため")


def test_the_workbook_of_the_desk_filled_in(desk: DeskUnderTest, taro: Person) -> None:
    office = offices.office("NAC001")
    assert office is not None
    procedure = desk.context.procedures["password_reset"]
    data = empty_form_file(procedure, office, office.contacts[0], desk.clock.now().date(), "xlsx")
    book = load_workbook(io.BytesIO(data))
    sheet = book.active
    assert sheet is not None
    for label, value in sheet.iter_rows():  # type: ignore[misc]
        if str(label.value).startswith(("1ANACA0A", "1ANACA0B", "1BNACB0A")):
            value.value = "☑"
        if label.value == "パスワード初期化の希望理由":
            value.value = "失念"
    buffer = io.BytesIO()
    book.save(buffer)
    taro.sends("", "申込書を送ります", files={"様式.xlsx": buffer.getvalue()})
    assert values(desk, taro) == (IDS, "失念")


def test_a_table_in_html_alone(desk: DeskUnderTest, taro: Person) -> None:
    rows = "".join(f"<tr><td>{c}</td><td>{n}</td><td>net</td></tr>" for c, n in (("1ANAC", "A0A"), ("1BNAC", "B0A")))
    page = (
        "<p>お世話になります。</p><table><tr><td>手続</td><td>パスワード初期化</td></tr></table>"
        f"<table><tr><th>利用者コード</th><th>識別番号</th><th>備考</th></tr>{rows}</table><p>希望理由：失念</p>"
    )
    taro.sends("", "申込", html=page)
    assert values(desk, taro) == (("1ANACA0A", "1BNACB0A"), "失念")


def formula() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("手続", "パスワード初期化"), ("利用者コード", "=A1")):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("申込.xlsx", formula(), "セル B2 は数式"),
        ("申込.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "古い形式（.xls）"),
        ("申込.csv", bytes(range(256)), "表として読み取れませんでした"),
        ("申込.xlsx", b"PK\x03\x04broken", "表として読み取れませんでした"),
    ],
)
def test_a_table_that_cannot_be_read_is_said(
    desk: DeskUnderTest, taro: Person, name: str, data: bytes, says: str
) -> None:
    taro.sends("手続：パスワード初期化\n利用者コード：1ANAC\n識別番号：A0A\n", "申込", files={name: data})
    answer = taro.gets("invalid-input")
    assert says in answer.text.replace("\n", "")
    assert "1ANACA0A" in answer.text  # what was typed is kept


def test_a_correction_by_an_attached_table(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends("手続：パスワード初期化\n利用者コード：1ANAC\n識別番号：A0A\n理由：失念\n")
    receipt = taro.gets("received").receipt
    taro.sends("修正", f"[{receipt}]", files={"修正.csv": "利用者コード,識別番号\r\n1ANAC,A0B\r\n".encode("cp932")})
    assert desk.application(receipt).revision.filled.codes("user_ids") == ("1ANACA0B",)
