"""Applying a difference to the register, in short transactions, and undoing an import.  See `register_preview.py`."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailbot.desk.operations.register_preview import Facts
from mailbot.errors import UsageError
from mailbot.model.register import Row, RowKey, RowKind
from mailbot.model.register_difference import Change, Difference, Doubt, DoubtKind, Kept, KeptReason
from mailbot.model.register_rows import belongs_to
from mailbot.records.applications import application_queries
from mailbot.records.database import Store
from mailbot.records.log import audit
from mailbot.records.register import imports, rows

ROWS_AT_ONCE = 100  # rows that one transaction changes, of whole offices: a mail that arrives waits for one
UNDO_DAYS = 30  # how long what an import has changed is kept, with the people in it
_PARENTS_FIRST = list(RowKind)


@dataclass(frozen=True)
class Origin:
    """Whose import it is: the operator, the name of the file and its SHA-256 (hexadecimal), or the import undone."""

    who: str
    file: str = ""
    sha256: str = ""
    undoes: int | None = None


@dataclass(frozen=True)
class Applied:
    """`number`: of the import; `left`: the changes not made, as the row was changed after it was shown."""

    number: int
    left: tuple[Change, ...] = ()


def apply(
    difference: Difference,
    origin: Origin,
    now: datetime,
    store: Store,
    progress: Callable[[int], None] = lambda _: None,
) -> Applied:
    """Make the changes of `difference`, and keep them so that they can be undone.

    `progress` is called after each transaction with how many rows were written in it.  When it is interrupted,
    the transactions that were committed stay, and can be undone.
    """
    counts = (len(difference.added), len(difference.changed), len(difference.removed))
    with store.transaction():
        imports.forget(now - timedelta(days=UNDO_DAYS))
        number = imports.begin(now, origin.who, origin.file, origin.sha256, counts, origin.undoes)
        audit.append(now, origin.who, _audit_words(number, origin, counts))
    left: list[Change] = []
    for batch in _batches(difference.changes):
        with store.transaction():
            done, stale = _write(batch)
            imports.remember(number, done)
        left += stale
        progress(len(batch))
    with store.transaction():
        imports.finish(number, now)
    return Applied(number, tuple(left))


def _audit_words(number: int, origin: Origin, counts: tuple[int, int, int]) -> str:
    added, changed, removed = counts
    what = f"undoes import {origin.undoes}" if origin.undoes is not None else f"{origin.file}, SHA-256 {origin.sha256}"
    return f"register import {number}, {what}: {added} rows added, {changed} changed, {removed} removed"


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """The changes by office, as many offices at once as ROWS_AT_ONCE allows; in the order in which they can be made."""
    by_office: dict[str, list[Change]] = {}
    for one in changes:
        by_office.setdefault(one.key.office, []).append(one)
    batch: list[Change] = []
    for office in sorted(by_office):
        batch += sorted(by_office[office], key=_order)
        if len(batch) >= ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _order(change: Change) -> tuple[bool, int]:
    """Removals first, of what belongs to others before those; then additions the other way round."""
    place = _PARENTS_FIRST.index(change.key.kind)
    return (False, -place) if change.after is None else (True, place)


def _write(batch: list[Change]) -> tuple[list[Change], list[Change]]:
    """Make the changes whose rows are still as shown, in the caller's transaction; returns these, and the others."""
    now = rows.read_rows({one.key.office for one in batch if one.key.office})
    removed = {one.key.office for one in batch if one.after is None and one.key.kind is RowKind.OFFICE}
    busy = application_queries.offices_with_applications(removed)
    done, left = [], []
    for one in batch:
        if now.get(one.key) != one.before or not _is_possible(one, now, busy):
            left.append(one)
            continue
        if one.after is None:
            rows.remove_row(one.key)
            del now[one.key]
        else:
            if one.before is not None:
                rows.change_row(one.key, one.after)
            now[one.key] = one.after
        done.append(one)
    rows.add_rows([(one.key, one.after) for one in done if one.before is None and one.after is not None])
    return done, left


def _is_possible(change: Change, now: Mapping[RowKey, Row], busy: Collection[str]) -> bool:
    """Whether what it belongs to is there; of a removal, whether nothing belongs to it.

    `busy`: the offices that cannot be removed, as an application of them is open or waits.
    """
    above = belongs_to(change.key)
    if change.after is not None:
        return above is None or above in now
    if change.key.kind is RowKind.OFFICE:
        return change.key.office not in busy and not _held_by(change.key, now)
    return change.key.kind is not RowKind.USER_CODE or not _held_by(change.key, now)


def _held_by(key: RowKey, now: Mapping[RowKey, Row]) -> bool:
    return any(_holder(one) == key for one in now)


def undoing(number: int, take: Collection[RowKey] = ()) -> Difference:
    """What undoing an import would change, inside of `Store.reading`: each row becomes what it was before.

    What was changed since is in doubt, unless `take` has it.  Raises UsageError when there is no such import, or what
    it has changed is no longer kept.
    """
    found = imports.find(number)
    if found is None:
        raise UsageError(f"there is no import {number}; see: mailbot register imports")
    if not found.kept_changes:
        raise UsageError(
            f"import {number} has changed nothing, or it was more than {UNDO_DAYS} days ago: nothing to undo"
        )
    made = imports.changes_of(number)
    now = rows.read_rows({one.key.office for one in made if one.key.office})
    facts = Facts(None, application_queries.subjects_of_all())
    changes = [change for one in made if (change := _back(one, now.get(one.key))) is not None]
    kept: list[Kept] = []
    possible = _possible_undo(changes, now, facts, take, kept)
    taken = tuple(replace(one, doubts=()) if one.key in take else one for one in possible)
    return Difference(taken, tuple(kept), len(made) - len(changes), len(now))


def _back(made: Change, current: Row | None) -> Change | None:
    """The change that takes `made` back, of a row that is now `current`; None when there is nothing to change.

    A column that was changed by the import and again since is in doubt; one that was changed only since stays.
    """
    if current == made.before:
        return None
    whole = (Doubt(DoubtKind.CHANGED_SINCE),)
    if made.before is None or made.after is None or current is None:
        return Change(made.key, current, made.before, doubts=() if current == made.after else whole)
    doubts, after = [], dict(current)
    for name, text in made.before.items():
        if made.after.get(name) == text:
            continue
        if current.get(name) not in (text, made.after.get(name)):
            doubts.append(Doubt(DoubtKind.CHANGED_SINCE, name, made.after.get(name, "")))
        after[name] = text
    return Change(made.key, current, after, doubts=tuple(doubts)) if after != current else None


def _possible_undo(
    changes: Iterable[Change], now: Mapping[RowKey, Row], facts: Facts, take: Collection[RowKey], kept: list[Kept]
) -> list[Change]:
    """The changes that can be made, in their order; the others are added to `kept`."""
    found = sorted((replace(one, receipts=facts.receipts(one.key)) for one in changes), key=_order)
    busy = [one for one in found if one.after is None and one.key.kind is RowKind.OFFICE and one.receipts]
    kept += [Kept(one.key, KeptReason.OPEN_APPLICATION, receipts=one.receipts) for one in busy]  # with all of its rows
    offices_kept = {one.key.office for one in busy}
    found = [one for one in found if one.after is not None or one.key.office not in offices_kept]
    removed = {one.key for one in found if one.after is None}
    added = {one.key for one in found if one.before is None}
    holders = {_holder(key) for key in now if key not in removed}
    stays: list[Change] = []
    for one in found:
        above = belongs_to(one.key)
        reason = None
        if one.after is None:
            reason = _reason_against_removal(one, holders, take)
        elif above is not None and above not in now and above not in added:
            reason = KeptReason.BELONGS_TO_NOTHING
        if reason is None:
            stays.append(one)
        else:
            kept.append(Kept(one.key, reason, receipts=one.receipts))
            holders.add(_holder(one.key))
    return stays


def _holder(key: RowKey) -> RowKey | None:
    """The row that cannot be removed while this one is there; an administrator goes with the office."""
    return belongs_to(key) if key.kind is not RowKind.ADMINISTRATOR else None


def _reason_against_removal(
    change: Change, holders: Collection[RowKey | None], take: Collection[RowKey]
) -> KeptReason | None:
    key = change.key
    if key in holders:
        return KeptReason.HOLDS_KEPT
    about = key.kind in (RowKind.USER_CODE, RowKind.USER_ID, RowKind.MAILBOX) and change.receipts
    return KeptReason.OPEN_APPLICATION if about and key not in take else None
