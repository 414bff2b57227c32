"""One of our notices, copied into a reply without quote marks: what stands in it was not newly written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailbot.lines import has_box, has_quote_mark, label_and_value
from mailbot.mail.quoting import OwnWords
from mailbot.mail.sent import SentNotices, changed_lines, key_of, most_quoted
from mailbot.model.read_line import LineKind, LineSource

_LEAST_LINES = 3  # of a notice, one after another
_OF_NOTICES = frozenset({"申込受付番号", "申込受付年月日", "ステータス", "Receiptnumber", "Receivedon", "State"})
_HEADING = "■"  # in front of the headings of notices


@dataclass(frozen=True)
class _Block:
    """The lines from the first to the last that a notice has, one after another."""

    start: int
    end: int  # behind the last line


def without_pasted(own: OwnWords, sent: Sequence[str], *, in_reply: bool) -> OwnWords:
    """`own` with the lines of a pasted notice as quoted ones, and what was changed in them as inline ones.

    `sent`: the texts of our notices that may be pasted, newest first.  A block counts as pasted when it has a heading
    of a notice in it: a form that is copied out of one to be filled in has none.  `in_reply`: the mail is about an
    application; in any other mail a block needs a receipt number or a state, because people's own forms have headings.
    """
    rows = own.rows
    lines = [line for _, line in rows]
    ours = SentNotices(sent)
    blocks = [block for block in _blocks(lines, ours) if _is_pasted(lines[block.start : block.end], ours, in_reply)]
    if not blocks:
        return own
    inside = [i for block in blocks for i in range(block.start, block.end)]
    pasted = [lines[i] for i in inside]
    changed = changed_lines(pasted, SentNotices([most_quoted(sent, pasted)]))
    at = {rows[i][0] for i in inside}
    marked = (
        line._replace(kind=LineKind.QUOTE, source=LineSource.PASTED) if i in at else line
        for i, line in enumerate(own.lines)
    )
    return replace(own, lines=tuple(marked), inline=(*own.inline, *changed))


def _blocks(lines: Sequence[str], ours: SentNotices) -> list[_Block]:
    """Where lines of notices follow one another; a changed field, a bar or a blank line does not end them."""
    blocks: list[_Block] = []
    start, last = -1, -1
    for i, line in enumerate(lines):
        key = key_of(line)
        if key and (ours.has_line(key) or (start >= 0 and ours.contains(key))):
            start, last = (i, i) if start < 0 else (start, i)
        elif start >= 0 and key and not _may_be_inside(line, ours):
            blocks.append(_Block(start, last + 1))
            start = -1
    return [*blocks, _Block(start, last + 1)] if start >= 0 else blocks


def _may_be_inside(line: str, ours: SentNotices) -> bool:
    if has_quote_mark(line) or has_box(line):
        return True
    found = label_and_value(key_of(line))
    return found is not None and found.label in ours.labels


def _is_pasted(block: Sequence[str], ours: SentNotices, in_reply: bool) -> bool:
    keys = [key for line in block if (key := key_of(line)) and ours.has_line(key)]
    labels = {found.label for key in keys if (found := label_and_value(key)) is not None}
    headings = [key for key in keys if key.startswith(_HEADING) and label_and_value(key) is None]
    return len(keys) >= _LEAST_LINES and bool(labels & _OF_NOTICES or (in_reply and headings))
