"""Values of a register file that look as if a spreadsheet program had damaged them: pure functions of old and new text.

A spreadsheet program takes 0363214500 for a number and drops its 0, shows long numbers as 3.63E+08, and takes 1-2 for
a date; a column that is too narrow, or a form with a limit, cuts texts.
"""

import re
from collections.abc import Iterator

from mailbot.model.register import Row, RowKind
from mailbot.model.register_difference import Doubt, DoubtKind

_SCIENTIFIC = re.compile(r"[0-9]+(\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_ERROR = re.compile(r"#(REF!|VALUE!|NAME\?|N/A|DIV/0!|NULL!|NUM!|SPILL!)|#{3,}")
_DATE = re.compile(
    r"[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}([ T][0-9:]+)?|[0-9]{1,2}月[0-9]{1,2}日|[0-9]{1,2}-[A-Z][a-z]{2}(-[0-9]+)?"
)
_LOST = re.compile("\ufffd|[?？〓]")  # in place of a character that the encoding of a file does not have
_CUSTOMS = re.compile(r".*(税関|支署|出張所|分室|監視署|customs?)", re.IGNORECASE | re.DOTALL)
_NUMBERS = frozenset({"phone", "fax"})
_TELEPHONE_DIGITS = (9, 10)  # of a Japanese number without its 0: fixed lines, and mobile ones
_CODES = frozenset({"billing_code", "phone", "fax", "shared_with"})
_UNREADABLE = frozenset({"password_hash", "email", "start", "end"})  # changed by nobody who edits a cell, or checked
_SHORTEST = 2  # of a text that may have been cut


def column_doubts(kind: RowKind, before: Row | None, after: Row) -> Iterator[Doubt]:
    """What looks damaged in the columns that differ; `before`: the row as it is registered, None when it is new."""
    for column, text in after.items():
        old = before.get(column, "") if before is not None else ""
        if text and text != old and column not in _UNREADABLE:
            yield from _doubts(column, old, text, kind)


def _doubts(column: str, old: str, text: str, kind: RowKind) -> Iterator[Doubt]:
    if looks_damaged(column, text) or (_LOST.search(text) and not _LOST.search(old)):
        yield Doubt(DoubtKind.DAMAGED, column, text)
    elif column in _NUMBERS:
        if not text.startswith("0") and (len(text) in _TELEPHONE_DIGITS or old == f"0{text}"):
            yield Doubt(DoubtKind.LOST_ZERO, column, f"0{text}")
    elif old != text and len(text) >= _SHORTEST and old.startswith(text):
        yield Doubt(DoubtKind.CUT, column, old)
    elif column == "customs" and kind is RowKind.OFFICE and not _CUSTOMS.fullmatch(text):
        yield Doubt(DoubtKind.CUT, column, "…税関")


def looks_damaged(column: str, text: str) -> bool:
    """Whether a text is what a spreadsheet program makes of another: an error, or of a code a number or a date."""
    code = column in _CODES and (_SCIENTIFIC.fullmatch(text) or _DATE.fullmatch(text))
    return bool(_ERROR.fullmatch(text) or code)


def damage_in_words(text: str) -> str:
    """What a spreadsheet program has made of a code, in words for a list of problems; "" when it seems not so."""
    if _SCIENTIFIC.fullmatch(text):
        return "a spreadsheet program has shortened a number; format the column as text"
    if _DATE.fullmatch(text):
        return "a spreadsheet program has made a date of it; format the column as text"
    return "the result of a formula that failed" if _ERROR.fullmatch(text) else ""
