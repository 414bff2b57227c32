"""The lines of a list to tick: which are chosen, and which leave it open.

What ○ and × mean depends on the other marks of the list: ○ is chosen beside ×, and not chosen beside ● (radio buttons).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.lines import Mark, mark_before, mark_behind, without_bullet
from mailbot.text import nfkc

_CODE = re.compile(r"[A-Za-z0-9]{3,8}(?:[ -][A-Za-z0-9]{3})?(?:\s*[(\[][^()\[\]]{0,40}[)\]])?[、,。;]?")
# A bullet in front of a box; and where the next box of the same line begins.
_BULLET = re.compile(r"^\s*(?:[・･•*＊–-]|[(（]?[0-9０-９]{1,2}[.．)）])\s*(?=[\[［【（(☑☒☐□■✅⬜])")
_BEFORE_BOX = re.compile(
    r"(?<=[^\s\[［【（(])[\s、，,/]*"
    r"(?=(?:[\[［][^\[\]［］]?\ufe0f?[\]］]|[☑☒☐□■✅⬜])\ufe0f?\s*[0-9A-Za-z０-９Ａ-Ｚ]{3})"
)
_LETTER_BEFORE = re.compile(r"\s*([xXvVoOｘＸｖＶｏＯ])\s+(?=\S)")
_CHOSEN, _NOT_CHOSEN, _UNCLEAR = True, False, None


@dataclass(frozen=True)
class Ticked:
    """The chosen lines of a list without their marks, and the lines that leave it open whether they are chosen."""

    chosen: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Row:
    """One line of a list.  `before`, `behind`: its marks, None where it has none."""

    line: str
    text: str
    before: Mark | None
    behind: Mark | None


def is_code_line(line: str) -> bool:
    """Whether a line is a single code (`1ANACA0A（net）`, `A0A`), with a bullet or without."""
    code = nfkc(without_bullet(line)).strip()
    return _CODE.fullmatch(code) is not None and any(c.isdigit() for c in code[:8])


def is_row(line: str) -> bool:
    """Whether a line belongs to a list to tick: it has a box or a mark, or is a single code."""
    row = _row(_BULLET.sub("", line))
    if row.before is not None:
        return True
    return is_code_line(row.text) if row.behind is not None else is_code_line(line)


def read_ticks(lines: Sequence[str]) -> Ticked | None:
    """Which of `lines` are chosen; None when none has a box or a mark."""
    rows = [_row(part) for line in lines for part in _BEFORE_BOX.split(_BULLET.sub("", line)) if part.strip()]
    before = frozenset(row.before for row in rows if row.before is not None)
    behind = frozenset(row.behind for row in rows if row.behind is not None)
    if not before and not behind:
        return None
    chosen, unclear = [], []
    for row in rows:
        state = _state(row, before, behind, alone=len(rows) == 1)
        if state is _CHOSEN:
            chosen.append(row.text)
        elif state is _UNCLEAR:
            unclear.append(row.line.strip())
    return Ticked(tuple(chosen), tuple(unclear))


def _row(line: str) -> _Row:
    letter = _LETTER_BEFORE.match(line)
    if letter is not None and is_code_line(line[letter.end() :]):
        line_with_box = f"[{letter[1]}] {line[letter.end() :]}"
        before = mark_before(line_with_box)
    else:
        before = mark_before(line)
    text = before[1] if before is not None else line
    behind = mark_behind(text)
    return _Row(
        line, behind[1] if behind is not None else text, before[0] if before else None, behind[0] if behind else None
    )


def _state(row: _Row, before: frozenset[Mark], behind: frozenset[Mark], *, alone: bool) -> bool | None:
    """Whether a row is chosen.  `before`, `behind`: the marks of its list."""
    if row.before is None and row.behind is None:
        return _UNCLEAR if before and is_code_line(row.line) else _NOT_CHOSEN
    first = _meaning(row.before, before, alone=alone or not row.text.strip())
    if row.behind is None:
        return first
    second = _NOT_CHOSEN if row.behind is Mark.CROSS else _meaning(row.behind, behind, alone=True)
    if row.before in (None, Mark.EMPTY):
        return second
    return _CHOSEN if first and second else _UNCLEAR


def _meaning(mark: Mark | None, marks: frozenset[Mark], *, alone: bool) -> bool | None:
    """Whether a mark means chosen among the `marks` of its list; `alone`: it is the only line, or has no code."""
    match mark:
        case Mark.TICK | Mark.DOT:
            return _CHOSEN
        case Mark.LETTER:
            return _UNCLEAR if marks & {Mark.CIRCLE, Mark.BARE_CIRCLE} else _CHOSEN
        case Mark.CIRCLE:
            return _UNCLEAR if Mark.LETTER in marks else _CHOSEN
        case Mark.BARE_CIRCLE:
            return _bare_circle(marks, alone=alone)
        case Mark.CROSS:
            return _cross(marks)
    return _UNCLEAR if mark is Mark.UNKNOWN else _NOT_CHOSEN


def _bare_circle(marks: frozenset[Mark], *, alone: bool) -> bool | None:
    if Mark.DOT in marks:
        return _NOT_CHOSEN
    if marks & {Mark.TICK, Mark.LETTER}:
        return _UNCLEAR
    return _CHOSEN if alone or marks & {Mark.CROSS, Mark.EMPTY} else _UNCLEAR


def _cross(marks: frozenset[Mark]) -> bool | None:
    if marks & {Mark.CIRCLE, Mark.BARE_CIRCLE, Mark.TICK}:
        return _NOT_CHOSEN
    return _CHOSEN if Mark.EMPTY in marks and Mark.LETTER not in marks else _UNCLEAR
