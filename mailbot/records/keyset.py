"""Lists in parts, by the key of a row (keyset pagination): a part costs the same wherever it is in the list.

The columns of the key together are unique, and the first of them are those of an index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from peewee import Tuple, fn

from mailbot.records.schema.columns import InstantField

Row = TypeVar("Row")
Key = tuple[str | int, ...]
PART = 50  # rows
MOST_COUNTED = 999
_MOST_DIGITS = 18  # what a BIGINT holds in any case


@dataclass(frozen=True)
class Place:
    """Where a part begins: after the row with the key `after`; backwards, before `before`; else at the top."""

    after: Key = ()
    before: Key = ()
    size: int = PART


@dataclass(frozen=True)
class Part(Generic[Row]):
    """Some rows of a list; `previous` and `following`: the keys for the parts beside it, () where there is none."""

    rows: tuple[Row, ...]
    previous: Key = ()  # as `Place.before`
    following: Key = ()  # as `Place.after`


def part(
    query: Any, columns: Sequence[Any], place: Place, made: Callable[[Sequence[Any]], Sequence[Row]], *, newest: bool
) -> Part[Row]:
    """The part of `query` at `place`.

    `columns`: of the key; `made`: database rows to values, one for one; `newest`: the greatest key first.
    """
    backwards = bool(place.before)
    falling = newest != backwards
    for key in filter(None, (place.after, place.before)):
        if (edge := _edge(columns, key, falling=falling)) is not None:
            query = query.where(edge)
    order = [column.desc() if falling else column.asc() for column in columns]
    return divided(list(query.order_by(*order).limit(place.size + 1)), columns, place, made)


def divided(
    found: list[Any], columns: Sequence[Any], place: Place, made: Callable[[Sequence[Any]], Sequence[Row]]
) -> Part[Row]:
    """The part that the rows from `place` on make: `found` has one more than the part, where there are more."""
    backwards = bool(place.before)
    more, found = len(found) > place.size, found[: place.size]
    if backwards:
        found.reverse()
    first, last = (_key(found[at], columns) if found else () for at in (0, -1))
    has_previous = more if backwards else bool(place.after) and bool(found)
    has_following = bool(found) if backwards else more
    return Part(tuple(made(found)), first if has_previous else (), last if has_following else ())


def count_some(query: Any) -> int:
    """How many rows, at most MOST_COUNTED + 1: nobody needs more to know that it is too many."""
    some = query.limit(MOST_COUNTED + 1)
    return int(some.model.select(fn.COUNT(1)).from_(some.alias("some")).scalar())


def _edge(columns: Sequence[Any], key: Key, *, falling: bool) -> Any:
    typed = typed_key(columns, key)
    if typed is None:
        return None
    values = Tuple(*typed)
    return Tuple(*columns) < values if falling else Tuple(*columns) > values


def typed_key(columns: Sequence[Any], key: Key) -> Key | None:
    """`key`, which may be text of a URL, as these columns have it; None when it is not of them."""
    wanted: list[type[str] | type[int]] = [
        str if isinstance(column, InstantField) or column.field_type.lower() in ("varchar", "char", "text") else int
        for column in columns
    ]
    if len(key) != len(wanted):
        return None
    typed = tuple(_typed(value, kind) for value, kind in zip(key, wanted, strict=True))
    return tuple(one for one in typed if one is not None) if None not in typed else None


def _typed(value: str | int, kind: type[str] | type[int]) -> str | int | None:
    """A part of a key as its column has it; a number of a URL comes as text.  None: it is not one of that column."""
    if isinstance(value, kind):
        return value
    is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
    return int(value) if is_number and kind is int else None


def _key(row: Any, columns: Sequence[Any]) -> Key:
    return tuple(column.db_value(getattr(row, column.name)) for column in columns)
