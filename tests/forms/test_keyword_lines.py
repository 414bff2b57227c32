"""Which lines would be read as a keyword (T-38)."""

from mailbot.forms.keyword_lines import is_keyword_line


def test_is_keyword_line() -> None:
    assert is_keyword_line("　承認 ")
    assert not is_keyword_line("「承認」とだけ書いた行")
