"""The answer in a reply to a challenge."""

from enum import StrEnum

from mailbot.forms.keyword_lines import hides_something, keyword_lines, word_table
from mailbot.model.keyword_words import CONFIRMING_WORDS, DENYING_WORDS, keyword_in


class Confirmation(StrEnum):
    """What a reply to a challenge says."""

    YES = "yes"
    NO = "no"
    UNCLEAR = ""  # neither, or both


CONFIRMATION_WORDS = {Confirmation.YES: CONFIRMING_WORDS, Confirmation.NO: DENYING_WORDS}
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
