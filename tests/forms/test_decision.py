"""A decision is a line of its own, and nothing else (threats C: T-32, T-34, T-35, T-37)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.forms.decision import reviewer_decision

GREETINGS = ["", "お世話になっております。\n", "各位\n\nお疲れさまです。審査の山田です。\n", "Hello,\n\n"]
CLOSINGS = ["", "\nよろしくお願いいたします。", "\n\n以上、よろしくお願いします。\n", "\n-- \n審査課 山田"]
APPROVALS = ["承認", "　承認　", "承 認", "承認。", "「承認」", "【承認】", "承認します", "承認いたします。", "ＯＫ", "ok", "Ok.", "OK!",
             "approve", "APPROVE", "Approved", "ａｐｐｒｏｖｅ"]  # fmt: skip
NO_DECISIONS = [
    "承認しません", "承認できません", "承認してよいですか", "承認？", "承認?", "承認は保留です", "承認待ち", "未承認", "承認済みですか",
    "承認の件ですが", "no. APPROVE is wrong", "don't approve", "not ok", "okay?", "了解", "了解しました", "承知しました",
    "承認不可", "承認 しかねます", "承認取消", "承認：", "承認→差戻し", "承認かどうか", "Re: 承認",
    "> 承認", "上長の承認", "承認者：山田", "承認番号 123", "ok ではない", "修正は不要です", "fixed", "修正なし", "差戻しはしません",
]  # fmt: skip


@pytest.mark.parametrize("keyword", APPROVALS)
def test_approvals_are_understood(keyword: str) -> None:
    texts = [greeting + keyword + closing for greeting, closing in itertools.product(GREETINGS, CLOSINGS)]
    assert [text for text in texts if reviewer_decision(text).kind != "approve"] == []


@pytest.mark.parametrize("words", [words for words in NO_DECISIONS if words != "承認："])
def test_what_is_no_decision_is_none(words: str) -> None:
    """T-32: 0 false approvals.  (A colon behind a keyword is still the keyword alone.)"""
    texts = [greeting + words + closing for greeting, closing in itertools.product(GREETINGS, CLOSINGS)]
    assert [text for text in texts if reviewer_decision(text).kind != "none"] == []


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("確認依頼\nA0B は？\n必要ですか", "ask", "A0B は？\n必要ですか"),
        ("差し戻し\n理由を\n\nよろしくお願いいたします。", "ask", "理由を"),
        ("FIX\nplease", "ask", "please"),
        ("保留", "hold", ""),
        ("担当", "take", ""),
        ("状況", "status", ""),
        ("ヘルプ", "help", ""),
        ("承認\n次回は早めにお願いします。", "approve", "次回は早めにお願いします。"),
        ("承認\n承認", "approve", ""),
        ("承認\n差戻し", "several", ""),
        ("[ ] 承認\n[x] 確認依頼", "meant", ""),
        ("【　】承認\n【○】差戻し", "meant", ""),
        ("( ) 承認", "none", ""),
        ("［　］承認\n識別番号を確認中です。", "none", ""),
        ("[承認]\n次回は早めにお願いします。", "approve", "次回は早めにお願いします。"),
        ("保留\n\nやはり承認\n承認", "several", ""),
        ("", "none", ""),
    ],
)
def test_keywords_and_their_words(text: str, kind: str, words: str) -> None:
    decision = reviewer_decision(text)
    assert (decision.kind, decision.words) == (kind, words)


DOUBTFUL = (
    *(
        "でよろしいでしょうか。良子さん、ご意見をお願いします。",
        "とするか、課長に確認します。",
        "はできません。",
        "しません。",
    ),
    *(
        "を見送ります。",
        "できません",
        "の方向で検討中です。",
        "待ち",
        "不可",
        "に賛成です",
        "予定です",
        "する前に、理由を確認してください。",
    ),
    *(
        "\nでいいですか",
        "\nやはり理由を確認してからにします。",
        "\nすみません、上は間違えました。",
        "フリガナはこれで合っていますか？",
    ),
    *(
        "（ただし、フリガナの修正が条件です）",
        "識別番号がA0Bであれば承認です。",
        "ただし、課長と相談中です。",
        "provided that it is A0B",
    ),
    *(
        "先の承認は取り消します。",
        "とのご意見でしょうか。",
        "やっぱり少し待ってください。",
        "\n\n保留にしたいと思います。",
    ),
    *(
        "A0Aのみ。A0Bは不可。",
        "一部承認です。A0Bは除きます。",
        "識別番号A0Bは対象外とします。",
        "後者については認められません。",
    ),
    *("（予定）", "（仮）", "上記は良子さんの判断です。", "良子さんからの回答です。"),
)
CERTAIN = (
    *(
        "次回は早めにお願いします。",
        "お待たせいたしました。",
        "反映まで数日お待ちください。",
        "です。",
        "では、登録を進めます。",
    ),
    *(
        "もし不明な点がありましたら、ご連絡ください。",
        "もちろん問題ありません。",
        "はい、確認しました。",
        "なお、次回からは理由を詳しくご記入ください。",
    ),
    *(
        "とりいそぎご連絡まで。",
        "できるだけ早く反映します。",
        "でも、次回からはお早めに。",
        "はじめまして、審査の一郎です。",
        "前回と同じ内容です。",
    ),
    *(
        "のちほど電話でもお伝えします。",
        "後日、書面もお送りします。",
        "にて登録します。",
        "ところで、メールアドレスが古いままです。",
        "かしこまりました。",
    ),
    *("仮パスワードの表示は一度だけです。", "ご本人のみご確認ください。", "A0Aの登録は12月1日です。"),
)


@pytest.mark.parametrize("below", DOUBTFUL)
def test_words_below_an_approval_that_make_it_uncertain(below: str) -> None:
    """A keyword that goes on as a sentence, a question, a condition, or words that take it back: asked."""
    decision = reviewer_decision(f"お疲れ様です。\n承認\n{below}\n")
    assert (decision.kind, decision.meant) == ("in_doubt", "approve")


@pytest.mark.parametrize("below", CERTAIN)
def test_words_below_an_approval_that_leave_it_certain(below: str) -> None:
    decision = reviewer_decision(f"承認\n{below}\n")
    assert (decision.kind, decision.words) == ("approve", below)


@pytest.mark.parametrize(
    "hidden", ["承\u200b認", "\u202e承認", "承\u00ad認", "o\u2060k", "承認\u202c", "承\ufeff認\ufeff"]
)
def test_invisible_characters_make_it_unclear(hidden: str) -> None:
    """T-37."""
    assert reviewer_decision(hidden).kind == "unclear"


@pytest.mark.parametrize("copied", ["承認\u200b", "\ufeff承認", "承認\ufeff　", "\u200b 承認\u200e", "承認。\u2060"])
def test_zero_width_characters_at_the_ends_hide_nothing(copied: str) -> None:
    """Chat programs and editors leave them at the ends of what is copied."""
    decision = reviewer_decision(f"{copied}\n次回は早めに")
    assert (decision.kind, decision.words) == ("approve", "次回は早めに")


def test_an_html_part_that_says_otherwise_makes_it_unclear() -> None:
    """T-35."""
    assert reviewer_decision("差戻し\n理由", "承認").kind == "unclear"
    assert reviewer_decision("", "承認").kind == "unclear"
    assert reviewer_decision("承認", "承認").kind == "approve"


@given(st.text(alphabet="承認しませんでよいか確依頼修正差戻保留 \n。?ok", max_size=30))
def test_only_the_bare_keyword_approves(text: str) -> None:
    if reviewer_decision(text).kind == "approve":
        bare = {line.replace(" ", "").strip("。") for line in text.split("\n")}
        assert bare & {"承認", "承認します", "ok"}
