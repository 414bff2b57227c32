"""The register as rows: each office, person, 利用者コード, ID, mailbox and reviewer with its columns as text.

Two registers are compared, changed and restored row by row.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any

from mailbot.model.contract import Mailbox, Office, UserCode, UserId
from mailbot.model.people import Administrator, ApplicantContact, Reviewer, attribute_names
from mailbot.model.register import Register, Row, RowKey, RowKind
from mailbot.text import fold_address

_NESTED = frozenset({"code", "number", "id", "administrator", "contacts", "user_codes", "user_ids", "mailboxes"})


def _columns(of: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(of) if one.name not in _NESTED)


COLUMNS: dict[RowKind, tuple[str, ...]] = {
    RowKind.OFFICE: _columns(Office),
    RowKind.ADMINISTRATOR: attribute_names(Administrator),
    RowKind.CONTACT: attribute_names(ApplicantContact),
    RowKind.USER_CODE: _columns(UserCode),
    RowKind.USER_ID: _columns(UserId),
    RowKind.MAILBOX: _columns(Mailbox),
    RowKind.REVIEWER: _columns(Reviewer),
}
DATES = ("start", "end")
MARKS = ("paid_statistics", "free_statistics", "bonded_archive")
LISTS = ("shared_with", "categories")
_MARKED = "true"


def text_of(value: object) -> str:
    """A column as text: dates as ISO 8601, lists separated by blanks, "true" or "" for a mark."""
    match value:
        case None | False:
            return ""
        case True:
            return _MARKED
        case date():
            return value.isoformat()
        case frozenset():
            return " ".join(sorted(value))
        case tuple() | list():
            return " ".join(value)
        case _:
            return str(value)


def value_of(column: str, text: str) -> Any:
    """The value of a column whose text is `text`: the reverse of `text_of`, lists as lists."""
    if column in DATES:
        return date.fromisoformat(text) if text else None
    if column in MARKS:
        return text == _MARKED
    return text.split() if column in LISTS else text


def row_of(kind: RowKind, values: Any) -> Row:
    """The row of an object that has the columns of `kind` as attributes."""
    return {name: text_of(getattr(values, name)) for name in COLUMNS[kind]}


def rows_of(register: Register) -> dict[RowKey, Row]:
    """Every row, those of an office after it."""
    rows = {key: row for office in register.offices for key, row in _rows_of_office(office)}
    for one in register.reviewers:
        rows[RowKey(RowKind.REVIEWER, "", fold_address(one.email))] = row_of(RowKind.REVIEWER, one)
    return rows


def _rows_of_office(office: Office) -> Iterator[tuple[RowKey, Row]]:
    yield RowKey(RowKind.OFFICE, office.code), row_of(RowKind.OFFICE, office)
    yield RowKey(RowKind.ADMINISTRATOR, office.code), row_of(RowKind.ADMINISTRATOR, office.administrator)
    for contact in office.contacts:
        key = RowKey(RowKind.CONTACT, office.code, fold_address(contact.email))
        yield key, row_of(RowKind.CONTACT, contact)
    for code in office.user_codes:
        yield RowKey(RowKind.USER_CODE, office.code, code.code), row_of(RowKind.USER_CODE, code)
        for one in code.user_ids:
            yield RowKey(RowKind.USER_ID, office.code, one.full), row_of(RowKind.USER_ID, one)
    for mailbox in office.mailboxes:
        yield RowKey(RowKind.MAILBOX, office.code, mailbox.id), row_of(RowKind.MAILBOX, mailbox)


def belongs_to(key: RowKey) -> RowKey | None:
    """The row without which this one cannot be: of an ID its 利用者コード, else the office; None for an office."""
    if key.kind in (RowKind.OFFICE, RowKind.REVIEWER):
        return None
    if key.kind is RowKind.USER_ID:
        return RowKey(RowKind.USER_CODE, key.office, key.name[:5])
    return RowKey(RowKind.OFFICE, key.office)
