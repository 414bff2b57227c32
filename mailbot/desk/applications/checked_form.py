"""A mail's form merged with the earlier content of the application, and checked: the result, and all findings."""

from collections.abc import Container, Iterable, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailbot.clock import tokyo_date
from mailbot.desk.cases.circumstances import circumstances
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.form import RequestForm
from mailbot.desk.incoming.request import Request, Sender
from mailbot.forms.read import Reading, read_form
from mailbot.lines import labelled_line
from mailbot.model.application import Application
from mailbot.model.common_fields import COMMON_FIELDS, check_fields, contact_of, contact_values
from mailbot.model.contract import Office
from mailbot.model.lifecycle import State
from mailbot.model.people import ApplicantContact, Language
from mailbot.model.procedure import (
    ALL,
    OTHER_WORDS,
    Circumstances,
    Field,
    FieldKind,
    Filled,
    Finding,
    Procedure,
    Severity,
    Ticks,
    Value,
)
from mailbot.records.applications import application_store
from mailbot.records.register import offices
from mailbot.text import fold_address, unseen_characters

_AGAIN = "contact_email_again"
MOST_OTHER_LINES = 200  # of all mails about one application


@dataclass(frozen=True)
class CheckedForm:
    """A form that was read and checked, once: what follows uses these findings and circumstances."""

    procedure: Procedure
    office: Office  # whose application it is; the sender's own when the form names none or a wrong one
    filled: Filled
    contact: ApplicantContact
    findings: tuple[Finding, ...]
    unknown_lines: tuple[str, ...]
    circumstances: Circumstances  # that the findings were made under

    @property
    def complete(self) -> bool:
        """Nothing is missing or wrong, and every line was understood."""
        return not self.unknown_lines and all(f.severity is not Severity.PROBLEM for f in self.findings)

    @property
    def subjects(self) -> tuple[str, ...]:
        """What of the contract the form is about: by this, applications are compared with each other."""
        return self.procedure.subjects(self.filled)


def check_form(
    request: Request,
    form: RequestForm,
    procedure: Procedure,
    base: Application | None,
    now: datetime,
    context: DeskContext,
) -> CheckedForm:
    """`form` merged with `base` (the application it corrects, or None for a new one) and checked."""
    before = (base.pending or base.revision.filled) if base is not None else Filled()
    fields = COMMON_FIELDS + procedure.fields
    filled = _over(before, form.reading, fields)
    office, findings = _office(filled, base, request.sender)
    filled = _mailboxes_apart(filled, form.reading.given, procedure, office)
    filled = _completed(filled, procedure, office, request.sender)
    findings = [*findings, *request.attached_problems, *form.reading.findings]
    findings += _kept_unreadable(filled, fields, {finding.field for finding in findings}, now)
    unreadable = {finding.field for finding in findings}
    findings += check_fields(COMMON_FIELDS, filled, unreadable | {"office"})
    findings += check_fields(procedure.fields, filled, unreadable)
    findings += _registered_address(filled, office, unreadable)
    findings += _lost(filled, unreadable)
    if base is None or base.state is State.DRAFT:
        findings += _twice(procedure, filled, office, base)
    known = circumstances(procedure, filled, office, base, now, context)
    findings += procedure.check(filled, known)
    findings = [_with_example(finding, fields, known) for finding in findings]
    contact = _reachable(contact_of(filled), office, request.sender)
    return CheckedForm(procedure, office, filled, contact, tuple(findings), form.reading.unknown_lines, known)


def _over(before: Filled, reading: Reading, fields: Iterable[Field]) -> Filled:
    """What was given now replaces what was there, blank ones too; what was not mentioned stays."""
    kept = {n: v for n, v in before.values.items() if n not in reading.given}
    written = {n: w for n, w in before.written.items() if n not in reading.given}
    if "contact_email" in reading.given:
        kept.pop(_AGAIN, None)
        written.pop(_AGAIN, None)
    values = {**kept, **reading.filled.values}
    written.update(reading.filled.written)
    if other := dict.fromkeys((*before.other_words, *reading.other_words)):
        written[OTHER_WORDS] = "\n".join(list(other)[:MOST_OTHER_LINES])
    for field in fields:
        if field.kind is FieldKind.COUNTS and field.name in reading.given:
            values.update(_counts_over(field.name, before, reading.filled))
            if values.get(field.name) == ():
                written[field.name] = ""  # zeros only: nothing was asked for
    return Filled(values, written)


def _counts_over(name: str, before: Filled, given: Filled) -> dict[str, Value]:
    """Only the choices that were mentioned change; none is left at zero."""
    if given.written.get(name) and name not in given.values:
        return {}  # unreadable: asked about
    counts = {**before.counts(name), **given.counts(name)}
    return {name: tuple(f"{choice}={number}" for choice, number in counts.items() if number)}


def _office(filled: Filled, base: Application | None, sender: Sender) -> tuple[Office, list[Finding]]:
    """The office the form names, if it is one of the sender's; an unknown one and a foreign one get the same words."""
    named = filled.text("office")
    if base is not None and base.state is not State.DRAFT:
        office = offices.office(base.office)
        if office is not None:
            wrong = [Finding("office_fixed", "office", read=named)] if named not in ("", office.code) else []
            return office, wrong
    own = sender.registrations[0].office
    if not named:
        alone = len({r.office.code for r in sender.registrations}) == 1
        return own, [] if alone else [Finding("office_needed", "office")]
    place = sender.registration_at(named)
    if place is not None:
        return place.office, []
    return own, [Finding("unknown_office", "office", read=filled.written.get("office", named))]


def _completed(filled: Filled, procedure: Procedure, office: Office, sender: Sender) -> Filled:
    """Blank details of the contact come from the register, blank choices from their defaults."""
    values: dict[str, Value] = {f.name: f.default for f in procedure.fields if f.default is not None}
    values.update(_registered_contact(filled, office, sender))
    values["office"] = office.code
    given = {name: value for name, value in filled.values.items() if value not in ("", ())}
    given.update(_all_ticked(procedure, filled))
    # An unreadable entry must not be covered up by what the register says.
    unreadable = {name for name, text in filled.written.items() if text and name not in filled.values}
    values = {name: value for name, value in values.items() if name not in unreadable}
    return Filled({**values, **given}, filled.written)


def _mailboxes_apart(filled: Filled, given: Set[str], procedure: Procedure, office: Office) -> Filled:
    """The form with each メールボックスID that was written as a 利用者ID (`対象ID：NAC00101`) in its own field.

    That is what is a registered mailbox and no registered 利用者ID.  `given`: the fields of this mail.
    """
    ids = next((f for f in procedure.fields if f.kind is FieldKind.USER_IDS), None)
    boxes = next((f for f in procedure.fields if f.ticks is Ticks.MAILBOXES), None)
    if ids is None or boxes is None or ids.name not in given or filled.is_unreadable(boxes.name):
        return filled
    moved = [one for one in filled.codes(ids.name) if office.mailbox(one) and not office.user_id(one)]
    if not moved:
        return filled
    left = tuple(one for one in filled.codes(ids.name) if one not in moved)
    written = dict(filled.written) if left else {**filled.written, ids.name: ""}
    others = filled.codes(boxes.name) if boxes.name in given else ()
    both = tuple(dict.fromkeys((*others, *moved)))
    return Filled({**filled.values, ids.name: left, boxes.name: both}, written)


def _all_ticked(procedure: Procedure, filled: Filled) -> dict[str, Value]:
    """利用者コードの廃止：[x] means every 利用者コード whose IDs the form names."""
    ids = (code for f in procedure.fields if f.kind is FieldKind.USER_IDS for code in filled.codes(f.name))
    codes = tuple(dict.fromkeys(full[:5] for full in ids))
    ticked = (f.name for f in procedure.fields if f.ticks is Ticks.USER_CODES and filled.values.get(f.name) == ALL)
    return {name: codes for name in ticked if codes}


def _registered_contact(filled: Filled, office: Office, sender: Sender) -> dict[str, str]:
    """The registered details of the person named by the form's address, else of the sender."""
    address = fold_address(filled.text("contact_email")) or sender.address
    person = next((p for p in people_of(office) if fold_address(p.email) == address), None)
    if person is None:
        return {}
    return dict(contact_values(person))


def people_of(office: Office) -> tuple[ApplicantContact, ...]:
    """Everybody who may apply for an office: its contacts, and its 管理責任者."""
    return (*office.contacts, office.administrator.as_contact())


def _registered_address(filled: Filled, office: Office, unreadable: Iterable[str]) -> list[Finding]:
    address = filled.text("contact_email")
    if not address or "contact_email" in unreadable or is_registered(address, office):
        return []
    return [Finding("email_not_registered", "contact_email", read=address)]


def _with_example(finding: Finding, fields: Iterable[Field], known: Circumstances) -> Finding:
    """What a finding shows besides: the characters that nobody sees, and for a date a day that is possible now."""
    params = dict(finding.params)
    if unseen := unseen_characters(finding.read):
        params["unseen"] = "、".join(unseen)
    if any(field.name == finding.field and field.kind is FieldKind.DATE for field in fields):
        first = known.start_days.confirmed(known.day + timedelta(days=1), known.day).isoformat()
        params["example"] = first
        if finding.params.get("earliest"):
            return replace(finding, suggestion=first, params=params)
    return replace(finding, params=params) if params != finding.params else finding


def _kept_unreadable(filled: Filled, fields: Iterable[Field], found: Container[str], now: datetime) -> list[Finding]:
    """An entry of an earlier mail that could not be read is not forgotten because a later one does not mention it."""
    kept = [field for field in fields if field.name not in found and filled.is_unreadable(field.name)]
    findings: list[Finding] = []
    for field in kept:
        line = labelled_line(field.label(Language.JA), filled.written[field.name])
        again = read_form(line, (field,), today=tokyo_date(now))
        findings += [finding for finding in again.findings if finding.field == field.name]
    return findings


def _lost(filled: Filled, unreadable: Iterable[str]) -> list[Finding]:
    """A character that could not be decoded must not get into the register: what was meant is asked."""
    skip = set(unreadable)
    return [
        Finding("lost_characters", name, read=text)
        for name, text in filled.written.items()
        if "\ufffd" in text and name not in skip and name != OTHER_WORDS
    ]


def _twice(procedure: Procedure, filled: Filled, office: Office, base: Application | None) -> list[Finding]:
    """The same application in another mail while one is open: it is asked about, not received twice."""
    names = [field.name for field in procedure.fields]
    content = {name: filled.values.get(name) for name in names if filled.values.get(name)}
    for other in application_store.open_of(office.code, procedure.name):
        before = other.revision.filled.values
        if (base is None or other.id != base.id) and content == {n: before[n] for n in names if before.get(n)}:
            receipt = str(other.receipt or "")
            return [Finding("same_application", "remarks", read=receipt, params={"receipts": receipt})]
    return []


def _reachable(contact: ApplicantContact, office: Office, sender: Sender) -> ApplicantContact:
    """Notices carry reply tokens, so they go to registered addresses only, whatever a form says (T-29)."""
    return contact if is_registered(contact.email, office) else replace(contact, email=sender.address)


def is_registered(address: str, office: Office) -> bool:
    """Whether `address` belongs to somebody who may apply for `office`."""
    return any(fold_address(p.email) == fold_address(address) for p in people_of(office))
