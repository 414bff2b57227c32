"""The answer to a challenge is a line of its own (T-37)."""

import pytest

from mailbot.forms.confirmation import confirmation


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("確認", "yes"),
        ("お世話になっております。\n　「確認」　\nよろしくお願いします。", "yes"),
        ("はい", "yes"),
        ("Confirm.", "yes"),
        ("拒否", "no"),
        ("身に覚えがありません。", "no"),
        ("確認しません", ""),
        ("確認してよいですか？", ""),
        ("確認\n拒否", ""),
        ("確\u200b認", ""),
        ("確認依頼", ""),
        ("承認", ""),
        ("", ""),
    ],
)
def test_the_answer_to_a_challenge(words: str, said: str) -> None:
    assert confirmation(words) == said
