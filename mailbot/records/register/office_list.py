"""The offices as a list for people: in parts, searched by their codes, names and people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import fn

from mailbot.records.keyset import Part, Place, part
from mailbot.records.schema.inquiry_tables import LoginPauseRow
from mailbot.records.schema.register_tables import ContactRow, OfficeRow
from mailbot.text import fold_address, fold_code, nfkc

# Their columns follow from the attributes of people.
_OFFICE: Any = OfficeRow
_CONTACT: Any = ContactRow


@dataclass(frozen=True)
class ListedOffice:
    """One line of the list.  `paused`: its log-in."""

    code: str
    company: str
    name: str
    customs: str
    administrator: str
    paused: bool


def listing(words: str, place: Place, *, paused: bool = False) -> Part[ListedOffice]:
    """Some of the offices, by code, in the caller's `Store.reading`.

    `words`: the beginning of a code, or part of the names of company and office, or of the name or address of a person.
    `paused`: only those whose log-in is.
    """
    query = OfficeRow.select()
    if words:
        query = query.where(_has(words))
    if paused:
        query = query.where(OfficeRow.code.in_(LoginPauseRow.select(LoginPauseRow.office)))
    return part(query, (OfficeRow.code,), place, _listed, newest=False)


def titles(codes: Collection[str]) -> dict[str, str]:
    """事業所コード → company and office, of at most a few hundred."""
    rows: Any = OfficeRow.select(OfficeRow.code, OfficeRow.company, OfficeRow.name)
    return {row.code: f"{row.company}　{row.name}" for row in rows.where(OfficeRow.code.in_(list(codes)))}


def _has(words: str) -> Any:
    address = fold_address(words)
    people = _CONTACT.key.contains(address) | _CONTACT.name.contains(words)
    mine = ContactRow.select().where((ContactRow.office == OfficeRow.code) & people)
    found = OfficeRow.code.startswith(fold_code(words)) | OfficeRow.admin_key.contains(address) | fn.EXISTS(mine)
    for text in {words, nfkc(words)}:
        for column in (OfficeRow.company, OfficeRow.name, OfficeRow.company_en, OfficeRow.name_en, _OFFICE.admin_name):
            found |= column.contains(text)
    return found


def _listed(rows: Sequence[Any]) -> list[ListedOffice]:
    codes = [row.code for row in rows]
    paused = {row.office for row in LoginPauseRow.select().where(LoginPauseRow.office.in_(codes or [""]))}
    return [
        ListedOffice(row.code, row.company, row.name, row.customs, row.admin_name, row.code in paused) for row in rows
    ]
