"""Rules that a register must keep as a whole, whatever kind of file it came in."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

from mailbot.model.common_fields import contact_field
from mailbot.model.contract import EXAMPLE_OFFICE, EXAMPLE_USER_CODE, Office, UserCode
from mailbot.model.people import REGISTERED_ADDRESS, Administrator, ApplicantContact, required_attributes
from mailbot.model.procedure import FieldKind
from mailbot.model.register import Register, RowKey, RowKind
from mailbot.model.register_doubts import damage_in_words
from mailbot.text import fold_address

_OFFICE = re.compile(r"[A-Z0-9]{6}")
_USER_CODE = re.compile(r"[A-Z0-9]{5}")
_NUMBER = re.compile(r"[A-Z0-9]{3}")
_DIGITS = re.compile(r"[0-9]*")
T = TypeVar("T", bound=Hashable)


def check_register(register: Register) -> list[str]:
    """Every problem in words, with its place; empty when there is none."""
    problems = [f"office {code}: twice in the file" for code in twice(o.code for o in register.offices)]
    problems += [f"reviewer {a}: twice in the file" for a in twice(fold_address(r.email) for r in register.reviewers)]
    problems += [f"mailbox {m}: twice in the file" for m in twice(m.id for o in register.offices for m in o.mailboxes)]
    for office in register.offices:
        problems += [f"{_row(key, register)}office {office.code}{text}" for key, text in _office_problems(office)]
    for reviewer in register.reviewers:
        if not REGISTERED_ADDRESS.fullmatch(reviewer.email):
            problems.append(f"reviewer {reviewer.name}: email: {reviewer.email!r} is not an address")
        if reviewer.deputy and not REGISTERED_ADDRESS.fullmatch(reviewer.deputy):
            problems.append(f"reviewer {reviewer.name}: deputy: {reviewer.deputy!r} is not an address")
        if reviewer.deputy and reviewer.deputy == reviewer.email:
            problems.append(f"reviewer {reviewer.name}: deputy: expected the address of another reviewer")
    return problems


def _row(key: RowKey, register: Register) -> str:
    line = register.lines.get(key, 0)
    return f"row {line}: " if line else ""


def _office_problems(office: Office) -> Iterator[tuple[RowKey, str]]:
    """The row, and what is wrong with it."""
    whole = RowKey(RowKind.OFFICE, office.code)
    if not _OFFICE.fullmatch(office.code):
        yield whole, f": code: expected 6 half-width letters and digits, as NAC001{_hint(office.code)}"
    if office.code == EXAMPLE_OFFICE:
        yield whole, ": code: kept for the examples that are sent to applicants"
    for key, who, person in _people(office):
        yield from ((key, f", {who}: {text}") for text in _person_problems(person))
    addresses = twice(fold_address(contact.email) for contact in office.contacts)
    yield from ((RowKey(RowKind.CONTACT, office.code, a), f", contact {a}: twice") for a in addresses)
    own = re.compile(re.escape(office.code) + "[0-9]{2}")
    for mailbox in office.mailboxes:
        if not own.fullmatch(mailbox.id):
            key = RowKey(RowKind.MAILBOX, office.code, mailbox.id)
            yield key, f", mailbox {mailbox.id}: expected {office.code} and 2 digits{_hint(mailbox.id)}"
    for code in twice(u.code for u in office.user_codes):
        yield RowKey(RowKind.USER_CODE, office.code, code), f", user_code {code}: twice"
    for user_code in office.user_codes:
        yield from _user_code_problems(office.code, user_code)


def _user_code_problems(office: str, user_code: UserCode) -> Iterator[tuple[RowKey, str]]:
    code, whole = user_code.code, RowKey(RowKind.USER_CODE, office, user_code.code)
    if code == EXAMPLE_USER_CODE:
        yield whole, f", user_code {code}: kept for the examples that are sent to applicants"
    if not _USER_CODE.fullmatch(code):
        yield whole, f", user_code {code}: expected 5 half-width letters and digits, as 1ANAC{_hint(code)}"
    yield from ((whole, f", user_code {code}, {n}: twice") for n in twice(i.number for i in user_code.user_ids))
    for one in user_code.user_ids:
        key, place = RowKey(RowKind.USER_ID, office, one.full), f", user_code {code}, user_id {one.number}"
        if not _NUMBER.fullmatch(one.number):
            yield key, f"{place}: expected 3 half-width letters and digits, as A0A{_hint(one.number)}"
        if one.bonded_archive and not one.paid_statistics:
            yield key, f"{place}: bonded_archive: needs paid_statistics as well (S4)"


def _hint(text: str) -> str:
    words = damage_in_words(text)
    if not words and text.isdigit():
        words = "has a leading 0 been lost? format the column as text"
    return f"; {words}" if words else ""


def _people(office: Office) -> Iterable[tuple[RowKey, str, Administrator | ApplicantContact]]:
    yield RowKey(RowKind.ADMINISTRATOR, office.code), "administrator", office.administrator
    for number, contact in enumerate(office.contacts, 1):
        yield RowKey(RowKind.CONTACT, office.code, fold_address(contact.email)), f"contact {number}", contact


def _person_problems(person: Administrator | ApplicantContact) -> Iterable[str]:
    """What is wrong with a person's attributes, by the kind of field that each is."""
    required = required_attributes(type(person))
    for name, text in vars(person).items():
        match contact_field(name).kind:
            case FieldKind.EMAIL if (text or name in required) and not REGISTERED_ADDRESS.fullmatch(text):
                yield f"{name}: {text!r} is not an address"
            case FieldKind.PHONE if not _DIGITS.fullmatch(text):
                yield f"{name}: {text!r}: expected digits only{_hint(text)}"


def twice(values: Iterable[T]) -> list[T]:
    """The values that are there more than once, each once."""
    return [value for value, count in Counter(values).items() if count > 1]
