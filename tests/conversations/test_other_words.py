"""What is no field of a form is neither lost nor a reason to refuse: the reviewer reads it, and the writer sees that."""

import pytest

from tests.testkit.contract_forms import MAILBOX, flat
from tests.testkit.desk import FORM, DeskUnderTest, Person, no_quote

HEADING = "そのほかに書かれていたこと"
KEPT = [  # a line beside a complete form, that reaches the reviewer
    "※ただし、処理は必ず1月5日以降にお願いします。",
    "端末の色：赤",
    "【至急】",
    "■12月1日までにお願いします",
    "ファイル名：申込書.xlsx",
    "有効期限：2026/12/04 23:59",
    "承認者：管理 花子",
    "担当が変わりましたので、次回から次郎宛てにお願いします。",
    "12/1までに使えないと困ります！",
    "なお、先週の申込と同じ内容です",
    "Please call me before you start.",
    "追伸　請求書は別便でお送りします。",
    "・仮パスワードは郵送を希望",
    "(注) 旧担当者は退職済み",
    "至急です。",
    "社内管理番号 2026-0031",
]
COURTESY = [
    "お世話になっております。",
    "いつも大変お世話になっております。",
    "お疲れ様です。",
    "以上、よろしくお願いいたします。",
    "以上",
    "お忙しいところ恐れ入りますが、よろしくお願いいたします。",
    "お手数をおかけしますが、ご対応のほどよろしくお願い申し上げます。",
    "ご確認よろしくお願いします。",
    "何卒宜しくお願い致します。",
    "通関情報センター 御中",
    "ご担当者様",
    "下記のとおり申し込みます。",
    "ありがとうございます。",
    "拝啓",
    "記",
    "Best regards,",
    "Dear Sir or Madam,",
    "――――――――――",
    "◇◆◇◆◇",
]


@pytest.mark.parametrize("below", [True, False])
@pytest.mark.parametrize("line", KEPT)
def test_a_line_reaches_the_reviewer(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, line: str, below: bool
) -> None:
    taro.sends(f"{FORM}\n{line}\n" if below else f"{line}\n\n{FORM}")
    for notice in (taro.gets("received"), hanako.gets("received"), ichiro.gets("review-request")):
        said = "".join(notice.text.replace("｜", "").split())
        assert HEADING in said and "".join(line.split()) in said
        assert HEADING in notice.html


@pytest.mark.parametrize("line", COURTESY)
def test_politeness_is_not_repeated(taro: Person, ichiro: Person, line: str) -> None:
    taro.sends(f"{line}\n\n{FORM}\n{line}\n")
    assert HEADING not in taro.gets("received").text + ichiro.gets("review-request").text


def test_the_words_of_all_mails_stay(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(f"{FORM.replace('A0A', 'A9Z')}\n急ぎではありません。")
    asked = taro.gets("invalid-input")
    assert HEADING in asked.text and "急ぎではありません。" in asked.text
    taro.replies(asked, "識別番号：A0A\n先ほどは失礼しました、Zは誤りです。", no_quote)
    received = taro.gets("received")
    taro.replies(received, "修正\n希望理由：退職のため\n\n前の担当者にはご連絡なさらないでください。", no_quote)
    for notice in (taro.gets("received"), ichiro.gets("review-request", "review-request")):
        said = "".join(notice.text.replace("｜", "").split())
        lines = (
            "急ぎではありません。",
            "先ほどは失礼しました、Zは誤りです。",
            "前の担当者にはご連絡なさらないでください。",
        )
        assert all(line in said for line in lines)


ASKED = [
    "新しい識別番号：A0B",
    "※すみません、識別番号はA0Bの誤りでした。",
    "A0AではなくA0Bです。",
    "失礼しました。正しくはA0Bです。",
    "識別番号を間違えました。A0Bでお願いします。",
]


@pytest.mark.parametrize("line", ASKED)
def test_what_may_change_a_field_is_asked_about(taro: Person, line: str) -> None:
    taro.sends(f"{FORM}\n{line}\n")
    assert line in taro.gets("invalid-input").text


DAYS = [  # wished day, the notice, what it says
    ("12/10", "received", "2026年12月10日（木）"),
    ("12月10日（木）希望", "received", "2026年12月10日（木）"),
    ("26/12/10", "received", "2026年12月10日（木）"),
    ("1月7日", "received", "2027年1月7日（木）"),
    ("来週の木曜日", "invalid-input", "「2026年11月26日（木）」のことでしたら、「20261126」とご記入ください"),
    ("12月10日以降", "invalid-input", "「20261210」とご記入ください"),
    ("最短でお願いします", "invalid-input", "「2026年12月1日（火）」のことでしたら、「20261201」とご記入ください"),
    ("未定", "invalid-input", "半角数字8桁でご記入ください（例：20261201）"),
    ("12/10（金）", "invalid-input", "日付と曜日が一致していません。「2026年12月10日（木）」のことでしたら"),
]


@pytest.mark.parametrize(("written", "kind", "says"), DAYS)
def test_a_day_is_shown_back_or_suggested(taro: Person, written: str, kind: str, says: str) -> None:
    taro.sends(MAILBOX.replace("利用開始希望日：20261210", f"利用開始希望日：{written}"))
    assert says in flat(taro.gets(kind))


@pytest.mark.parametrize(
    "words",
    [
        "Hello desk.\nPlease send us the form\ntoday ok. I would like to know when it comes.",
        "desk+abcdefgh.abcdefghijklmnop\nqrstuvwxyz.abcdefghijklmnop@desk.example",
    ],
)
def test_words_that_look_like_a_token_hide_no_line(desk: DeskUnderTest, taro: Person, words: str) -> None:
    taro.sends(f"{words}\n\n{FORM}")
    assert desk.application(taro.gets("received").receipt).revision.filled.codes("user_ids") == ("1ANACA0A",)


@pytest.mark.parametrize("code", ["A0\ue000A", "A0\U000f0000", "A\ufff00A"])
def test_characters_that_nobody_sees_are_named(taro: Person, code: str) -> None:
    taro.sends(FORM.replace("識別番号：A0A", f"識別番号：{code}"))
    said = flat(taro.gets("invalid-input"))
    assert "目に見えない文字" in said and "U+" in said
