"""Keywords in mails: a line of its own, exact after NFKC and trim, in the writer's own new words.

`承認しません` and `承認してよいですか` are no keywords (threats, C).
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from mailbot.model.keyword_words import keyword_in
from mailbot.text import fold_word, has_invisible, without_edge_marks

Name = TypeVar("Name")


class NoKeyword(StrEnum):
    """Why a mail has not exactly one keyword."""

    NONE = "none"
    SEVERAL = "several"  # of different kinds
    UNCLEAR = "unclear"  # with invisible characters, or the HTML part shows another one
    IN_DOUBT = "in_doubt"  # below a line that may begin a quote, or below words that nothing is decided yet
    MEANT = "meant"  # in a sentence: the writer is asked for the keyword


def word_table(rows: Iterable[tuple[Name, Sequence[str]]]) -> dict[str, Name]:
    """Every word as `keyword_in` returns it → the name of its keyword."""
    return {fold_word(word): name for name, words in rows for word in words}


def hides_something(line: str) -> bool:
    """Whether a line has invisible characters within it: it may be another one than it looks (T-37)."""
    return has_invisible(line) and has_invisible(without_edge_marks(line))


def keyword_lines(lines: Sequence[str], table: Mapping[str, Name]) -> list[tuple[int, Name]]:
    """The index of each line that is a keyword of `table`, with its name; lines with invisible characters are none."""
    found = ((i, table.get(keyword_in(line))) for i, line in enumerate(lines) if not hides_something(line))
    return [(i, name) for i, name in found if name is not None]
