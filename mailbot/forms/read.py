"""Reads a form: lines of `項目名：値` in any order.  Every line is a value, an unknown line or prose in the result."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from mailbot.forms.field_names import UNKNOWN, FieldNames, LabelMatch, UserIdPart
from mailbot.forms.user_ids import UserIds
from mailbot.forms.values import read_count, read_value, same_address
from mailbot.lines import (
    has_box_or_mark,
    is_form_rule,
    is_heading,
    is_signature_label,
    label_and_value,
    labelled_line,
    without_bullet,
)
from mailbot.model.procedure import Field, FieldKind, Filled, Finding, Value

MOST_LINES = 5_000
_CLOSING = re.compile(
    r"^\s*(?:以上|(?:どうぞ)?(?:何卒)?よろしく|宜しく|お手数|ご確認|お願い|(?:best |kind )?regards|thank)",
    re.I,
)
_WITH_BOXES = (FieldKind.USER_IDS, FieldKind.CHOICE, FieldKind.CODES, FieldKind.CODE)


@dataclass(frozen=True)
class Reading:
    """The result of reading a text as a form."""

    filled: Filled
    findings: tuple[Finding, ...] = ()
    given: frozenset[str] = frozenset()  # every field whose label appeared, blank or not
    unknown_lines: tuple[str, ...] = ()  # `label：value` with a label of no field
    prose: tuple[str, ...] = ()  # greetings and other free lines
    is_form: bool = False


@dataclass
class _Entry:
    """One labelled value, with the lines on which it continues."""

    label: str
    match: LabelMatch
    lines: list[str]

    @property
    def written(self) -> str:
        return "\n".join(self.lines).strip()

    @property
    def kind(self) -> FieldKind | None:
        return self.match.field.kind if self.match.field else None


@dataclass
class _Scan:
    """The lines of a text by kind."""

    entries: list[_Entry] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)

    @property
    def given(self) -> frozenset[str]:
        """The fields whose labels appeared, blank or not."""
        return frozenset(e.match.field.name for e in self.entries if e.match.field is not None)


def labels_fit(text: str, fields: Sequence[Field], needed: Set[str], *, besides: Set[str]) -> bool:
    """Whether `text` has no label but those of `fields`, all those of `needed`, and more than those of `besides`.

    Looks at labels only: for finding the procedure that a form is for, before the form is read.
    """
    scan = _scan(text, fields)
    return not scan.unknown and needed <= scan.given and bool(scan.given - besides)


def read_form(text: str, fields: Sequence[Field], *, known_code: str = "") -> Reading:
    """Read `text` as a form of `fields`.

    `known_code`: the 利用者コード of the application that is corrected, for a 識別番号 that is written without one.
    Finding codes: those of `values` and `user_ids`, and given_twice, ambiguous_label, emails_differ.
    """
    scan = _scan(text, fields)
    values, written, findings = _values(scan.entries, known_code)
    findings += _emails(values, written)
    given = scan.given
    return Reading(
        Filled(values, written),
        tuple(findings),
        given,
        tuple(scan.unknown),
        tuple(scan.prose),
        is_form=len(given) >= 2,
    )


def _scan(text: str, fields: Sequence[Field]) -> _Scan:
    names = FieldNames(fields)
    scan = _Scan()
    open_entry: _Entry | None = None
    for line in text.split("\n")[:MOST_LINES]:
        entry = _entry(line, names)
        if entry is not None:
            scan.entries.append(entry)
            open_entry = entry
        elif open_entry is not None and _is_option(open_entry, line):
            open_entry.lines.append(line)
        elif _is_break(line):
            open_entry = _after_break(open_entry, line)
        elif open_entry is not None and _continues(open_entry, line):
            open_entry.lines.append(line)
        else:
            open_entry = None
            (scan.unknown if _looks_like_a_field(line) else scan.prose).append(line.strip())
    return scan


def _is_break(line: str) -> bool:
    """Whether a line ends a value: a blank one, a heading or a rule."""
    return not line.strip() or is_heading(line) or is_form_rule(line)


def _after_break(entry: _Entry | None, line: str) -> _Entry | None:
    """A blank line ends a value.  A required field without a value may have it below the blank line."""
    if entry is None or line.strip() or entry.written:
        return None
    return entry if entry.match.field is not None and entry.match.field.required else None


def _is_option(entry: _Entry, line: str) -> bool:
    """Whether `line` is a box to tick, of a field with boxes."""
    return entry.kind in _WITH_BOXES and has_box_or_mark(line)


def _continues(entry: _Entry, line: str) -> bool:
    """Whether `line` belongs to the value above it."""
    if entry.kind is FieldKind.TEXT:
        return not _CLOSING.match(line) and not _looks_like_a_field(line)
    if entry.written:
        return entry.kind in (FieldKind.USER_IDS, FieldKind.CODES) and entry.written[-1:] in "、,，・/"
    return not _CLOSING.match(line)


def _entry(line: str, names: FieldNames) -> _Entry | None:
    """The labelled value that `line` begins, or None."""
    found = label_and_value(line)
    if found is None:
        return None
    label = without_bullet(found.label)
    match = names.match(label)
    if match.field is None and not match.candidates:
        return None
    return _Entry(label, match, [found.value])


def _looks_like_a_field(line: str) -> bool:
    """Whether `line` is a short label with a value, which the person is asked about when no field has the label."""
    found = label_and_value(line)
    if found is None or found.value.startswith("//"):  # https://…
        return False
    label = without_bullet(found.label)
    is_prose = not label or len(label) > 20 or any(c in label for c in "。、.,@<>")
    return not is_prose and not is_signature_label(label) and not label.isdigit()


def _values(entries: Sequence[_Entry], known_code: str) -> tuple[dict[str, Value], dict[str, str], list[Finding]]:
    values: dict[str, Value] = {}
    written: dict[str, str] = {}
    findings: list[Finding] = []
    collectors: dict[str, UserIds] = {}
    for entry in entries:
        one = entry.match.field
        if one is None:
            labels = "、".join(next(iter(c.labels.values())) for c in entry.match.candidates)
            findings.append(Finding("ambiguous_label", read=entry.label, params={"candidates": labels}))
        elif one.kind is FieldKind.USER_IDS:
            collector = collectors.setdefault(one.name, UserIds(one.name, known_code))
            collector.add(entry.match.part or UserIdPart.ID, entry.written)
            written[one.name] = _joined(written.get(one.name, ""), entry)
        elif one.kind in (FieldKind.CODES, FieldKind.COUNTS):
            findings += _add(one, entry, values, written)
        else:
            findings += _keep(one, entry.written, values, written)
    for name, collector in collectors.items():
        collector.finish()
        findings += collector.findings
        if collector.ids and not collector.findings:
            values[name] = tuple(collector.ids)
    return values, written, findings


def _joined(before: str, entry: _Entry) -> str:
    """What is written for a list so far, with the line of `entry` unless that is blank."""
    if not entry.written:
        return before
    line = labelled_line(entry.label, entry.written)
    return f"{before}\n{line}" if before else line


def _add(one: Field, entry: _Entry, values: dict[str, Value], written: dict[str, str]) -> list[Finding]:
    """Add the values of another line of a list to those of the lines before."""
    text = entry.written
    written[one.name] = _joined(written.get(one.name, ""), entry)
    value: Value | Finding
    if entry.match.option == UNKNOWN:
        choices = "」「".join(choice.name for choice in one.choices)
        value = Finding("unknown_option", one.name, read=entry.label, params={"choices": f"「{choices}」"})
    elif entry.match.option:
        count = read_count(one, text)
        value = count if isinstance(count, Finding) else (f"{entry.match.option}={count}",)
    else:
        value = read_value(one, text) if text else ()
    if isinstance(value, Finding):
        return [value]
    before = values.get(one.name, ())
    if isinstance(value, tuple) and isinstance(before, tuple) and (value or before):
        values[one.name] = tuple(dict.fromkeys((*before, *value)))
    return []


def _keep(one: Field, text: str, values: dict[str, Value], written: dict[str, str]) -> list[Finding]:
    """Read one value into `values`; the same field twice with different values is a finding."""
    if one.name in written and written[one.name] != text and text and written[one.name]:
        values.pop(one.name, None)
        return [Finding("given_twice", one.name, read=f"{written[one.name]} / {text}")]
    if not text:
        written.setdefault(one.name, "")
        return []
    written[one.name] = text
    value = read_value(one, text)
    if isinstance(value, Finding):
        return [value]
    values[one.name] = value
    return []


def _emails(values: dict[str, Value], written: dict[str, str]) -> list[Finding]:
    """登録用 and 確認用 must match (S4, 申込担当者入力画面)."""
    first, again = written.get("contact_email", ""), written.get("contact_email_again", "")
    if not first or not again or same_address(first, again):
        return []
    values.pop("contact_email", None)
    return [Finding("emails_differ", "contact_email", read=f"{first} / {again}")]
