"""Prose is wrapped where a reader pauses."""

import pytest

from mailbot.notices import phrases
from mailbot.notices.phrases import wrap_at_phrases
from mailbot.text import display_width

CASES = [
    # A word is not broken: 「お知／らせ」.
    (
        "お申込みを受け付けました。内容を確認のうえ、結果をメールにてお知らせいたします。",
        70,
        ["お申込みを受け付けました。内容を確認のうえ、結果を", "メールにてお知らせいたします。"],
    ),
    # Rather after 、 where the line is long enough.
    (
        "仮パスワードでログオンし、業務コード「URY」の「C」（変更）により、新規パスワードを設定してください。",
        70,
        [
            "仮パスワードでログオンし、業務コード「URY」の「C」（変更）により、",
            "新規パスワードを設定してください。",
        ],
    ),
    # No pause that leaves the line too short, nor a phrase before a word that is longer than a line.
    ("はい、そのお手続きは窓口で承ります。", 24, ["はい、そのお手続きは", "窓口で承ります。"]),
    ("承認" + "x" * 30, 20, ["承認" + "x" * 16, "x" * 14]),
    ("承認は" + "x" * 30, 20, ["承認は" + "x" * 14, "x" * 16]),
    # What stays whole: days, telephone numbers, hours, short brackets, words that the model divides.
    ("申込者の回答期限は2026年12月7日（月）です。", 26, ["申込者の回答期限は", "2026年12月7日（月）です。"]),
    ("電話でお受けする番号は03-0000-1234です。", 26, ["電話でお受けする番号は", "03-0000-1234です。"]),
    ("結果が出るまで、引き続き審査します。", 22, ["結果が出るまで、", "引き続き審査します。"]),
    ("短い文です。", 70, ["短い文です。"]),
    ("", 70, [""]),
    (
        "No kana: words of another language break at blanks.",
        30,
        ["No kana: words of another", "language break at blanks."],
    ),
]


@pytest.mark.parametrize(("text", "columns", "lines"), CASES)
def test_lines(text: str, columns: int, lines: list[str]) -> None:
    assert wrap_at_phrases(text, columns) == lines
    assert max(map(display_width, lines)) <= columns + 2


def test_a_sentence_in_which_only_codes_differ_is_looked_at_once() -> None:
    """The model takes a third of what else a notice does."""
    sentence = "お急ぎの場合　{0}B、{0}1、{0}2でURY業務の「I」を行うと、審査を待たずに {0}A を初期化できます。"
    first = wrap_at_phrases(sentence.format("0060XA0"), 60)
    looked_at = phrases._ends_by_model.cache_info().misses
    second = wrap_at_phrases(sentence.format("1ANACA0"), 60)
    assert phrases._ends_by_model.cache_info().misses == looked_at
    assert [line.replace("1ANACA0", "0060XA0") for line in second] == first and len(first) > 1
