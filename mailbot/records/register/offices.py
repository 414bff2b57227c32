"""The register: offices with their people and contracts, and the reviewers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from peewee import fn

from mailbot.model.contract import Office, UserCode
from mailbot.model.people import (
    ApplicantContact,
    Category,
    Reviewer,
    Role,
    with_deputies,
)
from mailbot.model.register import Register, Registration
from mailbot.records.database.prepared import Prepared
from mailbot.records.register import absences, used_numbers
from mailbot.records.register.office_rows import ID_COLUMNS, contact_of, offices_of
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

_BY_CODE = Prepared(lambda code: OfficeRow.select().where(OfficeRow.code == code))
_CONTACTS = Prepared(lambda key: ContactRow.select().where(ContactRow.key == key).order_by(ContactRow.id))
_OF_ADMINISTRATOR = Prepared(lambda key: OfficeRow.select().where(OfficeRow.admin_key == key).order_by(OfficeRow.code))
_OF_PERSON = Prepared(
    lambda key, codes: (
        OfficeRow.select().where((OfficeRow.admin_key == key) | OfficeRow.code.in_(codes)).order_by(OfficeRow.code)
    ),
    lists=("codes",),
)


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
        UserIdRow.create(user_code=row.id, **{name: getattr(one, name) for name in ID_COLUMNS})


def are_registered() -> bool:
    """Whether there is any office."""
    return bool(OfficeRow.select(OfficeRow.code).exists())


def load_register() -> Register:
    """Everything."""
    return Register(tuple(all_offices()), registered_reviewers())


def all_offices() -> list[Office]:
    """Every office, by its code."""
    return offices_of(OfficeRow.select().order_by(OfficeRow.code))


def office_codes() -> list[str]:
    """The codes of all offices, sorted."""
    rows: Any = OfficeRow.select(OfficeRow.code).order_by(OfficeRow.code).tuples()
    return [code for (code,) in rows]


def office(code: str) -> Office | None:
    """The office called `code` (folded), or None."""
    return remembered(("office", code), lambda: next(iter(offices_of(_BY_CODE.rows(code=code))), None))


def registrations(email: str) -> list[Registration]:
    """Every place an address has in the register, contacts before administrators."""
    key = fold_address(email)
    return list(remembered(("registrations", key), lambda: tuple(_registrations(key))))


def _registrations(key: str) -> Iterator[Registration]:
    contacts = _CONTACTS.rows(key=key)
    codes = [row.office_id for row in contacts]
    # An empty list in the condition would have the database read every office.
    rows = _OF_PERSON.rows(key=key, codes=codes) if codes else _OF_ADMINISTRATOR.rows(key=key)
    by_code = {office.code: office for office in offices_of(rows)}
    for row in contacts:
        yield Registration(by_code[row.office_id], Role.CONTACT, contact_of(row))
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
