"""Reads a form: lines of `項目名：値` in any order.  Every line is a value or among the other words of the result."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

from mailbot.forms.field_names import UNKNOWN, UserIdPart, field_names_of
from mailbot.forms.scan import Entry, Signed, given_labels, scan_lines
from mailbot.forms.user_ids import UserIds
from mailbot.forms.values import read_count, read_value, same_address
from mailbot.lines import labelled_line
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.procedure import Field, FieldKind, Filled, Finding, Value
from mailbot.model.read_line import LineKind, Mark


@dataclass(frozen=True)
class Reading:
    """The result of reading a text as a form."""

    filled: Filled
    findings: tuple[Finding, ...] = ()
    given: frozenset[str] = frozenset()  # every field whose label appeared, blank or not
    unknown_lines: tuple[str, ...] = ()  # asked about: a label that is nearly one of a field, a code that is taken back
    other_words: tuple[str, ...] = ()  # what is no field and no politeness, in order: shown to the reviewer
    under_heading: frozenset[str] = frozenset()  # the fields of the contact that stand below a heading of their own
    is_form: bool = False
    marks: tuple[Mark, ...] = field(default=(), compare=False, repr=False)  # what each line was taken for

    def without(self, names: Set[str]) -> "Reading":
        """The reading without the fields `names`, whose lines become other words."""
        shown = {one.name: next(iter(one.labels.values())) for one in COMMON_FIELDS}
        filled = self.filled
        lines = (
            labelled_line(shown.get(n, n), w.replace("\n", "　")) for n, w in filled.written.items() if n in names and w
        )
        given = self.given - names
        return replace(
            self,
            filled=Filled(
                {n: v for n, v in filled.values.items() if n not in names},
                {n: w for n, w in filled.written.items() if n not in names},
            ),
            findings=tuple(finding for finding in self.findings if finding.field not in names),
            given=given,
            other_words=(*self.other_words, *lines),
            is_form=len(given) >= 2,
            marks=tuple(replace(mark, kind=LineKind.OTHER) if mark.name in names else mark for mark in self.marks),
        )


def labels_fit(
    text: str, fields: Sequence[Field], needed: Iterable[Set[str]], *, besides: Set[str], others: Sequence[Field] = ()
) -> bool:
    """Whether `text` has a label of each set in `needed`, more than `besides`, and none that only `others` have.

    Looks at labels only: for finding the procedure that a form is for, before the form is read.
    """
    names = field_names_of(fields)
    given = given_labels(text, names)
    if not (all(one & given for one in needed) and given - besides):
        return False
    scan = scan_lines(text, names)
    elsewhere = field_names_of(others)
    foreign = any(elsewhere.exact(label) is not None for label in scan.unknown_labels)
    return not foreign


def read_form(
    text: str, fields: Sequence[Field], *, known_code: str = "", today: date | None = None, signed: Signed | None = None
) -> Reading:
    """Read `text` as a form of `fields`.

    `known_code`: the 利用者コード of the application that is corrected, for a 識別番号 that is written without one.
    `today`: for dates without a year.  `signed`: which details of the contact count that stand where a signature does.
    Finding codes: those of `values` and `user_ids`, and given_twice, ambiguous_label, emails_differ.
    """
    scan = scan_lines(text, field_names_of(fields)).without_signature(signed or Signed())
    values, written, findings = _values(scan.entries, known_code, today)
    findings += _emails(values, written)
    return Reading(
        Filled(values, written),
        tuple(findings),
        scan.given,
        tuple(scan.nearly),
        scan.other_words,
        scan.under_heading,
        is_form=len(scan.given) >= 2,
        marks=tuple(scan.marks.values()),
    )


def _values(
    entries: Sequence[Entry], known_code: str, today: date | None
) -> tuple[dict[str, Value], dict[str, str], list[Finding]]:
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
            findings += _keep(one, entry.written, values, written, today)
    for name, collector in collectors.items():
        collector.finish()
        findings += collector.findings
        if collector.ids and not collector.findings:
            values[name] = tuple(collector.ids)
        elif not collector.findings:
            written[name] = ""  # nothing is ticked: blank, not unreadable
    return values, written, findings


def _joined(before: str, entry: Entry) -> str:
    """What is written for a list so far, with the line of `entry` unless that is blank."""
    if not entry.written:
        return before
    line = labelled_line(entry.label, entry.written)
    return f"{before}\n{line}" if before else line


def _add(one: Field, entry: Entry, values: dict[str, Value], written: dict[str, str]) -> list[Finding]:
    """Add the values of another line of a list to those of the lines before; one where nothing is ticked is blank."""
    text = entry.written
    before_it = written.get(one.name, "")
    written[one.name] = _joined(before_it, entry)
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
    if value == ():
        written[one.name] = before_it
    before = values.get(one.name, ())
    if isinstance(value, tuple) and isinstance(before, tuple) and (value or before):
        values[one.name] = tuple(dict.fromkeys((*before, *value)))
    return []


def _keep(
    one: Field, text: str, values: dict[str, Value], written: dict[str, str], today: date | None
) -> list[Finding]:
    """Read one value into `values`; the same field twice with different values is a finding."""
    if one.name in written and written[one.name] != text and text and written[one.name]:
        values.pop(one.name, None)
        return [Finding("given_twice", one.name, read=f"{written[one.name]} / {text}")]
    if not text:
        written.setdefault(one.name, "")
        return []
    written[one.name] = text
    value = read_value(one, text, today)
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
