"""The register: offices with their people and contracts, and the reviewers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from peewee import chunked, fn

from mailbot.model.contract import Mailbox, Office, UserCode, UserId
from mailbot.model.people import (
    Administrator,
    ApplicantContact,
    Category,
    Charset,
    Language,
    Reviewer,
    Role,
    attribute_names,
    with_deputies,
)
from mailbot.model.register import Register, Registration
from mailbot.records.database.prepared import LONGEST_LIST
from mailbot.records.register import absences, used_numbers
from mailbot.records.register.remembered import remembered
from mailbot.records.schema.register_tables import (
    ContactRow,
    MailboxRow,
    OfficeRow,
    ReviewerRow,
    UserCodeRow,
    UserIdRow,
)
from mailbot.text import fold_address

_ID_COLUMNS = tuple(field.name for field in fields(UserId) if field.name != "code")


def replace_register(register: Register, *, prune: bool = False) -> None:
    """Write every office and reviewer of `register` as a whole, in the caller's transaction: for a new store.

    Those it does not name stay, unless `prune`.  A file is imported by `desk.operations.register_apply` instead.
    """
    for office in register.offices:
        _write_office(office)
    for reviewer in register.reviewers:
        key = fold_address(reviewer.email)
        ReviewerRow.delete().where(ReviewerRow.key == key).execute()
        ReviewerRow.create(
            key=key,
            email=reviewer.email,
            name=reviewer.name,
            categories=sorted(category.value for category in reviewer.categories),
            deputy=reviewer.deputy,
        )
    if prune:
        _prune(OfficeRow.code, {office.code for office in register.offices})
        _prune(ReviewerRow.key, {fold_address(reviewer.email) for reviewer in register.reviewers})


def _prune(key: Any, named: set[str]) -> None:
    """Row by row: a register may hold more keys than one statement takes values."""
    kept = {row[0] for row in key.model.select(key).tuples()}
    for gone in kept - named:
        key.model.delete().where(key == gone).execute()


def _write_office(office: Office) -> None:
    before: Any = OfficeRow.get_or_none(OfficeRow.code == office.code)
    kept_hash = before.password_hash if before is not None else ""  # an office without a password changes none
    OfficeRow.delete().where(OfficeRow.code == office.code).execute()  # takes what belongs to it along
    chief = office.administrator
    OfficeRow.create(
        code=office.code,
        company=office.company,
        company_en=office.company_en,
        name=office.name,
        name_en=office.name_en,
        address=office.address,
        customs=office.customs,
        division=office.division,
        billing_code=office.billing_code,
        language=office.language.value,
        charset=office.charset.value,
        password_hash=office.password_hash or kept_hash,
        admin_key=fold_address(chief.email),
        **{f"admin_{name}": text for name, text in vars(chief).items()},
    )
    for contact in office.contacts:
        add_contact(office.code, contact)
    _write_contract(office)


def add_contact(office_code: str, contact: ApplicantContact, at: datetime | None = None) -> None:
    """One more 申込担当者 of an office, in the caller's transaction.  `at`: when the desk registers it, not a file."""
    ContactRow.create(office=office_code, key=fold_address(contact.email), registered_at=at, **vars(contact))


def set_password_hash(office_code: str, password_hash: str, at: datetime) -> None:
    """A new 事業所パスワード (argon2id), in the caller's transaction."""
    changed = OfficeRow.update(password_hash=password_hash, password_changed_at=at)
    changed.where(OfficeRow.code == office_code).execute()


def change_contract(office: Office, at: datetime) -> None:
    """Write the office's codes, IDs and mailboxes as `office` has them; its people stay as they are."""
    OfficeRow.update(contract_changed_at=at).where(OfficeRow.code == office.code).execute()
    UserCodeRow.delete().where(UserCodeRow.office == office.code).execute()
    MailboxRow.delete().where(MailboxRow.office == office.code).execute()
    _write_contract(office)


def _write_contract(office: Office) -> None:
    for mailbox in office.mailboxes:
        MailboxRow.create(id=mailbox.id, office=office.code, kind=mailbox.kind)
    for user_code in office.user_codes:
        _write_user_code(office.code, user_code)
    used_numbers.remember(
        [(u.code, i.number) for u in office.user_codes for i in u.user_ids]
        + [(office.code, m.id.removeprefix(office.code)) for m in office.mailboxes]
    )


def _write_user_code(office: str, user_code: UserCode) -> None:
    row = UserCodeRow.create(
        office=office,
        code=user_code.code,
        business=user_code.business,
        division=user_code.division,
        responsible=user_code.responsible,
        shared_with=list(user_code.shared_with),
    )
    for one in user_code.user_ids:
        UserIdRow.create(user_code=row.id, **{name: getattr(one, name) for name in _ID_COLUMNS})


def are_registered() -> bool:
    """Whether there is any office."""
    return bool(OfficeRow.select(OfficeRow.code).exists())


def load_register() -> Register:
    """Everything."""
    return Register(tuple(all_offices()), registered_reviewers())


def all_offices() -> list[Office]:
    """Every office, by its code."""
    return _offices(OfficeRow.select().order_by(OfficeRow.code))


def office(code: str) -> Office | None:
    """The office called `code` (folded), or None."""
    return remembered(
        ("office", code), lambda: next(iter(_offices(OfficeRow.select().where(OfficeRow.code == code))), None)
    )


def registrations(email: str) -> list[Registration]:
    """Every place an address has in the register, contacts before administrators."""
    key = fold_address(email)
    return list(remembered(("registrations", key), lambda: tuple(_registrations(key))))


def _registrations(key: str) -> Iterator[Registration]:
    contacts: Any = list(ContactRow.select().where(ContactRow.key == key).order_by(ContactRow.id))
    mine: Any = OfficeRow.admin_key == key
    if contacts:  # an empty list in the condition would have the database read every office
        mine |= OfficeRow.code.in_([row.office_id for row in contacts])
    by_code = {office.code: office for office in _offices(OfficeRow.select().where(mine).order_by(OfficeRow.code))}
    for row in contacts:
        yield Registration(by_code[row.office_id], Role.CONTACT, _contact(row))
    for office in by_code.values():
        if office.code not in {row.office_id for row in contacts}:
            yield Registration(office, Role.ADMINISTRATOR, office.administrator.as_contact())


def registered_address(email: str) -> str:
    """`email` (folded) as the register spells it: mailbox names are compared without case.

    An exact match comes first; what is not registered, or ambiguous without case, stays as it is.
    """
    return remembered(("spelled", email), lambda: _registered_address(email))


def _registered_address(email: str) -> str:
    if registrations(email) or email in {fold_address(one.email) for one in registered_reviewers()}:
        return email
    keys = {row.key for row in ContactRow.select(ContactRow.key).where(fn.LOWER(ContactRow.key) == email.lower())}
    keys |= {row.key for row in ReviewerRow.select(ReviewerRow.key).where(fn.LOWER(ReviewerRow.key) == email.lower())}
    admins = OfficeRow.select(OfficeRow.admin_key).where(fn.LOWER(OfficeRow.admin_key) == email.lower())
    keys |= {row.admin_key for row in admins}
    return keys.pop() if len(keys) == 1 else email


def reviewer(email: str) -> Reviewer | None:
    """The reviewer with an address, or None."""
    key = fold_address(email)
    return next((one for one in all_reviewers() if fold_address(one.email) == key), None)


def all_reviewers() -> list[Reviewer]:
    """Every reviewer, by address; a deputy has the categories of those who are away as well."""
    return with_deputies(registered_reviewers(), absences.absent())


def registered_reviewers() -> tuple[Reviewer, ...]:
    """Every reviewer, by address, as the register has them."""
    return remembered("reviewers", lambda: tuple(map(_reviewer, ReviewerRow.select().order_by(ReviewerRow.key))))


def reviewers(category: Category) -> list[Reviewer]:
    """The reviewers of a category, by address."""
    return [one for one in all_reviewers() if category in one.categories]


def _reviewer(row: Any) -> Reviewer:
    categories = frozenset(Category(letter) for letter in row.categories)
    return Reviewer(name=row.name, email=row.email, categories=categories, deputy=row.deputy)


def _contact(row: Any) -> ApplicantContact:
    return ApplicantContact(**{name: getattr(row, name) for name in attribute_names(ApplicantContact)})


def _administrator(row: Any) -> Administrator:
    return Administrator(**{name: getattr(row, f"admin_{name}") for name in attribute_names(Administrator)})


def _offices(rows: Iterable[Any]) -> list[Office]:
    """The offices of rows of `office`, in their order; what belongs to them is read for many at once."""
    return [one for some in chunked(rows, LONGEST_LIST) for one in _read_offices(some)]


def _read_offices(rows: list[Any]) -> Iterator[Office]:
    codes = [row.code for row in rows]
    contacts = _by_office(ContactRow.select().where(ContactRow.office.in_(codes)).order_by(ContactRow.id))
    user_codes = _by_office(UserCodeRow.select().where(UserCodeRow.office.in_(codes)).order_by(UserCodeRow.id))
    mailboxes = _by_office(MailboxRow.select().where(MailboxRow.office.in_(codes)).order_by(MailboxRow.id))
    ids = defaultdict[int, list[Any]](list)
    found: Any = UserIdRow.select().join(UserCodeRow).where(UserCodeRow.office.in_(codes)).order_by(UserIdRow.id)
    for one in found:
        ids[one.user_code_id].append(one)
    for row in rows:
        its_codes = tuple(_user_code(one, ids[one.id]) for one in user_codes[row.code])
        yield _office(row, contacts[row.code], its_codes, mailboxes[row.code])


def _by_office(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found = defaultdict[str, list[Any]](list)
    for row in rows:
        found[row.office_id].append(row)
    return found


def _office(row: Any, contacts: Iterable[Any], user_codes: tuple[UserCode, ...], mailboxes: Iterable[Any]) -> Office:
    return Office(
        code=row.code,
        company=row.company,
        name=row.name,
        administrator=_administrator(row),
        company_en=row.company_en,
        name_en=row.name_en,
        address=row.address,
        customs=row.customs,
        division=row.division,
        billing_code=row.billing_code,
        language=Language(row.language),
        charset=Charset(row.charset),
        password_hash=row.password_hash,
        contacts=tuple(map(_contact, contacts)),
        user_codes=user_codes,
        mailboxes=tuple(Mailbox(m.id, m.kind) for m in mailboxes),
    )


def _user_code(row: Any, rows: Sequence[Any]) -> UserCode:
    ids = tuple(UserId(row.code, **{name: getattr(i, name) for name in _ID_COLUMNS}) for i in rows)
    return UserCode(row.code, row.business, row.division, row.responsible, tuple(row.shared_with), ids)
