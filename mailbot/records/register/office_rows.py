"""Offices from the rows of the register, with what belongs to them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from peewee import chunked

from mailbot.model.contract import Mailbox, Office, UserCode, UserId
from mailbot.model.people import Administrator, ApplicantContact, Charset, Language, attribute_names
from mailbot.records.database.prepared import LONGEST_LIST, Prepared
from mailbot.records.schema.register_tables import ContactRow, MailboxRow, UserCodeRow, UserIdRow

ID_COLUMNS = tuple(field.name for field in fields(UserId) if field.name != "code")
_CONTACTS, _USER_CODES, _MAILBOXES = (
    Prepared(
        lambda codes, table=table: table.select().where(table.office.in_(codes)).order_by(table.id),
        lists=("codes",),
        names=("codes",),
    )
    for table in (ContactRow, UserCodeRow, MailboxRow)
)
_IDS = Prepared(
    lambda codes: UserIdRow.select().join(UserCodeRow).where(UserCodeRow.office.in_(codes)).order_by(UserIdRow.id),
    lists=("codes",),
)


def contact_of(row: Any) -> ApplicantContact:
    """The contact of a row of `contact`."""
    return ApplicantContact(**{name: getattr(row, name) for name in attribute_names(ApplicantContact)})


def _administrator(row: Any) -> Administrator:
    return Administrator(**{name: getattr(row, f"admin_{name}") for name in attribute_names(Administrator)})


def offices_of(rows: Iterable[Any]) -> list[Office]:
    """The offices of rows of `office`, in their order; what belongs to them is read for many at once."""
    return [one for some in chunked(rows, LONGEST_LIST) for one in _read_offices(some)]


def _read_offices(rows: list[Any]) -> Iterator[Office]:
    codes = [row.code for row in rows]
    contacts, user_codes, mailboxes = (
        _by_office(one.rows(codes=codes)) for one in (_CONTACTS, _USER_CODES, _MAILBOXES)
    )
    ids = defaultdict[int, list[Any]](list)
    for one in _IDS.rows(codes=codes):
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
        contacts=tuple(map(contact_of, contacts)),
        user_codes=user_codes,
        mailboxes=tuple(Mailbox(m.id, m.kind) for m in mailboxes),
    )


def _user_code(row: Any, rows: Sequence[Any]) -> UserCode:
    ids = tuple(UserId(row.code, **{name: getattr(i, name) for name in ID_COLUMNS}) for i in rows)
    return UserCode(row.code, row.business, row.division, row.responsible, tuple(row.shared_with), ids)
