"""The plain-text form of a notice: about 70 columns, full-width characters counting two.

Pure functions that `layouts/text.j2` uses as filters.  What people wrote is neither broken nor changed; only a line of
it that might count as a keyword stands behind a bar (｜), because notices come back quoted (threats, T-38).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from mailbot.lines import NOTICE_RULE
from mailbot.model.keyword_words import may_count
from mailbot.notices.phrases import wrap_at_phrases
from mailbot.text import display_width, one_line, printable

COLUMNS = 70
BAR = "｜ "
KEPT = 1024  # paragraphs whose layout is kept: most of our words are the same in each notice
_LABEL_COLUMNS = 28  # longer labels are not aligned
_SHORT = 40  # characters of what a person wrote inside a sentence: too few to be broken into a line of its own
_LEAST_REST = 16  # columns of the last line of a paragraph: more than the longest keyword has
# A kanji with the selector of one of its written forms: invisible, but part of the name.
_KANJI_FORM = re.compile("([㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff][\ufe00-\ufe0f\U000e0100-\U000e01ef])")
_BREAK = re.compile(r"[ \t]*\n\s*")


def visible(text: str) -> str:
    """`text` with every control and invisible character shown escaped; the written forms of kanji stay."""
    shown = printable(text)
    if shown is text or shown == text:  # as nearly always; a written form of a kanji is invisible, too
        return text
    parts = _KANJI_FORM.split(text)
    return "".join(part if index % 2 else printable(part) for index, part in enumerate(parts))


def padded(text: str, width: int) -> str:
    """`text` with blanks behind it, as in a column of a table; `width` is at most COLUMNS."""
    return text + " " * (min(width, COLUMNS) - display_width(text))


def short(text: str) -> str:
    """`text` for use inside a sentence: one line, at most 40 characters."""
    flat = one_line(text)
    return flat if len(flat) <= _SHORT else flat[: _SHORT - 1] + "…"


@lru_cache(maxsize=KEPT)
def flow(text: str) -> str:
    """The lines of a paragraph joined as its language writes: no blank between two full-width characters."""
    joined = ""
    for line in _BREAK.split(text.strip()):
        blank = joined and line and not (_is_wide(joined[-1]) or _is_wide(line[0]))
        joined += f" {line}" if blank else line
    return joined


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


@lru_cache(maxsize=KEPT)
def paragraph(text: str) -> str:
    """A paragraph of ours, wrapped."""
    return "\n".join(_set(flow(text), COLUMNS))


@lru_cache(maxsize=KEPT)
def bullet(text: str, mark: str = "・") -> str:
    """An item of a list, its further lines hanging under the first."""
    width = display_width(mark)
    lines = _set(flow(text), COLUMNS - width)
    return mark + ("\n" + " " * width).join(lines)


def _set(text: str, columns: int) -> list[str]:
    """`text` wrapped without a short rest for the last line: it would be ugly, and could be a keyword."""
    lines = wrap_at_phrases(text, columns)
    for narrower in range(columns - 1, columns // 2, -1):
        if len(lines) == 1 or display_width(lines[-1]) >= _LEAST_REST:
            break
        lines = wrap_at_phrases(text, narrower)
    return lines


def own_words(text: str) -> str:
    """What a person wrote, line by line as it was written; a line that might count as a keyword behind a bar."""
    return "\n".join(own_lines(visible(text)))


def own_lines(text: str) -> list[str]:
    """The lines of what a person wrote; one that might count as a keyword, or is a rule of ours, behind a bar."""
    lines = map(str.rstrip, text.strip("\n").split("\n"))
    return [f"{BAR}{line}" if _needs_bar(line) else line for line in lines]


@lru_cache(maxsize=4 * KEPT)  # the text and the HTML of each copy have the same values
def _needs_bar(line: str) -> bool:
    return may_count(line) or line == NOTICE_RULE


def facts(rows: Iterable[tuple[str, object]], colon: str = "：") -> str:
    """`項目名：値`, the colons under each other, rows without a value left out.

    What people wrote stays on its line, however long; further lines of a value stand below its first.
    """
    known = [(label, visible(str(value)).strip("\n")) for label, value in rows]
    known = [(label, value) for label, value in known if value]
    aligned = [width for label, _ in known if (width := display_width(label)) <= _LABEL_COLUMNS]
    column = max(aligned, default=0)
    return "\n".join(line for label, value in known for line in _fact(label, value, column, colon))


def _fact(label: str, value: str, column: int, colon: str) -> list[str]:
    first, *others = value.split("\n")
    below = _blanks(column + display_width(colon))
    return [
        f"{label}{_blanks(column - display_width(label))}{colon}{first.rstrip()}",
        *(f"{below}{line}" for line in (own_lines("\n".join(others)) if others else ())),
    ]


def _blanks(columns: int) -> str:
    """Full-width blanks, which are as wide as a kanji in any font, and a half-width one for an odd column."""
    return "　" * (columns // 2) + " " * (columns % 2)


def tidy(text: str) -> str:
    """No blanks at line ends, never more than one blank line, one line break at the end."""
    stripped = "\n".join([line.rstrip() for line in text.split("\n")])
    while "\n\n\n" in stripped:  # three times as fast as a pattern
        stripped = stripped.replace("\n\n\n", "\n\n")
    return stripped.strip("\n") + "\n"
