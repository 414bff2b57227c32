"""Text that a program, a gateway or a template adds around a person's words: banners, signatures, footers.

It is recognised by what it is: a block at the beginning or the end, often between rules, with words about the mail
itself, contact data, or labels of no form.  A block with a field of a form is never removed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mailbot.lines import is_rule, is_signature_label, is_signature_mark, label_and_value, without_bullet
from mailbot.mail.added_words import (
    ABOUT_CONTENT,
    ABOUT_ORIGIN,
    ABOUT_THIS_MAIL,
    BANNER_START,
    DEVICE,
    MAY_BE_DEVICE,
    NOTE,
    SCANNED,
    SENTENCE_END,
    TAKEN_FILE,
    URL,
)
from mailbot.mail.signature_block import closes_letter, is_signature_line, signature_start
from mailbot.model.applicant_commands import APPLICANT_COMMANDS
from mailbot.model.read_line import LineKind, LineSource, ReadLine
from mailbot.model.reviewer_keywords import REVIEWER_KEYWORDS
from mailbot.text import fold_word, nfkc

_INDENTED = "  "  # a line of a page
_LONGEST_FRAME = 20  # lines between two rules, without blank ones
_MOST_LINES = 120  # between the end and a mark above a signature
_MOST_BLOCKS = 8  # that are removed from one end
_LONGEST_LINE = 400  # characters of a line of a banner or a footer


class LabelKind(StrEnum):
    """What the label of a line is to the forms of the desk."""

    FIELD = "field"
    CONTACT = "contact"  # a field that a signature has too: 氏名, 電話番号
    OTHER = "other"


def kind_without_forms(label: str) -> LabelKind:
    """The kind of a label where no form is known: every label but those of signatures is one of a field."""
    return LabelKind.OTHER if is_signature_label(label) else LabelKind.FIELD


_WORDS = frozenset(fold_word(word) for row in (*REVIEWER_KEYWORDS, *APPLICANT_COMMANDS) for word in row.words)


def is_any_keyword(line: str) -> bool:
    """Whether a line is one of the words that reviewers and applicants write, whatever punctuation is around it."""
    return fold_word(re.sub(r"[\W_]+", "", line)) in _WORDS


@dataclass(frozen=True)
class Writer:
    """What is known about the writer of a mail, and about the lines that he may write."""

    names: tuple[str, ...] = ()  # of the display name and of the register
    colleagues: tuple[str, ...] = ()  # whose words he may quote
    kind_of: Callable[[str], LabelKind] = kind_without_forms
    is_keyword: Callable[[str], bool] = is_any_keyword  # or the name of a procedure, or an answer to a challenge
    corrects_contact: bool = False  # contact data directly below a field or keyword is a correction, no signature


NOBODY = Writer()


class _Added(NamedTuple):
    """The first line of what was added at the end, and what it is; behind the last line when nothing was."""

    start: int
    kind: LineKind = LineKind.SIGNATURE
    source: LineSource = LineSource.CONTACT


def with_added(texts: Sequence[str], writer: Writer = NOBODY) -> list[ReadLine]:
    """The lines of a person's text: what was added above them (banners) and below (signature, footers) is named."""
    lines = [ReadLine(text) for text in texts]
    kept, first = list(texts), 0
    for _ in range(_MOST_BLOCKS):
        end = _end_of_banner(kept, writer)
        if not end:
            break
        _name(lines, first, first + end, LineKind.BANNER, LineSource.ABOUT_MAIL)
        first += end
        kept = kept[end:]
    for _ in range(_MOST_BLOCKS):
        added = _footer(kept, writer)
        if added.start >= len(kept):
            break
        _name(lines, first + added.start, first + len(kept), added.kind, added.source)
        kept = kept[: added.start]
    return lines


def _name(lines: list[ReadLine], start: int, end: int, kind: LineKind, source: LineSource) -> None:
    lines[start:end] = [ReadLine(line.text, kind, source) for line in lines[start:end]]


def _end_of_banner(lines: list[str], writer: Writer) -> int:
    """The index behind the banner with which the text begins; 0 when it begins with none."""
    first = _first_shown(lines, 0)
    if first == len(lines):
        return 0
    if not is_rule(lines[first]):
        # The first line may be nothing but a heading: `[注意喚起]`.
        end = next((n for n in (first + 1, first + 2) if _is_banner(lines[first:n], writer)), 0)
        if not end or not all(map(str.strip, lines[first:end])):
            return 0
        while end < len(lines) and lines[end].strip() and _is_banner([lines[end]], writer, begun=True):
            end += 1
        following = _first_shown(lines, end)
        return following + 1 if following < len(lines) and _is_any_rule(lines[following]) else end
    end = next((i for i in range(first + 1, min(len(lines), first + 2 * _LONGEST_FRAME)) if is_rule(lines[i])), 0)
    if end and _is_banner([line for line in lines[first + 1 : end] if line.strip()], writer):
        return end + 1
    return 0


def _is_any_rule(line: str) -> bool:
    bare = line.strip()
    return is_rule(line) or (len(bare) >= 3 and len(set(bare)) == 1 and not bare[0].isalnum())


def _is_banner(block: Sequence[str], writer: Writer, *, begun: bool = False) -> bool:
    if not block or len(block) > _LONGEST_FRAME or _has_fields(block, writer):
        return False
    if any(len(line) > _LONGEST_LINE for line in block):
        return False
    text = nfkc(" ".join(block))
    if not begun and BANNER_START.match(text) is None:
        return False
    about = ABOUT_ORIGIN.search(text) or ABOUT_CONTENT.search(text) or SCANNED.search(text)
    return bool(about or ABOUT_THIS_MAIL.search(text))


def _footer(lines: list[str], writer: Writer) -> _Added:
    """The last block, if it was added; its start is len(lines) when it was not.

    The writer's own words may be nothing but a footer; then nothing is left.
    """
    last = _last_shown(lines)
    if last < 0:
        return _Added(len(lines))
    marks = [
        i for i in range(max(0, last - _MOST_LINES), last + 1) if is_signature_mark(lines[i].removeprefix(_INDENTED))
    ]
    mark = next((i for i in marks[:3] if not _has_fields(lines[i + 1 :], writer)), None)
    if mark is not None:
        return _Added(mark, source=LineSource.MARK)
    if _names_device(_flat(lines[last])):
        return _Added(last, LineKind.DEVICE, LineSource.PATTERN)
    start = _start_of_frame(lines, last, writer)
    if start < len(lines):
        return _about_mail(lines, start, writer) or _Added(start, source=LineSource.FRAME)
    start = _start_of_block(lines, last)
    found = _about_mail(lines, start, writer) or _about_mail(lines, last, writer)
    if found is not None:
        return found
    start = signature_start(
        lines,
        last,
        writer.names,
        lambda line: writer.is_keyword(line) or _is_field(line, writer),
        keeps_contact=writer.corrects_contact,
    )
    return _Added(start)


def _names_device(flat: str) -> bool:
    return MAY_BE_DEVICE.search(flat) is not None and DEVICE.match(flat) is not None


def _about_mail(lines: Sequence[str], start: int, writer: Writer) -> _Added | None:
    """The lines from `start` to the end as a footer: words about the mail, or links to files taken out of it."""
    block = [line for line in lines[start:] if line.strip()]
    if not _is_footer(block, writer):
        return None
    is_link = TAKEN_FILE.search(nfkc(" ".join(block))) is not None
    return _Added(start, LineKind.LINKS if is_link else LineKind.DISCLAIMER, LineSource.ABOUT_MAIL)


def _start_of_frame(lines: list[str], last: int, writer: Writer) -> int:
    """A block between two rules at the end, or below the last rule; len(lines) when it may be the person's words."""
    closed = is_rule(lines[last])
    top = next((i for i in range(last - 1, max(-1, last - 2 * _LONGEST_FRAME), -1) if is_rule(lines[i])), -1)
    if top < 0:
        return last if closed and last > 0 and not _opens_frame(lines, last) else len(lines)
    block = [line for line in lines[top + 1 : last + (not closed)] if line.strip()]
    if not block:
        return last
    above = sum(1 for line in lines[max(0, top - _MOST_LINES) : top] if line.strip())
    if len(block) > _LONGEST_FRAME or not above:
        return len(lines)
    if not closed and not lines[top + 1].strip():
        top += 1  # the rule may close the frame of what is above
    if _is_footer(block, writer) or _is_framed_signature(block, writer, closed=closed, above=above):
        return top
    if closed and not _has_fields(block, writer) and _ends_in_signature(lines[:top], writer):
        return top
    return len(lines)


def _ends_in_signature(lines: list[str], writer: Writer) -> bool:
    """Whether the lines end in a signature, a footer or よろしく: below are none of the person's words."""
    last = _last_shown(lines)
    return last >= 0 and (closes_letter(lines[last]) or _footer(lines, writer).start < len(lines))


def _opens_frame(lines: list[str], last: int) -> bool:
    return not any(line.strip() for line in lines[:last])


def _is_framed_signature(block: Sequence[str], writer: Writer, *, closed: bool, above: int) -> bool:
    """Contact data or names between rules.  Sentences and fields of a form are the person's words."""
    kinds = [kind for line in block if (kind := _kind_of(line, writer)) is not None]
    contact = sum(is_signature_line(line) for line in block)
    fields = kinds.count(LabelKind.FIELD)
    bare = [line for line in block if _kind_of(line, writer) is None and not is_signature_line(line)]
    if any(len(line.strip()) > 40 or SENTENCE_END.search(line) for line in bare):
        return False
    if fields:
        first_is_field = _kind_of(block[0], writer) is LabelKind.FIELD
        return fields == 1 and contact >= 2 and not first_is_field
    if LabelKind.CONTACT in kinds and not (bare or contact > kinds.count(LabelKind.CONTACT)):
        return closed and above >= 2
    return closed or contact > 0


def _is_footer(block: Sequence[str], writer: Writer) -> bool:
    """Words about the mail itself, or a link to a file that a gateway has taken out of it."""
    if not block or len(block) > _MOST_LINES or _has_fields(block, writer):
        return False
    flat = [nfkc(line[: 3 * _LONGEST_LINE]) for line in block]
    text = " ".join(flat)
    if ABOUT_THIS_MAIL.search(text) or SCANNED.search(text):
        return True
    if ABOUT_ORIGIN.search(text) and BANNER_START.match(text):
        return True
    return bool(TAKEN_FILE.search(text)) and bool(URL.search(text) or sum(":" in line for line in flat) >= 2)


def _start_of_block(lines: list[str], last: int) -> int:
    start = last
    while last - start <= _MOST_LINES and start > 0 and lines[start - 1].strip() and not is_rule(lines[start - 1]):
        start -= 1
    return start


def _has_fields(block: Sequence[str], writer: Writer) -> bool:
    return any(_is_field(line, writer) for line in block)


def _is_field(line: str, writer: Writer) -> bool:
    return _kind_of(line, writer) in (LabelKind.FIELD, LabelKind.CONTACT)


def _kind_of(line: str, writer: Writer) -> LabelKind | None:
    """The kind of the label of `label：value`; None for a line without one."""
    found = label_and_value(line)
    if found is None or found.value.startswith("//"):  # https://…
        return None
    label = without_bullet(found.label)
    if BANNER_START.match(nfkc(label)) or (NOTE.fullmatch(label) and ABOUT_THIS_MAIL.search(nfkc(line))):
        return LabelKind.OTHER
    kind = writer.kind_of(label) if label else LabelKind.OTHER
    # TEL, メール and the like are contact data of whoever writes them.
    return LabelKind.OTHER if kind is LabelKind.CONTACT and is_signature_label(found.label) else kind


def _flat(line: str) -> str:
    return nfkc(line[:_LONGEST_LINE])


def _first_shown(lines: Sequence[str], start: int) -> int:
    return next((i for i in range(start, len(lines)) if lines[i].strip()), len(lines))


def _last_shown(lines: Sequence[str]) -> int:
    return next((i for i in range(len(lines) - 1, -1, -1) if lines[i].strip()), -1)
