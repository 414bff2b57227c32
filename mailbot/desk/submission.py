"""A mail's form, read onto what is known already and checked: what it says in the end, and all that is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.request import Request, Sender
from mailbot.desk.tools import Tools
from mailbot.forms.read import Reading, read_form
from mailbot.model.application import Application
from mailbot.model.common_fields import COMMON_FIELDS, CONTACT_FIELDS, check_fields, contact_of, contact_values
from mailbot.model.contract import Office
from mailbot.model.lifecycle import State
from mailbot.model.people import ApplicantContact
from mailbot.model.procedure import Circumstances, Field, Filled, Finding, Procedure, Severity, Value
from mailbot.records import applications, contracts
from mailbot.text import fold_address

_CONTACT_NAMES = frozenset(field.name for field in CONTACT_FIELDS)
_AGAIN = "contact_email_again"


@dataclass(frozen=True)
class Submission:
    """A form that was read and checked."""

    procedure: Procedure
    office: Office  # whose application it is; the sender's own when the form names none or a wrong one
    filled: Filled
    contact: ApplicantContact
    findings: tuple[Finding, ...]
    unknown_lines: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Nothing is missing or wrong, and no line was left that nobody understood."""
        return not self.unknown_lines and all(f.severity is not Severity.PROBLEM for f in self.findings)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The codes of the contract that the form names: what other applications are compared by."""
        return subjects_of(self.procedure, self.filled)


def subjects_of(procedure: Procedure, filled: Filled) -> tuple[str, ...]:
    """Every code that the content fields name, in the order of the form."""
    return tuple(code for field in procedure.fields for code in filled.codes(field.name))


def read_submission(
    request: Request, procedure: Procedure, base: Application | None, now: datetime, tools: Tools
) -> Submission:
    """The form of `request` laid over `base` (the application it corrects, or None for a new one) and checked."""
    before = (base.pending or base.revision.filled) if base is not None else Filled()
    fields = COMMON_FIELDS + procedure.fields
    reading = _read(request, fields, before)
    filled = _over(before, reading)
    office, findings = _office(filled, base, request.sender)
    filled = _completed(filled, procedure, office, request.sender)
    findings = [*findings, *reading.findings]
    unreadable = {finding.field for finding in findings}
    findings += check_fields(COMMON_FIELDS, filled, unreadable | {"office"})
    findings += check_fields(procedure.fields, filled, unreadable)
    findings += _registered_address(filled, office, unreadable)
    findings += procedure.check(filled, circumstances(procedure, filled, office, base, now))
    contact = _reachable(contact_of(filled), office, request.sender)
    return Submission(procedure, office, filled, contact, tuple(findings), reading.unknown_lines)


def circumstances(
    procedure: Procedure, filled: Filled, office: Office, application: Application | None, now: datetime
) -> Circumstances:
    """What the rules may know: the contract, today in Tokyo, and the other open applications for the same codes."""
    open_elsewhere = applications.open_naming(
        procedure.name,
        office.code,
        subjects_of(procedure, filled),
        except_id=application.id if application is not None else None,
    )
    return Circumstances(office, tokyo_date(now), open_elsewhere)


def _read(request: Request, fields: tuple[Field, ...], before: Filled) -> Reading:
    """The new text, and behind it the lines that were changed inside a quoted form."""
    codes = {code[:5] for field in fields for code in before.codes(field.name)}
    return read_form(request.form_text, fields, known_code=codes.pop() if len(codes) == 1 else "")


def _over(before: Filled, reading: Reading) -> Filled:
    """What was given now replaces what was there, blank ones too; what was not mentioned stays."""
    kept = {n: v for n, v in before.values.items() if n not in reading.given}
    written = {n: w for n, w in before.written.items() if n not in reading.given}
    if "contact_email" in reading.given:
        kept.pop(_AGAIN, None)
        written.pop(_AGAIN, None)
    return Filled({**kept, **reading.filled.values}, {**written, **reading.filled.written})


def _office(filled: Filled, base: Application | None, sender: Sender) -> tuple[Office, list[Finding]]:
    """The office the form names, if it is one of the sender's; an unknown one and a foreign one get the same words."""
    named = filled.text("office")
    if base is not None and base.state is not State.DRAFT:
        office = contracts.office(base.office)
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
    # An unreadable entry must not be covered up by what the register says.
    unreadable = {name for name, text in filled.written.items() if text and name not in filled.values}
    values = {name: value for name, value in values.items() if name not in unreadable}
    return Filled({**values, **given}, filled.written)


def _registered_contact(filled: Filled, office: Office, sender: Sender) -> dict[str, str]:
    """The registered details of the person named by the form's address, else of the sender."""
    address = fold_address(filled.text("contact_email")) or sender.address
    person = next((p for p in people_of(office) if fold_address(p.email) == address), None)
    if person is None:
        return {}
    return dict(contact_values(person))


def people_of(office: Office) -> tuple[ApplicantContact, ...]:
    """Everybody who may apply for an office: its contacts, and its 管理責任者."""
    chief = office.administrator
    return (*office.contacts, ApplicantContact(chief.name, chief.kana, phone=chief.phone, email=chief.email))


def _registered_address(filled: Filled, office: Office, unreadable: Iterable[str]) -> list[Finding]:
    address = filled.text("contact_email")
    if not address or "contact_email" in unreadable or is_registered(address, office):
        return []
    return [Finding("email_not_registered", "contact_email", read=address)]


def _reachable(contact: ApplicantContact, office: Office, sender: Sender) -> ApplicantContact:
    """Notices carry reply tokens, so they go to registered addresses only, whatever a form says (T-29)."""
    return contact if is_registered(contact.email, office) else replace(contact, email=sender.address)


def is_registered(address: str, office: Office) -> bool:
    """Whether `address` belongs to somebody who may apply for `office`."""
    return any(fold_address(p.email) == fold_address(address) for p in people_of(office))
