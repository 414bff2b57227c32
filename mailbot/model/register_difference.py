"""The difference between the register and a file, or an earlier import that is undone: a value, shown and applied.

It holds what is added, changed and removed, row by row; what of that is in doubt, and why; and what stays although the
file says otherwise, and why.  Commands and pages show it; nothing here reads or writes.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from mailbot.model.register import Row, RowKey, RowKind
from mailbot.model.register_rows import belongs_to

SECRET_COLUMNS = frozenset({"password_hash"})  # said to have changed, never shown


class DoubtKind(StrEnum):
    """Why a row is not changed unless a person says so."""

    LOST_ZERO = "lost_zero"  # a telephone number without the 0 that Japanese ones begin with
    CUT = "cut"  # the text is the beginning of what is registered, or of no 税関
    DAMAGED = "damaged"  # 1.23E+11, #REF!, a date in place of a number, U+FFFD
    USED_NUMBER = "used_number"  # the ID or mailbox was assigned before
    IMPORTED_SINCE = "imported_since"  # another import has changed the row since the file was written
    CHANGED_SINCE = "changed_since"  # an import is undone: the row is no longer as that import left it


@dataclass(frozen=True)
class Doubt:
    """About a column of a row ("" for the whole row); `detail`: what was noticed, or the value that is expected."""

    kind: DoubtKind
    column: str = ""
    detail: str = ""


class KeptReason(StrEnum):
    """Why a row stays as it is although the file says otherwise."""

    NOT_IN_FILE = "not_in_file"  # it would be removed with --prune
    OPEN_APPLICATION = "open_application"  # an application that is open, or waits for its 利用開始日, is about it
    ISSUED_SINCE = "issued_since"  # the desk has registered, changed or removed it since the file was written
    HOLDS_KEPT = "holds_kept"  # something stays that belongs to it
    BELONGS_TO_NOTHING = "belongs_to_nothing"  # the office or 利用者コード that it would belong to is not registered


@dataclass(frozen=True)
class Kept:
    """A row, or one column of it, that stays as it is; `receipts`: of the applications that are about it."""

    key: RowKey
    reason: KeptReason
    column: str = ""
    receipts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """A row that is added (`before` None), changed, or removed (`after` None).

    `line`: its number in a spreadsheet, 0 when it has none; `receipts`: of the applications, open or waiting for their
    利用開始日, of its office or about it.
    """

    key: RowKey
    before: Row | None
    after: Row | None
    line: int = 0
    doubts: tuple[Doubt, ...] = ()
    receipts: tuple[str, ...] = ()

    def columns(self) -> dict[str, tuple[str, str]]:
        """Column → (text before, text after) of those that differ; of a row that is added or removed, those filled."""
        before, after = self.before or {}, self.after or {}
        found = {name: (before.get(name, ""), after.get(name, "")) for name in (*before, *after)}
        return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class Difference:
    """`unchanged`: how many rows of the file are in the register as they are; `registered`: how many rows that has."""

    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()
    unchanged: int = 0
    registered: int = 0
    written_at: datetime | None = field(default=None, compare=False)  # of the file

    @property
    def added(self) -> tuple[Change, ...]:
        """Rows that are new."""
        return tuple(one for one in self.changes if one.before is None)

    @property
    def changed(self) -> tuple[Change, ...]:
        """Rows with other columns."""
        return tuple(one for one in self.changes if one.before is not None and one.after is not None)

    @property
    def removed(self) -> tuple[Change, ...]:
        """Rows that go."""
        return tuple(one for one in self.changes if one.after is None)

    @property
    def in_doubt(self) -> tuple[Change, ...]:
        """Rows about which a person must say whether they are changed."""
        return tuple(one for one in self.changes if one.doubts)

    def taking(self, accepted: Collection[RowKey]) -> "Difference":
        """The difference without the rows in doubt that are not `accepted`, and what belongs to those."""
        left = {one.key for one in self.in_doubt if one.key not in accepted}
        gone = {one.key for one in self.added} & left
        changes = (one for one in self.changes if one.key not in left and not _is_of(one.key, gone))
        return replace(self, changes=tuple(changes))


def _is_of(key: RowKey, gone: Collection[RowKey]) -> bool:
    above = belongs_to(key)
    return above is not None and (above in gone or _is_of(above, gone))


def changes_between(
    now: Mapping[RowKey, Row], then: Mapping[RowKey, Row], lines: Mapping[RowKey, int]
) -> Iterator[Change]:
    """The rows of `then` that `now` has not, or not so."""
    for key, row in then.items():
        before = now.get(key)
        if before != row:
            yield Change(key, before, row, lines.get(key, 0))


def removals(now: Mapping[RowKey, Row], then: Collection[RowKey], kinds: Collection[RowKind]) -> Iterator[Change]:
    """The rows of `now` that `then` has not, of the `kinds`."""
    for key, row in now.items():
        if key not in then and key.kind in kinds:
            yield Change(key, row, None)
