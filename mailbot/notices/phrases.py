"""Wrapping of prose, Japanese where a reader pauses: between phrases (文節), rather after 、 or 。.

The phrases are those of BudouX (https://github.com/google/budoux), a small model without a dictionary.
"""

import re
from functools import cache, lru_cache
from itertools import accumulate

import budoux

from mailbot.text import display_width, wrap

_LEAST = 0.6  # of the columns: what a line has at least when it ends with a phrase
_LEAST_AT_PAUSE = 0.75  # the same, when it ends with 、 or 。 and could be longer
_PAUSES = ("、", "。")
_KANA = re.compile(r"[\u3041-\u30ff]")


def wrap_at_phrases(text: str, columns: int) -> list[str]:
    """The lines of a paragraph (one line of text), at most about `columns` columns each.

    Text without kana is wrapped by `text.wrap`.  So is a phrase that does not fit, where the line would be too
    short without it.
    """
    if not _KANA.search(text):
        return wrap(text, columns)
    lines = []
    while display_width(text) > columns:
        longest = wrap(text, columns)[0]
        cut = _cut(text, len(longest), columns)
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip(" ")
    return [*lines, text] if text or not lines else lines


def _cut(text: str, longest: int, columns: int) -> int:
    """Where the first line of `text` ends, after `longest` characters at most."""
    ends = [end for end in accumulate(map(len, _phrases(text))) if end <= longest]
    pauses = [end for end in ends if text[:end].endswith(_PAUSES)]
    for found, least in ((pauses, _LEAST_AT_PAUSE), (ends, _LEAST)):
        if found and display_width(text[: found[-1]]) >= least * columns:
            return found[-1]
    return longest


@lru_cache(maxsize=1024)
def _phrases(text: str) -> tuple[str, ...]:
    return tuple(_parser().parse(text))


@cache
def _parser() -> budoux.Parser:
    return budoux.load_default_japanese_parser()
