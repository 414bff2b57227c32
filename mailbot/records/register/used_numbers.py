"""Numbers that were once assigned, under a 利用者コード or as the mailboxes of an office; never assigned again."""

from collections.abc import Collection, Iterable

from peewee import chunked

from mailbot.records.database.prepared import LONGEST_LIST, Prepared, PreparedInsert
from mailbot.records.register.remembered import remembered
from mailbot.records.schema.register_tables import UsedNumberRow

_USED = Prepared(lambda scopes: UsedNumberRow.select().where(UsedNumberRow.scope.in_(scopes)), lists=("scopes",))
_REMEMBER, _TAKE = PreparedInsert(UsedNumberRow, ignores_conflicts=True), PreparedInsert(UsedNumberRow)


def used(scopes: Collection[str]) -> dict[str, frozenset[str]]:
    """Scope (利用者コード, 事業所コード) → every number ever used under it."""
    return dict(remembered(("used", frozenset(scopes)), lambda: _used(scopes)))


def _used(scopes: Collection[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {scope: set() for scope in scopes}
    for some in chunked(list(scopes), LONGEST_LIST):
        for row in _USED.rows(scopes=some):
            found[row.scope].add(row.number)
    return {scope: frozenset(numbers) for scope, numbers in found.items()}


def remember(pairs: Iterable[tuple[str, str]]) -> None:
    """Note (scope, number) pairs as used; those that are known already stay."""
    _REMEMBER.run([{"scope": scope, "number": number} for scope, number in dict.fromkeys(pairs)])


def take(pairs: Iterable[tuple[str, str]]) -> None:
    """Note fresh numbers as used.  Raises Permanent (by the store) when one was used before: none is given twice."""
    _TAKE.run([{"scope": scope, "number": number} for scope, number in pairs])
