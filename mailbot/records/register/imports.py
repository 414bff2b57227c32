"""The imports into the register, and what each has changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import chunked, fn

from mailbot.model.register import RowKey, RowKind
from mailbot.model.register_difference import Change
from mailbot.records.database.prepared import LONGEST_LIST, PreparedInsert
from mailbot.records.keyset import Part, Place, part
from mailbot.records.schema.import_tables import RegisterChangeRow, RegisterImportRow

_REMEMBER = PreparedInsert(RegisterChangeRow)


@dataclass(frozen=True)
class RegisterImport:
    """One import, or the undoing of one (`undoes`); `kept_changes`: how many of its changes can still be undone."""

    number: int
    at: datetime
    who: str
    file: str
    sha256: str
    added: int
    changed: int
    removed: int
    finished_at: datetime | None
    undoes: int | None
    kept_changes: int


def begin(at: datetime, who: str, file: str, sha256: str, counts: tuple[int, int, int], undoes: int | None) -> int:
    """Note that an import begins, in the caller's transaction; returns its number.

    `counts`: how many rows are added, changed and removed.
    """
    added, changed, removed = counts
    row = RegisterImportRow.create(
        at=at, who=who, file=file, sha256=sha256, added=added, changed=changed, removed=removed, undoes=undoes
    )
    return int(row.id)


def remember(number: int, changes: Iterable[Change]) -> None:
    """Note what the import has changed, in the transaction that changes it."""
    _REMEMBER.run([_values(number, one) for one in changes])


def _values(number: int, change: Change) -> dict[str, Any]:
    key = change.key
    before, after = (dict(row) if row is not None else None for row in (change.before, change.after))
    return {
        "register_import": number,
        "kind": key.kind.value,
        "office": key.office,
        "name": key.name,
        "before": before,
        "after": after,
    }


def finish(number: int, at: datetime) -> None:
    """Note that the import has made all of its changes, in the caller's transaction."""
    RegisterImportRow.update(finished_at=at).where(RegisterImportRow.id == number).execute()


def listing(limit: int) -> list[RegisterImport]:
    """The latest `limit` imports, oldest first."""
    rows = list(RegisterImportRow.select().order_by(RegisterImportRow.id.desc()).limit(limit))
    return _imports(rows[::-1])


def parts(place: Place) -> Part[RegisterImport]:
    """Some of the imports, the latest first."""
    return part(RegisterImportRow.select(), (RegisterImportRow.id,), place, _imports, newest=True)


def last_finished() -> int:
    """The number of the latest import that has made all of its changes; 0 when there is none."""
    finished = RegisterImportRow.finished_at.is_null(is_null=False)
    return int(RegisterImportRow.select(fn.MAX(RegisterImportRow.id)).where(finished).scalar() or 0)


def find(number: int) -> RegisterImport | None:
    """The import `number`, or None."""
    row = RegisterImportRow.get_or_none(RegisterImportRow.id == number)
    return _imports([row])[0] if row is not None else None


def changes_of(number: int) -> list[Change]:
    """What the import has changed, in the order in which it did."""
    rows: Any = RegisterChangeRow.select().where(RegisterChangeRow.register_import == number)
    return [
        Change(RowKey(RowKind(row.kind), row.office, row.name), row.before, row.after)
        for row in rows.order_by(RegisterChangeRow.id)
    ]


def forget(before: datetime) -> int:
    """Delete what imports before that time have changed, in the caller's transaction; the imports stay listed."""
    old = RegisterImportRow.select(RegisterImportRow.id).where(RegisterImportRow.at < before)
    return int(RegisterChangeRow.delete().where(RegisterChangeRow.register_import.in_(old)).execute())


def _imports(rows: Sequence[Any]) -> list[RegisterImport]:
    number_of = RegisterChangeRow.register_import
    kept: dict[int, int] = {}
    for some in chunked((row.id for row in rows), LONGEST_LIST):
        counts: Any = RegisterChangeRow.select(number_of, fn.COUNT(RegisterChangeRow.id)).where(number_of.in_(some))
        kept |= dict(counts.group_by(number_of).tuples())
    return [_import(row, kept.get(row.id, 0)) for row in rows]


def _import(row: Any, kept_changes: int) -> RegisterImport:
    return RegisterImport(
        row.id,
        row.at,
        row.who,
        row.file,
        row.sha256,
        row.added,
        row.changed,
        row.removed,
        row.finished_at,
        row.undoes,
        kept_changes,
    )
