"""Which lines would be read as a keyword (T-38)."""

from mailbot.model.keyword_words import is_command_line


def test_is_command_line() -> None:
    assert is_command_line("　承認 ")
    assert not is_command_line("「承認」とだけ書いた行")
