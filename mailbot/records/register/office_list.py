"""Lists of offices in parts, found by code, name or person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import fn

from mailbot.records.keyset import Part, Place, part
from mailbot.records.schema.inquiry_tables import LoginPauseRow
from mailbot.records.schema.register_tables import ContactRow, OfficeRow
from mailbot.text import fold_address, fold_code

# Their columns follow from the attributes of people.
_OFFICE: Any = OfficeRow
_CONTACT: Any = ContactRow


@dataclass(frozen=True)
class OfficeEntry:
    """An office in a list.  `paused`: its log-in."""

    code: str
    company: str
    name: str
    administrator: str
    paused: bool


def page(words: str, place: Place, *, paused: bool = False) -> Part[OfficeEntry]:
    """Offices by code, in the caller's `Store.reading`.

    `words`: part of the code, of the names of company and office, or of the name or address of a person.
    """
    query = OfficeRow.select()
    if words:
        people = _CONTACT.key.contains(fold_address(words)) | _CONTACT.name.contains(words)
        mine = ContactRow.select().where((ContactRow.office == OfficeRow.code) & people)
        named = [column.contains(words) for column in (OfficeRow.company, OfficeRow.name, _OFFICE.admin_name)]
        found = OfficeRow.code.contains(fold_code(words)) | OfficeRow.admin_key.contains(fold_address(words))
        for one in (*named, fn.EXISTS(mine)):
            found |= one
        query = query.where(found)
    if paused:
        query = query.where(OfficeRow.code.in_(LoginPauseRow.select(LoginPauseRow.office)))
    return part(query, (OfficeRow.code,), place, _entries, newest=False)


def _entries(rows: Sequence[Any]) -> list[OfficeEntry]:
    paused = {
        row.office for row in LoginPauseRow.select().where(LoginPauseRow.office.in_([one.code for one in rows] or [""]))
    }
    return [OfficeEntry(row.code, row.company, row.name, row.admin_name, row.code in paused) for row in rows]
