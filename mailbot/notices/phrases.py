"""Wrapping of prose, Japanese where a reader pauses: between phrases (文節), rather after 、 or 。.

The phrases are those of BudouX (https://github.com/google/budoux), a small model without a dictionary.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate

import budoux

from mailbot.text import display_width, wrap

_LEAST = 0.6  # of the columns: what a line has at least when it ends with a phrase
_LEAST_AT_PAUSE = 0.75  # the same, when it ends with 、 or 。 and could be longer
_PAUSES = ("、", "。")
_KANA = re.compile(r"[\u3041-\u30ff]")
# An ID or a number: where phrases end does not depend on its characters.
_CODE = re.compile(r"(?<![0-9A-Z])[A-Z]*[0-9][0-9A-Z]*")
# What no line break may divide: days, telephone numbers, hours, what an ID is in brackets, and words that the model of
# BudouX takes for several phrases.
_WHOLE = re.compile(
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:（[月火水木金土日]）)?(?:まで|以降)?"
    r"|\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?"
    r"|\b0\d{1,4}-\d{1,4}-\d{3,4}\b|\d{1,2}[:：]\d\d[～〜]\d{1,2}[:：]\d\d"
    r"|E-mailアドレス|(?:利用者|通関士|メールボックス)ID|（[^（）\s]{1,10}）"
    r"|(?:お願い|お問い合わせ|引き続き|お答え)(?:いたします|ください)?"
    r"|次のとおり|これまでどおり|一時停止|一時保存|そろうまで|無効となりました"
)


def wrap_at_phrases(text: str, columns: int) -> list[str]:
    """The lines of a paragraph (one line of text), at most about `columns` columns each.

    Text without kana is wrapped by `text.wrap`.  So is a phrase that does not fit, where the line would be too
    short without it.
    """
    if not _KANA.search(text):
        return wrap(text, columns)
    lines, start, ends = [], 0, _ends_of_phrases(text)
    while display_width(text[start:]) > columns:
        end = _end(text, start, ends, columns)
        lines.append(text[start:end].rstrip())
        start = len(text) - len(text[end:].lstrip(" "))
    return [*lines, text[start:]] if start < len(text) or not lines else lines


def whole(text: str) -> list[tuple[int, int]]:
    """Where in `text` the passages are that no line break may divide: (begin, end) of each."""
    return [match.span() for match in _WHOLE.finditer(text)]


def _end(text: str, start: int, ends: Sequence[int], columns: int) -> int:
    """Where the line that begins at `start` ends."""
    last = start + len(wrap(text[start : start + 2 * columns], columns)[0])
    possible = [end for end in ends if start < end <= last]
    pauses = [end for end in possible if text[:end].endswith(_PAUSES)]
    for found, least in ((pauses, _LEAST_AT_PAUSE), (possible, _LEAST)):
        if found and display_width(text[start : found[-1]]) >= least * columns:
            return found[-1]
    return next((begin for begin, end in whole(text) if start < begin < last < end), last)


@lru_cache(maxsize=1024)
def _ends_of_phrases(text: str) -> tuple[int, ...]:
    """The index behind each phrase."""
    ends, undivided = _ends_by_model(_CODE.sub(_zeros, text)), whole(text)
    return tuple(one for one in ends if not any(begin < one < end for begin, end in undivided))


@lru_cache(maxsize=1024)
def _ends_by_model(text: str) -> tuple[int, ...]:
    """The same by the model alone.  It takes a third of what else a notice does: a sentence in which only codes differ
    is looked at once."""
    return tuple(accumulate(map(len, _parser().parse(text))))


def _zeros(code: re.Match[str]) -> str:
    return "0" * len(code[0])


@cache
def _parser() -> budoux.Parser:
    return budoux.load_default_japanese_parser()
