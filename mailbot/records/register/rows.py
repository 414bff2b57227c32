"""The register row by row: reading many at once, and writing single ones.  See `model.register_rows`."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from peewee import chunked

from mailbot.model.people import Administrator, attribute_names
from mailbot.model.register import Row, RowKey, RowKind
from mailbot.model.register_rows import row_of, text_of, value_of
from mailbot.records.database.prepared import PreparedInsert
from mailbot.records.register import used_numbers
from mailbot.records.schema.register_tables import (
    ContactRow,
    MailboxRow,
    OfficeRow,
    ReviewerRow,
    UserCodeRow,
    UserIdRow,
)
from mailbot.text import fold_address

_AT_ONCE = 500


def read_rows(offices: Collection[str] | None = None) -> dict[RowKey, Row]:
    """Every row of the register, or those of some offices, and of all reviewers; those of an office together."""
    found: dict[str, list[tuple[RowKey, Row]]] = {}
    for some in [None] if offices is None else chunked(sorted(offices), _AT_ONCE):
        for key, row in _rows(some):
            found.setdefault(key.office, []).append((key, row))
    rows = {key: row for office in sorted(found) for key, row in found[office]}
    for one in ReviewerRow.select().order_by(ReviewerRow.key):
        rows[RowKey(RowKind.REVIEWER, "", one.key)] = row_of(RowKind.REVIEWER, one)
    return rows


def _rows(offices: Collection[str] | None) -> Iterator[tuple[RowKey, Row]]:
    for one in _of(OfficeRow, OfficeRow.code, offices).order_by(OfficeRow.code):
        yield RowKey(RowKind.OFFICE, one.code), row_of(RowKind.OFFICE, one)
        chief = {name: text_of(getattr(one, f"admin_{name}")) for name in attribute_names(Administrator)}
        yield RowKey(RowKind.ADMINISTRATOR, one.code), chief
    for one in _of(ContactRow, ContactRow.office, offices).order_by(ContactRow.id):
        yield RowKey(RowKind.CONTACT, one.office_id, one.key), row_of(RowKind.CONTACT, one)
    codes: dict[int, tuple[str, str]] = {}
    for one in _of(UserCodeRow, UserCodeRow.office, offices).order_by(UserCodeRow.id):
        codes[one.id] = (one.office_id, one.code)
        yield RowKey(RowKind.USER_CODE, one.office_id, one.code), row_of(RowKind.USER_CODE, one)
    ids = UserIdRow.select() if offices is None else UserIdRow.select().join(UserCodeRow)
    for one in _only(ids, UserCodeRow.office, offices).order_by(UserIdRow.id):
        office, code = codes[one.user_code_id]
        yield RowKey(RowKind.USER_ID, office, code + one.number), row_of(RowKind.USER_ID, one)
    for one in _of(MailboxRow, MailboxRow.office, offices).order_by(MailboxRow.id):
        yield RowKey(RowKind.MAILBOX, one.office_id, one.id), row_of(RowKind.MAILBOX, one)


def _of(table: Any, column: Any, offices: Collection[str] | None) -> Any:
    return _only(table.select(), column, offices)


def _only(query: Any, column: Any, offices: Collection[str] | None) -> Any:
    return query if offices is None else query.where(column.in_(list(offices)))


def remove_row(key: RowKey) -> None:
    """Delete a row with what belongs to it, in the caller's transaction; an administrator goes with the office."""
    match key.kind:
        case RowKind.OFFICE:
            OfficeRow.delete().where(OfficeRow.code == key.office).execute()
        case RowKind.CONTACT:
            ContactRow.delete().where(ContactRow.office == key.office, ContactRow.key == key.name).execute()
        case RowKind.USER_CODE:
            UserCodeRow.delete().where(UserCodeRow.office == key.office, UserCodeRow.code == key.name).execute()
        case RowKind.USER_ID:
            code = _user_code_id(key)
            UserIdRow.delete().where(UserIdRow.user_code == code, UserIdRow.number == key.name[5:]).execute()
        case RowKind.MAILBOX:
            MailboxRow.delete().where(MailboxRow.id == key.name).execute()
        case RowKind.REVIEWER:
            ReviewerRow.delete().where(ReviewerRow.key == key.name).execute()


def add_rows(added: Sequence[tuple[RowKey, Row]]) -> None:
    """Insert rows, in the caller's transaction, each after what it belongs to; a number is never assigned anew."""
    of_kind: dict[RowKind, list[tuple[RowKey, Row]]] = {kind: [] for kind in RowKind}
    for key, row in added:
        of_kind[key.kind].append((key, row))
    chiefs = {key.office: row for key, row in of_kind[RowKind.ADMINISTRATOR]}
    _insert(
        OfficeRow, ({"code": k.office, **_chief(chiefs[k.office]), **_values(r)} for k, r in of_kind[RowKind.OFFICE])
    )
    _insert(ContactRow, ({"office": k.office, "key": k.name, **_values(r)} for k, r in of_kind[RowKind.CONTACT]))
    _insert(UserCodeRow, ({"office": k.office, "code": k.name, **_values(r)} for k, r in of_kind[RowKind.USER_CODE]))
    ids = of_kind[RowKind.USER_ID]
    codes = _user_code_ids({key.office for key, _ in ids})
    _insert(
        UserIdRow,
        ({"user_code": codes[k.office, k.name[:5]], "number": k.name[5:], **_values(r)} for k, r in ids),
    )
    _insert(MailboxRow, ({"id": k.name, "office": k.office, **_values(r)} for k, r in of_kind[RowKind.MAILBOX]))
    _insert(ReviewerRow, ({"key": k.name, **_values(r)} for k, r in of_kind[RowKind.REVIEWER]))
    used_numbers.remember([(k.name[:5], k.name[5:]) for k, _ in ids])
    used_numbers.remember([(k.office, k.name.removeprefix(k.office)) for k, _ in of_kind[RowKind.MAILBOX]])


_INSERTS = {
    table: PreparedInsert(table) for table in (OfficeRow, ContactRow, UserCodeRow, UserIdRow, MailboxRow, ReviewerRow)
}


def _insert(table: Any, values: Iterable[dict[str, Any]]) -> None:
    _INSERTS[table].run(list(values))


def _chief(row: Row) -> dict[str, str]:
    return {f"admin_{name}": text for name, text in row.items()} | {"admin_key": fold_address(row["email"])}


def _user_code_ids(offices: Collection[str]) -> dict[tuple[str, str], int]:
    rows = (one for some in chunked(sorted(offices), _AT_ONCE) for one in _of(UserCodeRow, UserCodeRow.office, some))
    return {(one.office_id, one.code): one.id for one in rows}


def change_row(key: RowKey, row: Row) -> None:
    """Give a row other columns, in the caller's transaction."""
    values = _values(row)
    match key.kind:
        case RowKind.OFFICE:
            OfficeRow.update(values).where(OfficeRow.code == key.office).execute()
        case RowKind.ADMINISTRATOR:
            OfficeRow.update(_chief(row)).where(OfficeRow.code == key.office).execute()
        case RowKind.CONTACT:
            ContactRow.update(values).where(ContactRow.office == key.office, ContactRow.key == key.name).execute()
        case RowKind.USER_CODE:
            UserCodeRow.update(values).where(UserCodeRow.office == key.office, UserCodeRow.code == key.name).execute()
        case RowKind.USER_ID:
            code = _user_code_id(key)
            UserIdRow.update(values).where(UserIdRow.user_code == code, UserIdRow.number == key.name[5:]).execute()
        case RowKind.MAILBOX:
            MailboxRow.update(values).where(MailboxRow.id == key.name).execute()
        case RowKind.REVIEWER:
            ReviewerRow.update(values).where(ReviewerRow.key == key.name).execute()


def _user_code_id(key: RowKey) -> int:
    rows: Any = UserCodeRow.select(UserCodeRow.id)
    return int(rows.where(UserCodeRow.office == key.office, UserCodeRow.code == key.name[:5]).scalar())


def _values(row: Row) -> dict[str, Any]:
    return {name: value_of(name, text) for name, text in row.items()}


def is_empty() -> bool:
    """Whether the register has neither an office nor a reviewer."""
    return not OfficeRow.select().exists() and not ReviewerRow.select().exists()
