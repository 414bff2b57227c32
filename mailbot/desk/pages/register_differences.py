"""A difference of the register as a page shows it: with the names of offices, and the characters that change."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from mailbot.desk.operations.register_choice import Chosen, can_be_taken
from mailbot.model.register import RowKey, RowKind
from mailbot.model.register_difference import SECRET_COLUMNS, Change, Difference, Kept
from mailbot.records.register import office_list

MOST_SHOWN = 100  # rows of each section, as the command shows
_LONGEST_COMPARED = 300  # characters; longer texts are not compared character by character
_ALIKE = 0.5  # of two texts that are less alike than this (difflib), no character is marked
Marked = tuple[tuple[str, bool], ...]  # pieces of a text, and whether each differs


@dataclass(frozen=True)
class ShownColumn:
    """`secret`: it is said to change, and never shown."""

    name: str
    before: Marked
    after: Marked
    secret: bool


@dataclass(frozen=True)
class ShownChange:
    """`office`: company and office of the row, "" of a reviewer; `ticked`: somebody has chosen it."""

    change: Change
    office: str
    columns: tuple[ShownColumn, ...]
    ticked: bool


@dataclass(frozen=True)
class ShownKept:
    """A row that stays; `may_be_ticked`: a tick changes it."""

    kept: Kept
    office: str
    ticked: bool
    may_be_ticked: bool


@dataclass(frozen=True)
class Sections:
    """The beginning of each section; `more`: its name → how many are not shown.

    `changed`, `added`, `removed`: what the button does; `doubts` and `kept`: what it does only for a tick.
    """

    doubts: tuple[ShownChange, ...]
    changed: tuple[ShownChange, ...]
    added: tuple[ShownChange, ...]
    removed: tuple[ShownChange, ...]
    kept: tuple[ShownKept, ...]
    more: dict[str, int]


def sections(chosen: Chosen) -> Sections:
    """In the caller's `Store.reading`."""
    return _sections(chosen.shown, chosen.result, chosen.choice.take)


def sections_of_changes(changes: Sequence[Change]) -> Sections:
    """What an import has changed; in the caller's `Store.reading`."""
    made = Difference(tuple(changes))
    return _sections(Difference(), made, frozenset())


def marked(before: str, after: str) -> tuple[Marked, Marked]:
    """Both texts in pieces: which of their characters differ, so that 髙 beside 高 is seen."""
    if not before or not after or max(len(before), len(after)) > _LONGEST_COMPARED:
        return ((before, False),), ((after, False),)
    compared = SequenceMatcher(None, before, after, autojunk=False)
    if compared.ratio() < _ALIKE:
        return ((before, False),), ((after, False),)
    parts = compared.get_opcodes()
    old = tuple((before[a:b], tag != "equal") for tag, a, b, _, _ in parts if b > a)
    new = tuple((after[a:b], tag != "equal") for tag, _, _, a, b in parts if b > a)
    return old, new


def _sections(shown: Difference, result: Difference, take: frozenset[RowKey]) -> Sections:
    kept = sorted(shown.kept, key=lambda one: not can_be_taken(one))
    doubts, changed, added, removed = shown.in_doubt, result.changed, result.added, result.removed
    keys = {one.key.office for rows in (doubts, changed, added, removed) for one in rows[:MOST_SHOWN]}
    keys |= {one.key.office for one in kept[:MOST_SHOWN]}
    names = office_list.titles({code for code in keys if code})
    for one in shown.changes + result.changes:  # an office that is added is not registered yet
        row = one.after or one.before or {}
        if one.key.kind is RowKind.OFFICE and one.key.office in keys:
            names.setdefault(one.key.office, f"{row.get('company', '')}　{row.get('name', '')}")
    numbers = {
        "doubts": len(doubts),
        "changed": len(changed),
        "added": len(added),
        "removed": len(removed),
        "kept": len(kept),
    }

    def of_changes(rows: Sequence[Change]) -> tuple[ShownChange, ...]:
        return tuple(
            ShownChange(one, names.get(one.key.office, ""), _columns(one), one.key in take) for one in rows[:MOST_SHOWN]
        )

    return Sections(
        of_changes(doubts),
        of_changes(changed),
        of_changes(added),
        of_changes(removed),
        tuple(
            ShownKept(one, names.get(one.key.office, ""), one.key in take, can_be_taken(one))
            for one in kept[:MOST_SHOWN]
        ),
        {name: number - MOST_SHOWN for name, number in numbers.items() if number > MOST_SHOWN},
    )


def _columns(change: Change) -> tuple[ShownColumn, ...]:
    found = []
    for name, (before, after) in change.columns().items():
        secret = name in SECRET_COLUMNS
        old, new = marked(before, after) if not secret else ((), ())
        found.append(ShownColumn(name, old, new, secret))
    return tuple(found)
