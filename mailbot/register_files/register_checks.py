"""Rules that a register must keep as a whole, whatever kind of file it came in."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TypeVar

from mailbot.model.common_fields import contact_field
from mailbot.model.contract import EXAMPLE_OFFICE, EXAMPLE_USER_CODE, Office
from mailbot.model.people import REGISTERED_ADDRESS, Administrator, ApplicantContact, required_attributes
from mailbot.model.procedure import FieldKind
from mailbot.model.register import Register
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
        problems += [f"office {office.code}{text}" for text in _office_problems(office)]
    for reviewer in register.reviewers:
        if not REGISTERED_ADDRESS.fullmatch(reviewer.email):
            problems.append(f"reviewer {reviewer.name}: email: {reviewer.email!r} is not an address")
        if reviewer.deputy and not REGISTERED_ADDRESS.fullmatch(reviewer.deputy):
            problems.append(f"reviewer {reviewer.name}: deputy: {reviewer.deputy!r} is not an address")
        if reviewer.deputy and reviewer.deputy == reviewer.email:
            problems.append(f"reviewer {reviewer.name}: deputy: expected the address of another reviewer")
    return problems


def _office_problems(office: Office) -> list[str]:
    problems = []
    if not _OFFICE.fullmatch(office.code):
        problems.append(": code: expected 6 half-width letters and digits, as NAC001")
    if office.code == EXAMPLE_OFFICE:
        problems.append(": code: kept for the examples that are sent to applicants")
    if any(user_code.code == EXAMPLE_USER_CODE for user_code in office.user_codes):
        problems.append(f", user_code {EXAMPLE_USER_CODE}: kept for the examples that are sent to applicants")
    for who, person in _people(office):
        problems += [f", {who}: {text}" for text in _person_problems(person)]
    own = re.compile(re.escape(office.code) + "[0-9]{2}")
    problems += [
        f", mailbox {m.id}: expected {office.code} and 2 digits" for m in office.mailboxes if not own.fullmatch(m.id)
    ]
    problems += [f", user_code {code}: twice" for code in twice(u.code for u in office.user_codes)]
    for user_code in office.user_codes:
        if not _USER_CODE.fullmatch(user_code.code):
            problems.append(f", user_code {user_code.code}: expected 5 half-width letters and digits, as 1ANAC")
        problems += [f", user_code {user_code.code}, {n}: twice" for n in twice(i.number for i in user_code.user_ids)]
        problems += [
            f", user_code {user_code.code}, user_id {i.number}: expected 3 half-width letters and digits, as A0A"
            for i in user_code.user_ids
            if not _NUMBER.fullmatch(i.number)
        ]
        problems += [
            f", user_code {user_code.code}, user_id {i.number}: bonded_archive: needs paid_statistics as well (S4)"
            for i in user_code.user_ids
            if i.bonded_archive and not i.paid_statistics
        ]
    return problems


def _people(office: Office) -> Iterable[tuple[str, Administrator | ApplicantContact]]:
    yield "administrator", office.administrator
    for number, contact in enumerate(office.contacts, 1):
        yield f"contact {number}", contact


def _person_problems(person: Administrator | ApplicantContact) -> Iterable[str]:
    """What is wrong with a person's attributes, by the kind of field that each is."""
    required = required_attributes(type(person))
    for name, text in vars(person).items():
        match contact_field(name).kind:
            case FieldKind.EMAIL if (text or name in required) and not REGISTERED_ADDRESS.fullmatch(text):
                yield f"{name}: {text!r} is not an address"
            case FieldKind.PHONE if not _DIGITS.fullmatch(text):
                yield f"{text!r}: expected digits only"


def twice(values: Iterable[T]) -> list[T]:
    """The values that are there more than once, each once."""
    return [value for value, count in Counter(values).items() if count > 1]
