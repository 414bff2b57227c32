"""A difference of the register, and what of it somebody has chosen on a page: what the button then does, or refuses."""

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

from mailbot.model.register import Row, RowKey, RowKind
from mailbot.model.register_difference import SECRET_COLUMNS, Change, Difference, Kept, KeptReason

_NEVER_TAKEN = (KeptReason.HOLDS_KEPT, KeptReason.BELONGS_TO_NOTHING)
Differ = Callable[[Collection[RowKey]], Difference]  # rows that are taken although they are in doubt or would stay


@dataclass(frozen=True)
class Choice:
    """`prune`: as of `preview`; `take`: the rows that are ticked."""

    prune: bool = False
    take: frozenset[RowKey] = frozenset()

    @property
    def mark(self) -> str:
        """The same for the same choice, to tell whether ticks were changed since a page was shown."""
        return _digest([self.prune, sorted(map(str, self.take))])


@dataclass(frozen=True)
class Chosen:
    """`shown`: the whole difference, without any tick; `result`: what is changed with these, as with `--take` and
    `--leave-doubtful`."""

    choice: Choice
    shown: Difference
    result: Difference

    @property
    def basis(self) -> str:
        """The same as long as the same rows would be changed from the same to the same, beside the same applications.

        The text of a new password is none of it: each hash of one differs.
        """
        return _digest([_stated(one) for one in self.result.changes])


def choose(differ: Differ, choice: Choice) -> Chosen:
    """In the caller's `Store.reading`; raises what `differ` raises."""
    shown = differ(())
    return Chosen(choice, shown, (differ(choice.take) if choice.take else shown).taking(()))


def can_be_taken(kept: Kept) -> bool:
    """Whether a tick changes a row that would stay."""
    is_busy_office = kept.reason is KeptReason.OPEN_APPLICATION and kept.key.kind is RowKind.OFFICE
    return kept.reason not in _NEVER_TAKEN and not is_busy_office


def _stated(change: Change) -> list[object]:
    after = change.after
    if after is not None and SECRET_COLUMNS & change.columns().keys():
        after = {**after, **dict.fromkeys(SECRET_COLUMNS & after.keys(), "another")}
    return [str(change.key), _plain(change.before), _plain(after), sorted(change.receipts)]


def _plain(row: Row | None) -> object:
    return dict(row) if row is not None else None


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
