"""Tests of lines: each row is one line and what each function finds in it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.lines import (
    boxed_cell,
    has_box,
    has_box_or_mark,
    has_quote_arrow,
    has_quote_mark,
    is_bracketed,
    is_form_rule,
    is_heading,
    is_notice_rule,
    is_rule,
    is_signature_label,
    is_signature_mark,
    is_ticked,
    label_and_value,
    labelled_line,
    without_box,
    without_bullet,
    without_quote_marks,
)

RULES = [  # line, in a mail, in a form, of a notice
    ("─" * 35, True, True, True),
    ("-----", True, True, True),
    ("　_____ ", True, True, True),
    ("=-=-=", True, True, True),
    ("- - - - -", True, True, False),
    ("*  *  *  *  *", True, True, False),
    ("＊＊＊＊＊", True, True, False),
    ("◆◇◆◇◆", True, False, False),
    ("～～～～～～", True, True, False),
    ("＋#＋#＋#", True, False, False),
    ("┏━━━━━━┓", True, False, False),
    ("♪♪♪♪♪", True, False, False),
    ("・‥…━━☆・", True, False, False),
    ("。。。。。", False, False, False),
    ("゜・。。・゜゜・。。・゜", True, False, False),
    ("・・・。。。。。。", False, False, False),
    ("_/_/_/_/_/", True, False, False),
    (">>>>>", False, False, False),
    ("(((((", False, False, False),
    ("★1★2★", False, False, False),
    ("#####", True, False, False),
    ("★★★", False, False, False),
    ("---", False, True, False),
    ("----", False, True, False),
    ("・ ・ ・", False, True, False),
    ("‐‐‐", False, True, False),
    ("--", False, False, False),
    ("-- ", False, True, False),
    ("__　", False, True, False),
    ("- -", False, False, False),
    ("", False, False, False),
    ("　　　　　", False, False, False),
    ("-----x", False, False, False),
    ("----- 通知 -----", False, False, False),
    (">-----", False, False, False),
]


@pytest.mark.parametrize(("line", "in_mail", "in_form", "in_notice"), RULES)
def test_rules(line: str, in_mail: bool, in_form: bool, in_notice: bool) -> None:
    assert (is_rule(line), is_form_rule(line), is_notice_rule(line)) == (in_mail, in_form, in_notice)


HEADINGS = [  # line, heading of a form, in brackets
    ("【申込担当者】", True, True),
    ("　【】　", True, True),
    ("[Application]", True, True),
    ("■申込内容", True, False),
    ("● 申込内容 ", True, False),
    ("◆" + "あ" * 30, True, False),
    ("◆" + "あ" * 31, False, False),
    ("■利用者コード：1ANAC", False, False),
    ("■利用者コード=1ANAC", False, False),
    ("【" + "あ" * 31 + "】", False, True),
    ("【あ】【い】", False, True),
    ("[2600001A]", False, True),
    ("[x]", False, True),
    ("【申込】内容", False, False),
    ("申込内容", False, False),
    ("", False, False),
]


@pytest.mark.parametrize(("line", "heading", "bracketed"), HEADINGS)
def test_headings(line: str, heading: bool, bracketed: bool) -> None:
    assert (is_heading(line), is_bracketed(line)) == (heading, bracketed)


LABELS = [  # line, label and value
    ("氏名：山田", ("氏名", "山田")),
    ("氏名: 山田 ", ("氏名", "山田")),
    ("　氏名　＝　山田　", ("氏名", "山田")),
    ("氏名=山田", ("氏名", "山田")),
    ("氏名\t山田", ("氏名", "山田")),
    ("\t氏名\t山田", ("氏名", "山田")),
    ("氏名\t", ("氏名", "")),
    ("氏名：", ("氏名", "")),
    ("氏名：a：b=c", ("氏名", "a：b=c")),
    ("https://x.example", ("https", "//x.example")),
    ("あ" * 40 + "：x", ("あ" * 40, "x")),
    (" " * 50 + "氏名：x", ("氏名", "x")),
    ("あ" * 41 + "：x", None),
    ("：x", None),
    ("　：x", None),
    ("=====", None),
    ("氏名 山田", None),
    ("", None),
]


@pytest.mark.parametrize(("line", "found"), LABELS)
def test_labels_with_values(line: str, found: tuple[str, str] | None) -> None:
    assert label_and_value(line) == found


def test_the_longest_label_is_counted_with_the_blanks_before_the_separator() -> None:
    assert label_and_value("手続 ：x", longest=3) == ("手続", "x")
    assert label_and_value("手続 ：x", longest=2) is None


@given(st.text("氏名ab 　()", min_size=1).filter(str.strip), st.text("山田：:=\t 　a"))
def test_a_written_line_is_read_again(label: str, value: str) -> None:
    assert label_and_value(labelled_line(label, value), longest=len(label)) == (label.strip(), value.strip())


@pytest.mark.parametrize("label", ["氏名", "氏名：", "氏名:", "氏名：:"])
def test_a_colon_is_written_once(label: str) -> None:
    assert labelled_line(label, "山田") == "氏名：山田"


BULLETS = [  # text, the rest
    ("・氏名", "氏名"),
    ("　■　氏名 ", "氏名"),
    ("* 氏名", "氏名"),
    ("(1) 氏名", "氏名"),
    ("１．氏名", "氏名"),
    ("①)氏名", "氏名"),
    ("12)氏名", "氏名"),
    ("・・氏名", "・氏名"),
    ("123.氏名", "123.氏名"),
    ("1氏名", "1氏名"),
    ("氏名・住所", "氏名・住所"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "rest"), BULLETS)
def test_bullets(text: str, rest: str) -> None:
    assert without_bullet(text) == rest


BOXES = [  # line, a box anywhere, a box or mark where one is expected, ticked, the rest
    ("[ ] 1ANAC", True, True, False, "1ANAC"),
    ("[]1ANAC", True, True, False, "1ANAC"),
    ("[x] 1ANAC", True, True, True, "1ANAC"),
    ("　［　レ　］　1ANAC", True, True, True, "1ANAC"),
    ("[v]1ANAC", True, True, True, "1ANAC"),
    ("[＊]1ANAC", True, True, True, "1ANAC"),
    ("☐ 1ANAC", True, True, False, "1ANAC"),
    ("□1ANAC", True, True, False, "1ANAC"),
    ("☑ 1ANAC", True, True, True, "1ANAC"),
    ("■ 1ANAC", True, True, True, "1ANAC"),
    ("[x][ ] 1ANAC", True, True, True, "[ ] 1ANAC"),
    ("( ) 1ANAC", False, True, False, "1ANAC"),
    ("（○）1ANAC", False, True, True, "1ANAC"),
    ("○ 1ANAC", False, True, False, "1ANAC"),
    ("● 1ANAC", False, True, True, "1ANAC"),
    ("✓1ANAC", False, True, True, "1ANAC"),
    ("レポート：x", False, True, True, "ポート：x"),
    ("[xx] 1ANAC", False, False, False, "[xx] 1ANAC"),
    ("[Application]", False, False, False, "[Application]"),
    ("x 1ANAC", False, False, False, "x 1ANAC"),
    ("1ANAC [x]", False, False, False, "1ANAC [x]"),
    ("", False, False, False, ""),
]


@pytest.mark.parametrize(("line", "box", "box_or_mark", "ticked", "rest"), BOXES)
def test_boxes(line: str, box: bool, box_or_mark: bool, ticked: bool, rest: str) -> None:
    assert (has_box(line), has_box_or_mark(line), is_ticked(line), without_box(line)) == (
        box,
        box_or_mark,
        ticked,
        rest,
    )


CELLS = {
    **{cell: f"[{cell}]" for cell in ("☑", "☒", "■", "✓", "✔\ufe0f", "レ", "x", "X", "○", "×", "●", "☐", "□", "済")},
    **{"TRUE": "[x]", "True": "[x]", "FALSE": "[ ]", "False": "[ ]", "[x]": "[x]", "（○）": "（○）"},
    **dict.fromkeys(("", "true", "1ANAC", "☑ 1ANAC", "レポート", "x 1ANAC"), ""),
}


@pytest.mark.parametrize(("cell", "expected"), CELLS.items())
def test_cells(cell: str, expected: str) -> None:
    assert boxed_cell(cell) == expected


QUOTES = [  # line, arrow, mark, the rest
    ("> 承認", True, True, "承認"),
    ("＞承認", True, True, "承認"),
    ("　>> 承認", True, True, "承認"),
    ("\t> 承認", True, True, "承認"),
    (">　| 承認 >", True, True, "承認 >"),
    ("≫承認", True, True, "承認"),
    ("» 承認", True, True, "承認"),
    ("| 承認", False, True, "承認"),
    ("｜ > 承認", False, True, "承認"),
    (">", True, True, ""),
    ("承認 > x", False, False, "承認 > x"),
    ("　承認", False, False, "　承認"),
    ("", False, False, ""),
]


@pytest.mark.parametrize(("line", "arrow", "mark", "rest"), QUOTES)
def test_quote_marks(line: str, arrow: bool, mark: bool, rest: str) -> None:
    assert (has_quote_arrow(line), has_quote_mark(line), without_quote_marks(line)) == (arrow, mark, rest)


SIGNATURE_MARKS = {
    **dict.fromkeys(("-- ", "--", "--　", "__", "__ "), True),
    **dict.fromkeys(("---", "-", "", " --", "--  ", "-- 山田"), False),
}


@pytest.mark.parametrize(("line", "expected"), SIGNATURE_MARKS.items())
def test_signature_marks(line: str, expected: bool) -> None:
    assert is_signature_mark(line) is expected


SIGNATURE_LABELS = {
    **dict.fromkeys(("TEL", "Tel.", "fax", "TEL/FAX", "E-mail", "Email", "mail", "URL", "http", "https", "Web"), True),
    **dict.fromkeys(("HP", "携帯", "直通", "代表", "内線", "Mobile", "phone", "〒", " TEL "), True),
    **dict.fromkeys(
        ("電話", "メール", "Website", "TEL（直通）", "携帯電話", "【住所】", "代表/FAX", "T", "本社"), True
    ),
    **dict.fromkeys(("電話番号", "代表者", "telephone", "TEL1", "", "FAX番号", "メールアドレス", "会社名"), False),
}


@pytest.mark.parametrize(("label", "expected"), SIGNATURE_LABELS.items())
def test_signature_labels(label: str, expected: bool) -> None:
    assert is_signature_label(label) is expected


@pytest.mark.parametrize(
    "function", [is_rule, is_form_rule, is_notice_rule, has_quote_mark, without_quote_marks, label_and_value]
)
@pytest.mark.parametrize("part", ["- ", "-", "> ", "　", "[ ", "_"])
def test_a_very_long_line_is_read(function: Callable[[str], object], part: str) -> None:
    function(part * 100_000 + "x")
