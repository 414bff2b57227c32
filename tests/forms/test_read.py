"""Forms as people really type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.forms.read import read_form
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.procedures.password_reset import PROCEDURE

FIELDS = COMMON_FIELDS + PROCEDURE.fields


def test_the_form_of_the_specification() -> None:
    reading = read_form(
        """\
お世話になっております。

手続：パスワード初期化
事業所コード：NAC001

【申込担当者】
氏名：通関　太郎
氏名（フリガナ）：ﾂｳｶﾝ　ﾀﾛｳ
電話番号：０３−０１２３−４５６７
E-mailアドレス：taro@naxtrade.example
E-mailアドレス（確認用）：taro@naxtrade.example

【申込内容】
利用者コード：１ＡＮＡＣ
識別番号：A0A、A0B
パスワード初期化の希望理由：担当者の交代時に引き継ぎがなく、
失念したため
NACCS反映タイミング：最短の日程で登録を希望
備考：

よろしくお願いいたします。
""",
        FIELDS,
    )
    assert reading.findings == ()
    assert reading.unknown_lines == ()
    assert reading.filled.values == {
        "procedure": "パスワード初期化",
        "office": "NAC001",
        "contact_name": "通関　太郎",
        "contact_kana": "ツウカン　タロウ",
        "contact_phone": "0301234567",
        "contact_email": "taro@naxtrade.example",
        "contact_email_again": "taro@naxtrade.example",
        "user_ids": ("1ANACA0A", "1ANACA0B"),
        "reason": "担当者の交代時に引き継ぎがなく、\n失念したため",
        "timing": "earliest",
    }
    assert reading.other_words == ()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("利用者コード：1ANAC\n識別番号：A0A A0B", ("1ANACA0A", "1ANACA0B")),
        (
            "利用者コード:1ANAC\n識別番号:A0A/A0B\n利用者コード:1BNAC\n識別番号:B0A",
            ("1ANACA0A", "1ANACA0B", "1BNACB0A"),
        ),
        ("利用者ID＝１ａｎａｃａ０ａ", ("1ANACA0A",)),
        ("利用者ID：1ANACA0A、1BNACB0A", ("1ANACA0A", "1BNACB0A")),
        ("利用者ID：\n[x] 1ANACA0A（net）\n[ ] 1ANACA0B（net）\n[レ] 1ANACA01（インタ）", ("1ANACA0A", "1ANACA01")),
        ("利用者ID：\n☑ 1ANACA0A\n☐ 1ANACA0B", ("1ANACA0A",)),
        ("利用者ID：\n■ 1ANACA0A\n□ 1ANACA0B\n● 1ANACA02", ("1ANACA0A", "1ANACA02")),
        ("利用者コ―ド\t1ANAC\n識別番号\tA0A", ("1ANACA0A",)),  # a dash for the long vowel
        ("・利用者CD：1ANAC\n・識別番号：A0A", ("1ANACA0A",)),
        ("1. 利用者コード：1ANAC\n2. 識別番号：A0A", ("1ANACA0A",)),
        ("利用者コード：1ANACA0A", ("1ANACA0A",)),  # the whole ID where the code is asked for
        ("識別番号：A0A\n利用者コード：1ANAC\n識別番号：A0B", None),  # a number before any code
        ("User code: 1ANAC\nIdentification number: A0A", ("1ANACA0A",)),
        ("利用者コード：1ANAC\n識別番号：A0A（net）、A0B（インタ・POP3併用）", ("1ANACA0A", "1ANACA0B")),
        ("利用者コード：1ANAC\n識別番号：A0A（至急）", ("1ANACA0A",)),
    ],
)
def test_user_ids(text: str, ids: tuple[str, ...] | None) -> None:
    reading = read_form(text, FIELDS)
    if ids is None:
        assert [f.code for f in reading.findings] == ["number_without_code"]
        assert "user_ids" not in reading.filled.values
    else:
        assert reading.findings == ()
        assert reading.filled.codes("user_ids") == ids


def test_a_lone_number_in_a_correction_means_the_code_that_was_there() -> None:
    assert read_form("識別番号：A0B", FIELDS, known_code="1ANAC").filled.codes("user_ids") == ("1ANACA0B",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("利用者コード：1ANA\n識別番号：A0A", "not_a_user_code"),
        ("利用者コード：1ANAC\n識別番号：A0", "not_a_number_part"),
        ("利用者コード：1ANAC", "code_without_number"),
        ("利用者コード：1ANAC\n識別番号：A0A、A0B（不要）", "not_a_number_part"),
        ("利用者コード：1ANAC\n識別番号：A0A（A0Bは対象外）", "not_a_number_part"),
        ("利用者コード：1ANAC\n識別番号：A0A（2つ目はA0B）", "not_a_number_part"),
        ("利用者コード：1ANAC\n識別番号：A0A, A0B (not needed)", "not_a_number_part"),
        ("利用者ID：1ANACA0A（取消）", "not_a_user_id"),
        ("利用者ID：1ANACA0", "not_a_user_id"),
        ("希望理由：A\n希望理由：B", "given_twice"),
        ("E-mailアドレス：a@x.example\nE-mailアドレス（確認用）：b@x.example", "emails_differ"),
        ("電話番号：03-1234-56ab", "not_a_phone"),
        ("電話番号：12345", "not_a_phone"),
        ("フリガナ：通関太郎", "not_kana"),
        ("E-mailアドレス：taro(at)x.example", "not_an_address"),
        ("NACCS登録希望日：20261332", "not_a_date"),
        ("NACCS登録希望日：2026年11月30日（火）", "weekday_differs"),
        ("NACCS反映タイミング：なるはや", "not_a_choice"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, code: str) -> None:
    assert [finding.code for finding in read_form(text, FIELDS).findings] == [code]


@pytest.mark.parametrize(
    "written",
    ["20261130", "2026/11/30", "2026-11-30", "2026.11.30", "２０２６年１１月３０日", "令和8年11月30日", "R8.11.30", "2026年11月30日（月）",
     "2026/11/30(月曜日)", "2026-11-30 (Mon)"],
)  # fmt: skip
def test_dates_in_every_form(written: str) -> None:
    assert read_form(f"登録希望日：{written}", FIELDS).filled.values["wished_day"] == "2026-11-30"


@pytest.mark.parametrize(
    ("written", "choice"),
    [
        ("最短の日程で登録を希望", "earliest"),
        ("最短", "earliest"),
        ("日付を指定して登録を希望", "dated"),
        ("日付指定", "dated"),
        ("\n[x] 最短の日程で登録を希望\n[ ] 日付を指定して登録を希望", "earliest"),
        ("\n[ ] 最短の日程で登録を希望\n[レ] 日付を指定して登録を希望", "dated"),
        ("at the earliest date", "earliest"),
    ],
)
def test_choices(written: str, choice: str) -> None:
    assert read_form(f"NACCS反映タイミング：{written}", FIELDS).filled.values["timing"] == choice


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("端末の色：赤", False),
        ("免責事項：本メールには機密情報が含まれます", False),
        ("WARNING: This email came from outside", False),
        ("承認者：管理 花子", False),
        ("ファイル名：申込書.xlsx", False),
        ("有効期限：2026/12/04", False),
        ("問い合わせ番号：12345", False),
        ("会社名：ナックス商事株式会社", False),
        ("緊急連絡先電話番号：090-1111-2222", False),  # a label of the contact is no slip
        ("旧識別番号：A0B", True),
        ("誤）識別番号：A0A", True),
        ("新しい利用者コード：1BNAC", True),
        ("パスワードの初期の希望の理由：失念", True),
        ("ＮＡＣＣＳの登録日時希望日：20261201", True),
        ("ＮＡＣＣＳの反映のタイムング：最短", True),
        ("希望理由など：失念", True),
    ],
)
def test_a_label_that_is_nearly_one_is_asked_about_and_any_other_line_is_kept(line: str, asked: bool) -> None:
    reading = read_form(f"手続：パスワード初期化\n{line}", FIELDS)
    assert (reading.unknown_lines, reading.other_words) == (((line,), ()) if asked else ((), (line,)))


def test_prose_links_and_signatures_are_not_complained_about() -> None:
    reading = read_form(
        "希望理由：忘れた\n\n通関 太郎\nTEL：03-1234-5678\nhttps://naxtrade.example/\n〒100-0001 東京都", FIELDS
    )
    assert (reading.unknown_lines, reading.findings) == ((), ())


def test_a_nearly_right_label_is_asked_about_when_two_could_be_meant() -> None:
    reading = read_form("FAX番：0312345678", FIELDS)
    assert reading.filled.values.get("contact_fax") == "0312345678"


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    reading = read_form(text, FIELDS)
    assert reading.given <= {field.name for field in FIELDS}


@given(st.text(alphabet="利用者コード識別番号：:\n[x] 1ANACA0B、", max_size=300))
def test_any_text_of_form_characters_is_read(text: str) -> None:
    read_form(text, FIELDS)
