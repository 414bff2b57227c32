"""The lines of a form by kind: labelled values, lines that are nearly one, other words; and where signatures begin."""

import re
from collections.abc import Set
from dataclasses import dataclass, field, replace
from enum import IntEnum

from mailbot.forms.field_names import FieldNames, LabelMatch
from mailbot.forms.prose import has_words, is_closing, is_contact_heading, is_courtesy, is_own_heading, says_otherwise
from mailbot.forms.ticks import is_code_line, is_row
from mailbot.lines import (
    has_box_or_mark,
    is_form_rule,
    is_heading,
    is_signature_label,
    label_and_value,
    without_bullet,
)
from mailbot.model.common_fields import SHOWN_BLANK
from mailbot.model.procedure import FieldKind, Section
from mailbot.model.read_line import LineKind, Mark

MOST_LINES = 5_000
MOST_LABELS = 200  # of no field that are compared with the names of the fields; lines below count as other words
_WITH_BOXES = (FieldKind.USER_IDS, FieldKind.CHOICE, FieldKind.CODES, FieldKind.CODE)
_IN_SIGNATURES = frozenset({"office", "remarks"})
_LISTS = (FieldKind.USER_IDS, FieldKind.CODES)
_SHORT = (*_WITH_BOXES, FieldKind.DATE, FieldKind.COUNTS)
_POLITE_TAIL = re.compile(  # `識別番号：A0A でお願いします`
    r"(?<=[0-9A-Za-z０-９Ａ-Ｚａ-ｚ日月火水木金土)）])\s{0,4}(?:(?:で|を|にて)?、?(?:よろしく|宜しく)?\s{0,4}(?:お願い(?:いた|致)?します|お願い申し上げます|お願いいたしたく存じます)"
    r"|です|でございます|になります|となります)\s{0,4}[。.]?\s{0,4}$"
)


class Place(IntEnum):
    """Where a line stands after the last field of the application itself."""

    FORM = 0  # among the fields, or right below them
    BELOW_PROSE = 1  # another line is between
    BELOW_CLOSING = 2  # the text has ended: a closing, a rule
    UNDER_HEADING = 3  # below a heading for contact details


@dataclass(frozen=True)
class Signed:
    """Which details of the 申込担当者 count where a signature may stand.

    `always`: these fields; `correcting`: the writer says 修正, so that prose above them is no end of the text;
    `everything`: the writer is not registered, so that nothing else says who they are.
    """

    always: Set[str] = frozenset()
    correcting: bool = False
    everything: bool = False


@dataclass
class Entry:
    """One labelled value, with the lines on which it continues."""

    label: str
    match: LabelMatch
    lines: list[str]
    place: Place
    at: int  # index of its first line

    @property
    def written(self) -> str:
        text = "\n".join(self.lines).strip()
        if self.kind in _SHORT:
            text = _POLITE_TAIL.sub("", text)
        return "" if text in SHOWN_BLANK else text

    @property
    def kind(self) -> FieldKind | None:
        return self.match.field.kind if self.match.field else None

    @property
    def is_contact(self) -> bool:
        return self.match.field is not None and self.match.field.section is Section.CONTACT

    @property
    def may_sign(self) -> bool:
        """Whether signatures have such a line: details of the contact, also the office, and a remark beside them."""
        return self.is_contact or (self.match.field is not None and self.match.field.name in _IN_SIGNATURES)


@dataclass
class Scan:
    """The lines of a text by kind.  Of `others`: index of the line → the line."""

    entries: list[Entry] = field(default_factory=list)
    unknown_labels: list[str] = field(default_factory=list)
    others: dict[int, str] = field(default_factory=dict)
    nearly: list[str] = field(default_factory=list)
    marks: dict[int, Mark] = field(default_factory=dict)  # index of the line → what it was taken for

    @property
    def given(self) -> frozenset[str]:
        """The fields whose labels appeared, blank or not."""
        return frozenset(e.match.field.name for e in self.entries if e.match.field is not None)

    @property
    def other_words(self) -> tuple[str, ...]:
        return tuple(self.others[at] for at in sorted(self.others))

    @property
    def under_heading(self) -> frozenset[str]:
        """The fields of the contact that stand below a heading of their own."""
        headed = (e for e in self.entries if e.place is Place.UNDER_HEADING)
        return frozenset(e.match.field.name for e in headed if e.match.field is not None)

    def without_signature(self, signed: Signed) -> "Scan":
        """The scan with the contact details at its end that are a signature among the other words."""
        last = max((i for i, e in enumerate(self.entries) if not e.may_sign), default=-1)
        below = [e for e in self.entries[last + 1 :] if e.place in (Place.BELOW_PROSE, Place.BELOW_CLOSING)]
        if not any(e.is_contact for e in below):
            return self
        signature = [e for e in below if not _counts(e, signed, alone=last < 0)]
        cut = {id(e) for e in signature}
        others = {e.at: f"{e.label}：{e.written}".replace("\n", "　") for e in signature if e.written}
        marks = {at: Mark(at, LineKind.OTHER) for e in signature for at in range(e.at, e.at + len(e.lines))}
        kept = [e for e in self.entries if id(e) not in cut]
        return replace(self, entries=kept, others=self.others | others, marks=self.marks | marks)


def _counts(entry: Entry, signed: Signed, *, alone: bool) -> bool:
    """Whether a detail of the contact counts in the place of a signature.  `alone`: no other field is given."""
    one = entry.match.field
    if one is None or signed.everything or one.name in signed.always:
        return True
    if not signed.correcting or entry.place is Place.BELOW_CLOSING:
        return False
    return alone or entry.label in one.labels.values()


def given_labels(text: str, names: FieldNames) -> frozenset[str]:
    """`Scan.given` of a text, without the rest of the scan."""
    labels = (found.label for line in text.split("\n")[:MOST_LINES] if (found := label_and_value(line)) is not None)
    fields = (names.match(without_bullet(label)).field for label in labels)
    return frozenset(field.name for field in fields if field is not None)


def scan_lines(text: str, names: FieldNames) -> Scan:
    """The lines of `text` by kind, at most MOST_LINES; the rest is left out."""
    scan = Scan()
    open_entry: Entry | None = None
    place = Place.FORM
    for at, line in enumerate(text.split("\n")[:MOST_LINES]):
        entry = _entry(line, names, place, at)
        if entry is not None:
            place = entry.place
            scan.entries.append(entry)
            open_entry = entry
            _mark_entry(scan, at, entry)
        elif open_entry is not None and _belongs(open_entry, line):
            open_entry.lines.append(line)
            _mark_entry(scan, at, open_entry, tick=open_entry.kind in _WITH_BOXES and _is_option(open_entry, line))
        elif _is_break(line):
            open_entry = _after_break(open_entry, line)
            place = _place_after_break(place, line)
            _keep_heading(scan, at, line)
        else:
            open_entry = None
            place = _place_after_prose(place, line)
            _keep_other(scan, at, line, names)
    return scan


def _mark_entry(scan: Scan, at: int, entry: Entry, *, tick: bool = False) -> None:
    if entry.match.field is None:
        scan.marks[at] = Mark(at, LineKind.UNCLEAR)
    else:
        scan.marks[at] = Mark(at, LineKind.TICK if tick else LineKind.FIELD, name=entry.match.field.name)


def _belongs(entry: Entry, line: str) -> bool:
    """Whether a line without a label belongs to the entry above it."""
    return _is_option(entry, line) or (not _is_break(line) and _continues(entry, line))


def _keep_heading(scan: Scan, at: int, line: str) -> None:
    """A heading that the forms of the desk do not have (`【至急】`) is one of the other words."""
    if not line.strip():
        return
    is_other = is_heading(line) and not is_own_heading(line)
    if is_other:
        scan.others[at] = line.strip()
    scan.marks[at] = Mark(at, LineKind.OTHER if is_other else LineKind.TITLE)


def _keep_other(scan: Scan, at: int, line: str, names: FieldNames) -> None:
    """A line that is no field: nearly one, politeness, or one of the other words."""
    label = _label_of_other(line) if len(scan.unknown_labels) < MOST_LABELS else ""
    if label:
        scan.unknown_labels.append(label)
    if (label and names.nearly(label) is not None) or says_otherwise(line):
        scan.nearly.append(line.strip())
        scan.marks[at] = Mark(at, LineKind.UNCLEAR)
    elif has_words(line) and not is_courtesy(line) and not is_own_heading(line):
        scan.others[at] = line.strip()
        scan.marks[at] = Mark(at, LineKind.OTHER)
    else:
        scan.marks[at] = Mark(at, LineKind.COURTESY if is_courtesy(line) else LineKind.TITLE)


def _is_break(line: str) -> bool:
    """Whether a line ends a value: a blank one, a heading or a rule."""
    return not line.strip() or is_heading(line) or is_form_rule(line)


def _place_after_break(place: Place, line: str) -> Place:
    if is_contact_heading(line):
        return Place.UNDER_HEADING
    if is_form_rule(line):
        return Place.BELOW_CLOSING
    return Place.BELOW_PROSE if is_heading(line) and place is Place.UNDER_HEADING else place


def _place_after_prose(place: Place, line: str) -> Place:
    if is_contact_heading(line):
        return Place.UNDER_HEADING
    if is_closing(line) or not has_words(line):
        return Place.BELOW_CLOSING
    return max(place, Place.BELOW_PROSE)


def _after_break(entry: Entry | None, line: str) -> Entry | None:
    """A blank line ends a value.  A required field without a value may have it below the blank line."""
    if entry is None or line.strip() or entry.written:
        return None
    return entry if entry.match.field is not None and entry.match.field.required else None


def _is_option(entry: Entry, line: str) -> bool:
    """Whether `line` is a box to tick of a field with boxes, or a further code of a list."""
    if entry.kind in _LISTS:
        return is_row(line)
    return entry.kind in _WITH_BOXES and has_box_or_mark(line)


def _continues(entry: Entry, line: str) -> bool:
    """Whether `line` belongs to the value above it."""
    if is_closing(line) or (is_courtesy(line) and not entry.written):
        return False
    if entry.kind is FieldKind.TEXT:
        return not is_courtesy(line) and not _label_of_other(line)
    if entry.written:
        return entry.kind in _LISTS and (entry.written[-1:] in "、,，・/" or is_code_line(line))
    return True


def _entry(line: str, names: FieldNames, place: Place, at: int) -> Entry | None:
    """The labelled value that `line` begins, or None."""
    found = label_and_value(line)
    if found is None:
        return None
    label = without_bullet(found.label)
    match = names.match(label)
    if match.field is None and not match.candidates:
        return None
    entry = Entry(label, match, [found.value], place, at)
    return entry if entry.may_sign else replace(entry, place=Place.FORM)


def _label_of_other(line: str) -> str:
    """The short label with which `line` begins like a field, "" for prose, links and signatures."""
    found = label_and_value(line)
    if found is None or found.value.startswith("//"):  # https://…
        return ""
    label = without_bullet(found.label)
    is_prose = not label or len(label) > 20 or any(c in label for c in "。、.,@<>")
    return "" if is_prose or is_signature_label(label) or label.isdigit() else label
