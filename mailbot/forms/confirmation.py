"""The answer in a reply to a challenge."""

from enum import StrEnum

from mailbot.forms.keyword_lines import hides_something, keyword_in, keyword_lines, word_table


class Confirmation(StrEnum):
    """What a reply to a challenge says."""

    YES = "yes"
    NO = "no"
    UNCLEAR = ""  # neither, or both


CONFIRMATION_WORDS = {
    Confirmation.YES: (
        *("確認", "確認します", "確認しました", "確認いたしました", "はい", "間違いありません"),
        *("confirm", "confirmed", "yes"),
    ),
    Confirmation.NO: (
        *("拒否", "拒否します", "いいえ", "送信していません", "身に覚えがありません", "心当たりがありません"),
        *("reject", "no"),
    ),
}
_WORDS = word_table(CONFIRMATION_WORDS.items())


def confirmation(own_words: str) -> Confirmation:
    """What a reply to a challenge says; an invisible character within a line of it makes it unclear (T-37)."""
    lines = own_words.split("\n")
    kinds = {kind for _, kind in keyword_lines(lines, _WORDS)}
    hidden = any(hides_something(line) for line in lines)
    return kinds.pop() if len(kinds) == 1 and not hidden else Confirmation.UNCLEAR


def is_answer(line: str) -> bool:
    """Whether a line is one of the words that answer a challenge."""
    return keyword_in(line) in _WORDS
