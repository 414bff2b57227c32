"""The person's own words in a reply, in the styles of real clients; none of our lines may remain (0 false approvals)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.mail.quoting import own_words
from mailbot.mail.sent import most_quoted
from tests.testkit.quoting_styles import MARKING, STYLES, marked

OURS = """\
―――――――― ここから上にご記入ください / Please write above this line ――――――――
ナックス商事株式会社　第一営業所
審査 一郎 様

次の申込の審査をお願いいたします。審査の結果は、このメールへの返信で「承認」または「確認依頼」とだけ書いた行をお送りくだ
さい。

申込受付番号：2600001C
利用者ID：
[x] 1ANACA0A（net）
[ ] 1ANACA0B（net）
パスワード初期化の希望理由：担当者の交代時に引き継ぎがなく、失念したため
備考：

----------------------------------------
申込受付デスク <desk@desk.example>
"""
TYPED = [
    "承認",
    "お世話になっております。\n審査の山田です。\n\n承認\n\nよろしくお願いいたします。",
    "確認依頼\nA0B は不要でしょうか。\n理由：もう少し詳しくお願いします",
    "",
]


def test_a_quote_without_attribution_and_without_our_marker() -> None:
    assert own_words(f"承認\n\n{OURS.split(chr(10), 1)[1]}", [OURS]).text.strip() == "承認"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("typed", TYPED)
def test_what_was_typed_above_the_quote_is_all_that_remains(style: str, typed: str) -> None:
    reply = f"{typed}\n\n{STYLES[style](OURS)}"
    own = own_words(reply, [OURS])
    assert own.text.strip() == typed.strip()
    assert own.inline == ()


@pytest.mark.parametrize("style", MARKING)
def test_bottom_posting_below_a_marked_quote(style: str) -> None:
    own = own_words(f"{STYLES[style](OURS)}\n\n承認\n", [OURS])
    assert own.text.strip() == "承認"


@pytest.mark.parametrize(
    "line", ["##- 返信はこの行より上にご記入ください -##", "##- Please type your reply above this line -##"]
)
def test_the_line_of_a_ticket_system_at_the_top_divides_nothing(line: str) -> None:
    quote = marked(OURS.split("\n", 1)[1])
    own = own_words(
        f"{line}\n\n修正\n備考：急ぎです\n\n2026年11月27日(金) 10:00 申込受付デスク <desk@desk.example>:\n\n{quote}",
        [OURS],
    )
    assert own.text.split("\n")[-2:] == ["修正", "備考：急ぎです"]


def test_an_answer_between_quoted_lines() -> None:
    lines = marked(OURS).split("\n")
    lines.insert(6, "\nいいえ、不要です。\n")
    assert own_words("\n".join(lines), [OURS]).text.strip() == "いいえ、不要です。"


@pytest.mark.parametrize(("style", "prefix"), [("gmail-ja", "> "), ("outlook-ja", ""), ("twice-quoted", "> > ")])
def test_changes_inside_a_quoted_form_are_found(style: str, prefix: str) -> None:
    reply = (
        STYLES[style](OURS)
        .replace(f"{prefix}[ ] 1ANACA0B", f"{prefix}[x] 1ANACA0B")
        .replace("備考：", "備考：急ぎます")
    )
    assert own_words(reply, [OURS]).inline == (
        "利用者ID：",
        "[x] 1ANACA0A（net）",
        "[x] 1ANACA0B（net）",
        "備考：急ぎます",
    )


def test_a_shortened_value_is_a_change_and_a_wrapped_one_is_none() -> None:
    shortened = marked(OURS).replace("失念したため", "").replace("引き継ぎがなく、", "引き継ぎがなく")
    assert own_words(shortened, [OURS]).inline == ("パスワード初期化の希望理由：担当者の交代時に引き継ぎがなく",)
    wrapped = marked(OURS).replace("引き継ぎがなく、失念したため", "引き継ぎが\n> なく、失念したため")
    assert own_words(wrapped, [OURS]).inline == ()


FRESH = [
    "手続：パスワード初期化\n差出人：通関 太郎\n\n----------------\n利用者コード：1ANAC\n識別番号：A0A\n----------------\n希望理由：失念",
    "お世話になっております。\n\n■申込内容\n━━━━━━━━━━\n利用者コード：1ANAC\n━━━━━━━━━━\n電話番号：0312345678\nE-mailアドレス：a@x.example",
    "From: というラベルの話\n承認",
    "| 項目 | 値 |",
]


@pytest.mark.parametrize("text", FRESH)
def test_nothing_of_a_fresh_mail_is_lost(text: str) -> None:
    own = own_words(text, [OURS])
    assert own.text == text
    assert own.inline == ()


@pytest.mark.parametrize(
    "signature",
    [
        "-- \n審査課 山田\n承認",
        "iPhoneから送信",
        "Sent from my iPhone",
        "━━━━━━━━━━━━━━━━\nナックス商事株式会社\n通関 太郎\nTEL: 03-0123-4567\nMail: taro@naxtrade.example\n━━━━━━━━━━━━━━━━",
        "*****************\n(株)ナックス商事\n〒108-0075 東京都港区\n*****************",
    ],
)
def test_signatures_are_cut(signature: str) -> None:
    """T-33: a keyword in a signature is none."""
    own = own_words(f"確認しました。\n\n{signature}\n", [OURS])
    assert own.text.strip() == "確認しました。"
    assert own.signature.strip() == signature.strip()


@given(st.text(alphabet="承認確認依頼\n >｜:：差出人-_ 0aA。", max_size=200), st.sampled_from(sorted(STYLES)))
def test_none_of_our_lines_remains_whatever_was_typed(typed: str, style: str) -> None:
    own = own_words(f"{typed}\n\n{STYLES[style](OURS)}", [OURS])
    assert "次の申込の審査をお願いいたします" not in own.text
    assert "申込受付番号：2600001C" not in own.text


@given(st.text(max_size=500))
def test_any_text_is_taken_apart(text: str) -> None:
    own_words(text, [OURS])


@pytest.mark.parametrize(
    ("quote", "notice"),
    [
        (["氏名：山田", "電話：1"], "新\n氏名：山田\n電話：1"),
        (["> 氏名：山田", "旧"], "旧\n氏名：山田"),  # compared without quote marks
        (["氏名：山田"], "新\n氏名：山田\n電話：1"),  # as many in both: the newest
        (["", "ほかの行"], ""),
    ],
)
def test_the_notice_with_the_most_quoted_lines(quote: list[str], notice: str) -> None:
    assert most_quoted(["新\n氏名：山田\n電話：1", "旧\n氏名：山田"], quote) == notice
