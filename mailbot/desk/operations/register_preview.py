"""What an import into the register would change: the difference between the register and a file, as a value.

The commands show it and, when it is confirmed, apply it (`register_apply.py`).  Call these inside of `Store.reading`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mailbot.clock import iso
from mailbot.errors import Permanent
from mailbot.model.register import Register, Row, RowKey, RowKind
from mailbot.model.register_difference import (
    Change,
    Difference,
    Doubt,
    DoubtKind,
    Kept,
    KeptReason,
    changes_between,
    removals,
)
from mailbot.model.register_doubts import column_doubts
from mailbot.model.register_rows import belongs_to, rows_of
from mailbot.records.applications import application_queries
from mailbot.records.register import issued, rows, used_numbers

_IN_OFFICE = (RowKind.CONTACT, RowKind.USER_CODE, RowKind.USER_ID, RowKind.MAILBOX)


@dataclass(frozen=True)
class Facts:
    """What the register is compared with besides the file.

    `open`: office → receipt number → subjects of its applications that are open or wait; `by_desk`: the rows that the
    desk has changed since the file was written; `by_import`: those that an import has, with its number and time;
    `passwords`: the offices that have changed theirs.
    """

    since: datetime | None
    open: Mapping[str, Mapping[str, frozenset[str]]]
    by_desk: frozenset[RowKey] = frozenset()
    by_import: Mapping[RowKey, tuple[int, datetime]] | None = None
    passwords: frozenset[str] = frozenset()

    def receipts(self, key: RowKey) -> tuple[str, ...]:
        """Of the applications about a contract item; of an office and its people, of all applications of the office."""
        found = self.open.get(key.office, {})
        if key.kind not in (RowKind.USER_CODE, RowKind.USER_ID, RowKind.MAILBOX):
            return tuple(found)
        of_code = key.kind is RowKind.USER_CODE
        return tuple(
            receipt
            for receipt, subjects in found.items()
            if any(s.lstrip("+-") == key.name or (of_code and s.lstrip("+-").startswith(key.name)) for s in subjects)
        )


def preview(register: Register, *, prune: bool, take: Collection[RowKey] = ()) -> Difference:
    """What importing `register`, which a file holds, would change.

    `prune`: also remove what it does not name.  `take`: the rows that follow the file although they are in doubt or
    would stay; an office with applications stays in any case.  Raises Permanent when the file names nothing.
    """
    if not register.offices and not register.reviewers:
        raise Permanent("the file names no office and no reviewer; nothing has changed")
    now, since = rows.read_rows(), register.written_at
    facts = Facts(
        since,
        application_queries.subjects_of_all(),
        issued.changed_by_desk(since),
        issued.changed_by_import(register.last_import, since) if since is not None else {},
        issued.passwords_changed(since) if since is not None else frozenset(),
    )
    then = _as_stated(register, now)
    kept: list[Kept] = []
    changes = [
        *_changes(register, now, then, facts, take, kept),
        *_removals(register, now, then, prune, facts, take, kept),
    ]
    used = _numbers_used(changes)
    doubted = [one if one.key in take else replace(one, doubts=(*_doubts(one, facts, used),)) for one in changes]
    unchanged = sum(1 for key, row in then.items() if now.get(key) == row)
    return Difference(tuple(doubted), tuple(kept), unchanged, len(now), since)


def _as_stated(register: Register, now: Mapping[RowKey, Row]) -> dict[RowKey, Row]:
    """The rows of the file; a column that it does not have stays as it is, and a password that it has in clear, too."""
    found: dict[RowKey, Row] = {}
    for key, row in rows_of(register).items():
        before = now.get(key, {})
        stated = register.stated.get(key)
        after = {
            name: text if stated is None or name in stated else before.get(name, text) for name, text in row.items()
        }
        if key.kind is RowKind.OFFICE:
            clear = register.new_passwords.get(key.office, "")
            same = not row["password_hash"] or (clear and _is_password(before.get("password_hash", ""), clear))
            after["password_hash"] = before.get("password_hash", row["password_hash"]) if same else row["password_hash"]
        found[key] = after
    return found


def _is_password(hashed: str, clear: str) -> bool:
    try:
        return bool(hashed) and PasswordHasher().verify(hashed, clear)
    except (VerificationError, InvalidHashError):
        return False


def _changes(
    register: Register,
    now: Mapping[RowKey, Row],
    then: Mapping[RowKey, Row],
    facts: Facts,
    take: Collection[RowKey],
    kept: list[Kept],
) -> Iterator[Change]:
    """What is added and changed; what stays is added to `kept`."""
    added: set[RowKey] = set()
    for one in changes_between(now, then, register.lines):
        change, above = one, belongs_to(one.key)
        if above is not None and above not in now and above not in added:
            kept.append(Kept(one.key, KeptReason.BELONGS_TO_NOTHING))
            continue
        if facts.since is not None and one.key in facts.by_desk and one.key not in take:
            kept.append(Kept(one.key, KeptReason.ISSUED_SINCE))
            continue
        if _takes_password_back(change, register, facts) and one.key not in take:
            kept.append(Kept(one.key, KeptReason.ISSUED_SINCE, "password_hash"))
            hashed = (one.before or {}).get("password_hash", "")
            change = replace(one, after={**(one.after or {}), "password_hash": hashed})
            if change.before == change.after:
                continue
        if change.before is None:
            added.add(change.key)
        yield replace(change, receipts=facts.receipts(change.key))


def _takes_password_back(change: Change, register: Register, facts: Facts) -> bool:
    if change.key.kind is not RowKind.OFFICE or "password_hash" not in change.columns():
        return False
    return change.key.office in facts.passwords and change.key.office not in register.new_passwords


def _removals(
    register: Register,
    now: Mapping[RowKey, Row],
    then: Mapping[RowKey, Row],
    prune: bool,
    facts: Facts,
    take: Collection[RowKey],
    kept: list[Kept],
) -> Iterator[Change]:
    """What is removed; what stays is added to `kept`, what belongs to a row before that."""
    named = {office.code for office in register.offices}
    of_named = {key: row for key, row in now.items() if key.office in named}
    addresses = {key.name for key in then if key.kind is RowKind.CONTACT}
    found: list[Change] = []
    for one in removals(of_named, then, _IN_OFFICE):
        moves = one.key.kind is RowKind.CONTACT and one.key.name in addresses
        reason = _reason_to_keep(one.key, prune, facts, moves=moves)
        if reason is not None and one.key not in take:
            kept.append(Kept(one.key, reason, receipts=facts.receipts(one.key)))
        else:
            found.append(replace(one, receipts=facts.receipts(one.key)))
    yield from _without_holders(found, kept)
    if prune and named:
        others = {key: row for key, row in now.items() if key.office not in named and key.office}
        yield from _offices_removed(others, facts, take, kept)
    if prune and register.reviewers:
        yield from removals(now, then, (RowKind.REVIEWER,))


def _reason_to_keep(key: RowKey, prune: bool, facts: Facts, *, moves: bool) -> KeptReason | None:
    if not prune:
        return KeptReason.NOT_IN_FILE
    if key.kind is not RowKind.CONTACT and facts.receipts(key):
        return KeptReason.OPEN_APPLICATION
    return KeptReason.ISSUED_SINCE if key in facts.by_desk and not moves else None


def _without_holders(found: Iterable[Change], kept: list[Kept]) -> Iterator[Change]:
    """The removals without those of rows to which a row belongs that stays."""
    holders = {belongs_to(one.key) for one in kept}
    for one in found:
        if one.key in holders:
            kept.append(Kept(one.key, KeptReason.HOLDS_KEPT, receipts=one.receipts))
        else:
            yield one


def _offices_removed(
    others: Mapping[RowKey, Row], facts: Facts, take: Collection[RowKey], kept: list[Kept]
) -> Iterator[Change]:
    """The offices that the file does not name, each with all of its rows or not at all."""
    issued_in = {key.office for key in facts.by_desk if key in others}
    stays: set[str] = set()
    for key in others:
        if key.kind is not RowKind.OFFICE:
            continue
        receipts = facts.receipts(key)
        if receipts or (key.office in issued_in and key not in take):
            stays.add(key.office)
            kept.append(Kept(key, KeptReason.OPEN_APPLICATION if receipts else KeptReason.ISSUED_SINCE, "", receipts))
    yield from (Change(key, row, None) for key, row in others.items() if key.office not in stays)


def _numbers_used(changes: Iterable[Change]) -> Mapping[str, frozenset[str]]:
    added = (one.key for one in changes if one.before is None)
    return used_numbers.used({scope for key in added if (scope := _scope(key)[0])})


def _scope(key: RowKey) -> tuple[str, str]:
    """The scope and number under which the number of an ID or mailbox is never assigned again."""
    if key.kind is RowKind.USER_ID:
        return key.name[:5], key.name[5:]
    return (key.office, key.name.removeprefix(key.office)) if key.kind is RowKind.MAILBOX else ("", "")


def _doubts(change: Change, facts: Facts, used: Mapping[str, frozenset[str]]) -> Iterator[Doubt]:
    if change.after is None:
        return
    yield from column_doubts(change.key.kind, change.before, change.after)
    scope, number = _scope(change.key)
    if change.before is None and number in used.get(scope, ()):
        yield Doubt(DoubtKind.USED_NUMBER)
    if change.key in (facts.by_import or {}):
        import_number, at = (facts.by_import or {})[change.key]
        yield Doubt(DoubtKind.IMPORTED_SINCE, detail=f"{import_number}, {iso(at)}")
