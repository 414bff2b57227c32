"""The person's own words in a reply, in the styles of real clients; none of our lines may remain (0 false approvals)."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.mail.quoting import own_words

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
MARK = "> "
FROM = "差出人: 申込受付デスク <desk@desk.example>\n送信日時: 2026年11月20日 10:00\n宛先: 審査 一郎\n件名: 【審査依頼】"


def marked(mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}" for line in OURS.split("\n"))


STYLES: dict[str, Callable[[], str]] = {
    "gmail-ja": lambda: f"2026年11月20日(金) 10:00 申込受付デスク <desk@desk.example>:\n\n{marked()}",
    "gmail-ja-wrapped": lambda: f"2026年11月20日(金) 10:00 申込受付デスク\n<desk@desk.example>:\n\n{marked()}",
    "gmail-en": lambda: f"On Fri, Nov 20, 2026 at 10:00 AM Desk <desk@desk.example> wrote:\n\n{marked()}",
    "gmail-en-wrapped": lambda: (
        f"On Fri, Nov 20, 2026 at 10:00 AM Application Desk\n<desk@desk.example> wrote:\n\n{marked()}"
    ),
    "outlook-ja": lambda: f"________________________________\n{FROM}\n\n{OURS}",
    "outlook-ja-no-rule": lambda: f"{FROM}\n\n{OURS}",
    "outlook-en": lambda: (
        f"From: Desk <desk@desk.example>\nSent: Friday, November 20, 2026 10:00 AM\nTo: Ichiro\nSubject: x\n\n{OURS}"
    ),
    "original-message": lambda: f"-----Original Message-----\nFrom: desk@desk.example\n\n{OURS}",
    "original-message-ja": lambda: f"----- 元のメッセージ -----\n差出人: desk@desk.example\n{OURS}",
    "thunderbird-ja": lambda: f"2026/11/20 10:00、申込受付デスク さんは書きました:\n{marked()}",
    "apple-ja": lambda: (
        f"iPhoneから送信\n\n2026/11/20 10:00、申込受付デスク <desk@desk.example>のメール:\n\n{marked('> ')}"
    ),
    "becky": lambda: f"On Fri, 20 Nov 2026 10:00:00 +0900\n申込受付デスク <desk@desk.example> wrote:\n\n{marked('> ')}",
    "full-width-marks": lambda: marked("＞ "),
    "bars": lambda: marked("| "),
    "twice-quoted": lambda: marked("> > "),
    "no-attribution-at-all": lambda: OURS,
    "without-our-marker": lambda: OURS.split("\n", 1)[1],
    "wrapped-anew": lambda: "\n".join(
        f"> {line[i : i + 20]}" for line in OURS.split("\n") for i in range(0, max(len(line), 1), 20)
    ),
}
TYPED = [
    "承認",
    "お世話になっております。\n審査の山田です。\n\n承認\n\nよろしくお願いいたします。",
    "確認依頼\nA0B は不要でしょうか。\n理由：もう少し詳しくお願いします",
    "",
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("typed", TYPED)
def test_what_was_typed_above_the_quote_is_all_that_remains(style: str, typed: str) -> None:
    reply = f"{typed}\n\n{STYLES[style]()}"
    own = own_words(reply, [OURS])
    assert own.text.strip() == typed.strip()
    assert own.inline == ()


@pytest.mark.parametrize(
    "style", ["gmail-ja", "gmail-en", "thunderbird-ja", "apple-ja", "becky", "full-width-marks", "twice-quoted"]
)
def test_bottom_posting_below_a_marked_quote(style: str) -> None:
    own = own_words(f"{STYLES[style]()}\n\n承認\n", [OURS])
    assert own.text.strip() == "承認"


def test_an_answer_between_quoted_lines() -> None:
    lines = marked().split("\n")
    lines.insert(6, "\nいいえ、不要です。\n")
    assert own_words("\n".join(lines), [OURS]).text.strip() == "いいえ、不要です。"


@pytest.mark.parametrize(("style", "prefix"), [("gmail-ja", "> "), ("outlook-ja", ""), ("twice-quoted", "> > ")])
def test_changes_inside_a_quoted_form_are_found(style: str, prefix: str) -> None:
    reply = (
        STYLES[style]().replace(f"{prefix}[ ] 1ANACA0B", f"{prefix}[x] 1ANACA0B").replace("備考：", "備考：急ぎます")
    )
    assert own_words(reply, [OURS]).inline == (
        "利用者ID：",
        "[x] 1ANACA0A（net）",
        "[x] 1ANACA0B（net）",
        "備考：急ぎます",
    )


def test_a_shortened_value_is_a_change_and_a_wrapped_one_is_none() -> None:
    shortened = marked().replace("失念したため", "").replace("引き継ぎがなく、", "引き継ぎがなく")
    assert own_words(shortened, [OURS]).inline == ("パスワード初期化の希望理由：担当者の交代時に引き継ぎがなく",)
    wrapped = marked().replace("引き継ぎがなく、失念したため", "引き継ぎが\n> なく、失念したため")
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
    own = own_words(f"{typed}\n\n{STYLES[style]()}", [OURS])
    assert "次の申込の審査をお願いいたします" not in own.text
    assert "申込受付番号：2600001C" not in own.text


@given(st.text(max_size=500))
def test_any_text_is_taken_apart(text: str) -> None:
    own_words(text, [OURS])
