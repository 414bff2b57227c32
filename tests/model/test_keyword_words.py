"""Which lines would be read as a keyword (T-38)."""

import pytest

from mailbot.model.keyword_words import is_command_line, may_count


def test_is_command_line() -> None:
    assert is_command_line("　承認 ")
    assert not is_command_line("「承認」とだけ書いた行")


@pytest.mark.parametrize(
    "word", ["登録", "処理", "破棄", "再送", "済", "送付", "register", "release", "discard", "send"]
)
def test_a_line_of_the_daily_list_may_count(word: str) -> None:
    """In people's words such a line has a bar before it: a reply that quotes it acts on nothing."""
    assert may_count(f"#12 {word}")
    assert not may_count(f"12日に{word}の予定です")
