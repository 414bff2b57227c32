"""Which rows of the register the desk itself has changed since a time, and which an import has."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mailbot.model.effects import AbolishMailbox, AbolishUserCode, AbolishUserId, AddMailbox, AddUserId, Effect
from mailbot.model.register import RowKey, RowKind
from mailbot.records.applications import effects
from mailbot.records.schema.application_tables import ApplicationRow
from mailbot.records.schema.import_tables import RegisterChangeRow, RegisterImportRow
from mailbot.records.schema.register_tables import ContactRow, OfficeRow


def changed_by_desk(since: datetime | None) -> frozenset[RowKey]:
    """The rows that the desk has changed after `since`, None for ever: new contacts, and by approved applications."""
    contacts: Any = ContactRow.select().where(_after(ContactRow.registered_at, since))
    found = {RowKey(RowKind.CONTACT, one.office_id, one.key) for one in contacts}
    offices: Any = OfficeRow.select(OfficeRow.code).where(_after(OfficeRow.contract_changed_at, since))
    for office in [one.code for one in offices]:
        rows: Any = ApplicationRow.select(ApplicationRow.id).where(
            ApplicationRow.office == office, _after(ApplicationRow.in_effect_at, since)
        )
        found |= {key for one in rows for effect in effects.effects_of(one.id) for key in _keys(office, effect)}
    return frozenset(found)


def passwords_changed(since: datetime) -> frozenset[str]:
    """The codes of the offices that have changed their 事業所パスワード after `since`."""
    rows: Any = OfficeRow.select(OfficeRow.code).where(_after(OfficeRow.password_changed_at, since))
    return frozenset(one.code for one in rows)


def changed_by_import(last: int | None, since: datetime) -> dict[RowKey, tuple[int, datetime]]:
    """Row → number and time of the latest import that has changed it after import `last`; None: after `since`."""
    rows: Any = RegisterChangeRow.select(RegisterChangeRow, RegisterImportRow).join(RegisterImportRow)
    found = {}
    for one in rows.where(RegisterImportRow.at > since if last is None else RegisterImportRow.id > last).order_by(
        RegisterChangeRow.id
    ):
        key = RowKey(RowKind(one.kind), one.office, one.name)
        found[key] = (one.register_import.id, one.register_import.at)
    return found


def _after(column: Any, since: datetime | None) -> Any:
    return column.is_null(is_null=False) if since is None else column > since


def _keys(office: str, effect: Effect) -> Iterator[RowKey]:
    match effect:
        case AddUserId() | AbolishUserId():
            yield RowKey(RowKind.USER_ID, office, effect.user_id)
        case AbolishUserCode(code):
            yield RowKey(RowKind.USER_CODE, office, code)
        case AddMailbox() | AbolishMailbox():
            yield RowKey(RowKind.MAILBOX, office, effect.id)
