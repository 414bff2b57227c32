"""Display values, mailto links and the layout of text."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model.people import Language
from mailbot.model.procedure import Field, FieldKind, Value
from mailbot.notice_samples.samples import OFFICE, PROCEDURE
from mailbot.notices import text_layout
from mailbot.notices.display import day, display, moment, short_day
from mailbot.notices.mailto import LONGEST, mailto, mailto_filled
from mailbot.text import display_width, wrap

JA, EN = Language.JA, Language.EN
FLAG = Field("flag", {JA: "印", EN: "Flag"}, FieldKind.FLAG)
COUNT = Field("count", {JA: "数", EN: "Count"}, FieldKind.COUNT)


@pytest.mark.parametrize(
    "field, value, language, shown",
    [
        (PROCEDURE.field("timing"), "earliest", JA, "最短の日程で登録を希望"),
        (PROCEDURE.field("timing"), "dated", EN, "on the date given"),
        (PROCEDURE.field("timing"), "no such choice", JA, "no such choice"),
        (PROCEDURE.field("wished_day"), "2026-11-30", JA, "2026年11月30日（月）"),
        (PROCEDURE.field("wished_day"), "2026-11-30", EN, "Monday, 30 November 2026"),
        (PROCEDURE.field("wished_day"), "someday", JA, "someday"),
        (PROCEDURE.field("wished_day"), "", JA, ""),
        (PROCEDURE.field("user_ids"), ("1ANACA0A", "1BNACA01"), JA, "1ANACA0A（net）\n1BNACA01（インタ・POP3併用）"),
        (PROCEDURE.field("user_ids"), ("1ANACA0A", "9ZZZZ999"), EN, "1ANACA0A (net)\n9ZZZZ999"),
        (PROCEDURE.field("user_ids"), (), JA, ""),
        (PROCEDURE.field("reason"), "失念\nしたため", JA, "失念\nしたため"),
        (FLAG, True, JA, "☑"),
        (FLAG, False, JA, ""),
        (COUNT, 0, JA, "0"),
    ],
)
def test_display(field: Field, value: Value, language: Language, shown: str) -> None:
    assert display(field, value, language, OFFICE) == shown


def test_days_are_tokyo_s() -> None:
    late = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # half past midnight of the 21st in Tokyo
    assert day(late, JA) == "2026年11月21日（土）"
    assert short_day(late) == "2026/11/21"
    assert short_day(date(2026, 1, 2)) == "2026/01/02"
    assert moment(late, JA) == "2026年11月21日（土） 00:30"
    assert moment(late, EN) == "Saturday, 21 November 2026, 00:30"


def test_mailto() -> None:
    link = mailto("desk+tag@desk.example", subject="Re: [2600001C]", body="承認\n")
    assert link == "mailto:desk+tag@desk.example?subject=Re%3A%20%5B2600001C%5D&body=%E6%89%BF%E8%AA%8D%0D%0A"
    assert mailto("a?b&c@desk.example") == "mailto:a%3Fb%26c@desk.example"


def test_a_filled_reply_is_left_out_where_it_is_too_long() -> None:
    short = mailto_filled("desk@desk.example", body="修正\n", filled="備考：あ\n\n")
    assert short == mailto("desk@desk.example", body="修正\n備考：あ\n")
    assert mailto_filled("desk@desk.example", body="修正\n") == mailto("desk@desk.example", body="修正\n")
    for length in range(190, 215):
        link = mailto_filled("desk@desk.example", body="修正\n", filled="あ" * length)
        assert len(link) <= LONGEST
    assert link == mailto("desk@desk.example", body="修正\n")


@settings(deadline=None)
@given(address=st.text(max_size=30), subject=st.text(max_size=30), body=st.text(max_size=60))
def test_mailto_round_trip(address: str, subject: str, body: str) -> None:
    link = mailto(address, subject=subject, body=body)
    assert link.isascii()
    assert not set(link) & set(' <>"\r\n')
    parts = urlsplit(link)
    assert unquote(parts.path) == address
    query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    assert set(query) <= {"subject", "body"}
    assert query.get("body", [""])[0] == body.replace("\n", "\r\n")


def test_facts_stand_under_each_other() -> None:
    rows = [("手続", "パスワード初期化"), ("申込受付番号", "2600001C"), ("備考", ""), ("理由", "一行目\n二行目")]
    assert text_layout.facts(rows).split("\n") == [
        "手続　　　　：パスワード初期化",
        "申込受付番号：2600001C",
        "理由　　　　：一行目",
        "　　　　　　　二行目",
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=10), st.text(max_size=200)), min_size=1, max_size=4))
def test_facts_show_every_character(rows: list[tuple[str, str]]) -> None:
    shown = "".join(text_layout.facts(rows).split())
    for _, value in rows:
        for char in "".join(text_layout.visible(value).split()):
            assert char in shown


@pytest.mark.parametrize(
    "text, joined",
    [
        ("お申込みを\n  受け付けました。", "お申込みを受け付けました。"),
        ("We have received\nyour application.", "We have received your application."),
        ("番号は\n2600001C\nです。", "番号は2600001Cです。"),
        ("\n\n", ""),
    ],
)
def test_flow(text: str, joined: str) -> None:
    assert text_layout.flow(text) == joined


@pytest.mark.parametrize(
    "line, barred",
    [
        ("承認", True),
        ("　【承認】。", True),
        ("2600001C 承認", True),
        ("#12 登録して処理", True),
        ("n5再送", True),
        ("21 破棄", True),
        ("済", True),
        ("確認しました", True),
        ("拒否", True),
        ("取下げ", True),
        ("2件とも必要です。", False),
        ("2600001C の件です。", False),
        ("承認をお願いいたします。", False),
        ("12月1日以降にお願いします。", False),
        ("03-0123-4567", False),
        ("", False),
        ("長い文です。" * 30, False),
    ],
)
def test_only_a_line_that_might_count_gets_a_bar(line: str, barred: bool) -> None:
    """What people wrote stays as it is, however long its lines are."""
    shown = text_layout.own_words(f"前の行\n{line}\n次の行").split("\n")
    assert shown == ["前の行", f"｜ {line}" if barred else line, "次の行"]


def test_short() -> None:
    assert text_layout.short("a\r\nb") == "a b"
    assert len(text_layout.short("あ" * 300)) == 40


@given(st.text(alphabet="あ漢 、。ab", max_size=300))
@settings(deadline=None)
def test_a_paragraph_leaves_no_short_rest(text: str) -> None:
    lines = text_layout.paragraph(text).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert len(lines) == 1 or display_width(lines[-1]) > 14 or max(map(len, text.split())) > 30


def test_a_keyword_at_the_end_does_not_stand_alone() -> None:
    text = "word " * 14 + "form."
    assert wrap(text, text_layout.COLUMNS)[-1] == "form."
    assert text_layout.paragraph(text).split("\n")[-1] == "word word word form."
