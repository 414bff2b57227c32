"""The offices as a list for people: in parts, searched by their codes and names."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from mailbot.records.keyset import Part, Place, part
from mailbot.records.schema.register_tables import OfficeRow
from mailbot.text import fold_code, nfkc


@dataclass(frozen=True)
class ListedOffice:
    """One line of the list."""

    code: str
    company: str
    name: str
    customs: str
    administrator: str


def listing(words: str, place: Place) -> Part[ListedOffice]:
    """Some of the offices, by code.  `words`: the beginning of a code, or part of a company's or an office's name."""
    query = OfficeRow.select()
    if words:
        found = OfficeRow.code.startswith(fold_code(words))
        for text in {words, nfkc(words)}:
            for column in (OfficeRow.company, OfficeRow.name, OfficeRow.company_en, OfficeRow.name_en):
                found |= column.contains(text)
        query = query.where(found)
    return part(query, (OfficeRow.code,), place, lambda rows: [*map(_listed, rows)], newest=False)


def titles(codes: Collection[str]) -> dict[str, str]:
    """事業所コード → company and office, of at most a few hundred."""
    rows: Any = OfficeRow.select(OfficeRow.code, OfficeRow.company, OfficeRow.name)
    return {row.code: f"{row.company}　{row.name}" for row in rows.where(OfficeRow.code.in_(list(codes)))}


def _listed(row: Any) -> ListedOffice:
    return ListedOffice(row.code, row.company, row.name, row.customs, row.admin_name)
