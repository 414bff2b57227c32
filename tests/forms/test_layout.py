"""Fields as people lay them out: each row is a mail's form, all of them say the same."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.forms.layout import lay_out
from mailbot.forms.read import read_form
from mailbot.forms.tables import unfold_tables
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.procedures.broker_id_addition import PROCEDURE as BROKER
from mailbot.procedures.mailbox_change import PROCEDURE as MAILBOX
from mailbot.procedures.password_reset import PROCEDURE as PASSWORD
from mailbot.procedures.user_id_abolition import PROCEDURE as ABOLITION

EVERY = COMMON_FIELDS + tuple(field for p in (PASSWORD, ABOLITION, MAILBOX, BROKER) for field in p.fields)
FIELDS = COMMON_FIELDS + PASSWORD.fields


def laid_out(text: str) -> str:
    rows = [line for piece in unfold_tables(text.split("\n"), EVERY) for line in piece]
    return "\n".join(line for piece in lay_out(rows, EVERY) for line in piece)


LAYOUTS = [
    "【利用者コード】1ANAC\n【識別番号】A0A\n【希望理由】失念",
    "【利用者コード】：１ＡＮＡＣ\n【識別番号】：Ａ０Ａ\n【希望理由】：失念",
    "〔利用者コード〕1ANAC\n〔識別番号〕A0A\n〔希望理由〕失念",
    "［利用者コード］1ANAC\n［識別番号］A0A\n［希望理由］失念",
    "《利用者コード》 1ANAC\n《識別番号》 A0A\n《希望理由》 失念",
    "＜利用者コード＞1ANAC\n＜識別番号＞A0A\n＜希望理由＞失念",
    "「利用者コード」1ANAC\n「識別番号」A0A\n「希望理由」失念",
    "(利用者コード) 1ANAC\n(識別番号) A0A\n(希望理由) 失念",
    "■利用者コード\n1ANAC\n■識別番号\nA0A\n■希望理由\n失念",
    "◆利用者コード\n1ANAC\n\n◆識別番号\nA0A\n\n◆希望理由\n失念",
    "【利用者コード】\n1ANAC\n【識別番号】\nA0A\n【希望理由】\n失念",
    "利用者コード\n　1ANAC\n識別番号\n　A0A\n希望理由\n　失念",
    "利用者コード：\n\n1ANAC\n\n識別番号：\n\nA0A\n\n希望理由：\n\n失念",
    "① 利用者コード：1ANAC\n② 識別番号：A0A\n③ 希望理由：失念",
    "①利用者コード 1ANAC\n②識別番号 A0A\n③希望理由 失念",
    "1) 利用者コード：1ANAC\n2) 識別番号：A0A\n3) 希望理由：失念",
    "(ア) 利用者コード：1ANAC\n(イ) 識別番号：A0A\n(ウ) 希望理由：失念",
    "一、利用者コード：1ANAC\n二、識別番号：A0A\n三、希望理由：失念",
    "※利用者コード：1ANAC\n※識別番号：A0A\n※希望理由：失念",
    "・利用者コード　1ANAC\n・識別番号　A0A\n・理由　失念",
    "利用者コード 1ANAC\n識別番号 A0A\n理由 失念",
    "利用者コード → 1ANAC\n識別番号 → A0A\n理由 → 失念",
    "利用者コード⇒1ANAC\n識別番号⇒A0A\n理由⇒失念",
    "利用者コード>1ANAC\n識別番号>A0A\n理由>失念",
    "利用者コード - 1ANAC\n識別番号 - A0A\n理由 - 失念",
    "利用者コード…1ANAC\n識別番号……A0A\n理由………失念",
    "利用者コード・・・1ANAC\n識別番号・・・・A0A\n理由・・・失念",
    "利用者コード;1ANAC\n識別番号；A0A\n理由；失念",
    "利用者コード｜1ANAC\n識別番号｜A0A\n理由｜失念",
    "利用者コード/1ANAC\n識別番号/A0A\n理由/失念",
    "利用者コード＝1ANAC\n識別番号=A0A\n理由＝失念",
    "利用者コード（1ANAC）\n識別番号（A0A）\n理由（失念）",
    "利用者コード「1ANAC」\n識別番号「A0A」\n理由「失念」",
    "利用者コード1ANAC\n識別番号A0A\n理由：失念",
    "利用者コード１ＡＮＡＣ\n識別番号Ａ０Ａ\n理由：失念",
    "｢利用者コード｣1ANAC\n｢識別番号｣A0A\n｢理由｣失念",
    "利用者コード：「1ANAC」\n識別番号：“A0A”\n理由：失念",
    "利用者コード＝＞1ANAC\n識別番号＝＞A0A\n理由＝＞失念",
    "利用者コード（必須）：1ANAC\n識別番号【必須】：A0A\n理由（任意）：失念",
    "利用者コード\t：\t1ANAC\n識別番号\t：\tA0A\n理由\t：\t失念",
    "利用者コード：1ANACです。\n識別番号：A0Aです。\n理由：失念",
    "利用者コード：1ANAC　識別番号：A0A　理由：失念",
    "利用者コード：1ANAC、識別番号：A0A、理由：失念",
    "利用者コード：1ANAC / 識別番号：A0A / 理由：失念",
    "利用者コード 1ANAC 識別番号 A0A 理由 失念",
    "【利用者コード】1ANAC【識別番号】A0A【理由】失念",
    "利用者ID：1ANAC A0A\n理由：失念",
    "利用者ID：1ANAC-A0A\n理由：失念",
    "利用者ID：1ANAC/A0A\n理由：失念",
    "利用者ID　１ＡＮＡＣ　Ａ０Ａ\n理由　失念",
    "利用者コード：1ANAC A0A\n理由：失念",
    "識別番号：1ANAC A0A\n理由：失念",
    "利用者コード\t識別番号\t理由\n1ANAC\tA0A\t失念",
    "No\t利用者コード\t識別番号\t理由\n1\t1ANAC\tA0A\t失念",
    "パスワード初期化申込書\n項番\t利用者コード\t識別番号\t理由\n1\t1ANAC\tA0A\t失念\n",
    "利用者コード\t1ANAC\n識別番号\tA0A\n理由\t失念",
    "手続\tパスワード初期化\n利用者コード\t識別番号\t理由\n1ANAC\tA0A\t失念",
    "| 利用者コード | 識別番号 | 理由 |\n|---|---|---|\n| 1ANAC | A0A | 失念 |",
    "┌──┬──┐\n│利用者コード│1ANAC│\n├──┼──┤\n│識別番号│A0A│\n├──┼──┤\n│理由│失念│\n└──┴──┘",
    "利用者コード,識別番号,理由\n1ANAC,A0A,失念",
    "利用者コード　識別番号　理由\n1ANAC　A0A　失念",
    "利用者コード   識別番号   理由\n1ANAC          A0A        失念",
    "User code: 1ANAC\nIdentification number: A0A\nReason: 失念",
    "User code 1ANAC\nIdentification number A0A\nReason: 失念",
    "\u200b利用者コード：\u200f1ANAC\u200f\n識別番号：A0A\u200b\n理由：失念",
    "利用者\u00adコード：１Ａ\u2060ＮＡＣ\n識別番号\ufe0e：A\u202d0A\n理由：失念",
]  # fmt: skip


@pytest.mark.parametrize("text", LAYOUTS)
def test_every_layout_says_the_same(text: str) -> None:
    reading = read_form(laid_out(f"お世話になっております。\n\n{text}\n\nよろしくお願いいたします。"), FIELDS)
    values = {name: value for name, value in reading.filled.values.items() if name != "procedure"}
    assert values == {"user_ids": ("1ANACA0A",), "reason": "失念"}
    assert (reading.findings, reading.unknown_lines) == ((), ())


SEVERAL = [
    "利用者ID：1ANAC A0A、1ANAC A0B",
    "利用者ID：1ANAC A0A A0B",
    "利用者ID：\n1ANAC A0A\n1ANAC A0B",
    "利用者ID：\n・1ANACA0A\n・1ANACA0B",
    "利用者ID：\n1) 1ANAC-A0A\n2) 1ANAC-A0B",
    "利用者コード：1ANAC\n識別番号：\nA0A\nA0B",
    "利用者コード：1ANAC\n識別番号：A0A,\nA0B",
    "【利用者コード】1ANAC【識別番号】A0A、A0B",
    "No.\t利用者コード\t識別番号\n1\t1ANAC\tA0A\n2\t\tA0B",
    "利用者コード　識別番号\n1ANAC　A0A\n1ANAC　A0B",
]


@pytest.mark.parametrize("text", SEVERAL)
def test_several_ids(text: str) -> None:
    reading = read_form(laid_out(text), FIELDS)
    assert (reading.filled.codes("user_ids"), reading.findings) == (("1ANACA0A", "1ANACA0B"), ())


PROSE = [  # no label, whatever it begins with
    "理由は失念です。",
    "理由については前回のメールのとおりです。",
    "備考欄に書きました。",
    "メール が届きません。",
    "電話 でご連絡ください。",
    "識別番号 を教えてください。",
    "Office opens at nine.",
    "Reason unknown",
    "Note that we are closed on Monday",
    "お電話番号が変わりました。",
    "利用者コードと識別番号をお知らせください。",
]


@pytest.mark.parametrize("line", PROSE)
def test_a_sentence_is_no_field(line: str) -> None:
    assert laid_out(line) == line


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("備考：先方の電話番号：03-1111-2222 です", "備考：先方の電話番号：03-1111-2222 です"),
        ("理由：失念　備考：急ぎ", "理由：失念\n備考：急ぎ"),
        ("氏名：通関 太郎　電話番号：03-0123-4567", "氏名：通関 太郎\n電話番号：03-0123-4567"),
        ("電話：03-1 FAX：03-2", "電話：03-1\nFAX：03-2"),
        ("希望理由 - 失念-1", "希望理由：失念-1"),
        ("E-mail taro@x.example", "E-mail taro@x.example"),
        ("メール アドレス taro@x.example", "メール アドレス：taro@x.example"),
    ],
)
def test_one_field_a_line(text: str, lines: str) -> None:
    assert laid_out(text) == lines


@given(
    st.lists(
        st.sampled_from(["利用者コード", "：", " ", "1ANAC", "【", "】", "\t", "│", ",", "→", "理由", "x"]), max_size=30
    )
)
@example(["1ANAC", "│", "利用者コード", "│", "利用者コード"])
def test_no_text_is_lost(parts: list[str]) -> None:
    """Whatever is laid out anew, every code and every reason is still there."""
    text = "".join(parts)
    assert laid_out(text).count("1ANAC") >= min(1, text.count("1ANAC"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("誤）識別番号：A0A\n正）識別番号：A0B", "識別番号：A0B"),
        ("（変更前）識別番号：A0A\n（変更後）識別番号：A0B", "識別番号：A0B"),
        ("【誤】識別番号　A0A\n【正】識別番号　A0B", "【誤】識別番号　A0A\n【正】識別番号　A0B"),
        ("誤）識別番号：A0A\n正）備考：急ぎ", "誤）識別番号：A0A\n正）備考：急ぎ"),
        ("正）識別番号：A0B\n誤）識別番号：A0A", "正）識別番号：A0B\n誤）識別番号：A0A"),
    ],
)
def test_only_the_second_of_a_wrong_and_a_right_value_counts(text: str, expected: str) -> None:
    assert laid_out(text) == expected


@pytest.mark.parametrize(
    "tail", ["でお願いします", "です。", "　でお願いいたします。", "をお願い致します", " になります"]
)
def test_politeness_behind_a_code_is_no_part_of_it(tail: str) -> None:
    reading = read_form(f"利用者コード：1ANAC\n識別番号：A0A{tail}\n備考：急ぎです", COMMON_FIELDS + PASSWORD.fields)
    assert reading.filled.values["user_ids"] == ("1ANACA0A",)
    assert reading.filled.values["remarks"] == "急ぎです"
