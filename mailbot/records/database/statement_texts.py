"""The SQL text of statements that were executed before, so that peewee builds each text once.

Building the text takes longer than SQLite takes to run the statement.  `StatementTexts` recognises a statement by its
shape: its tables, columns and operators without the values.  A statement with parts that it does not know, or whose
first text shows other values than those it collected, is built by peewee every time.
"""

import operator
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

import peewee

from mailbot.records.secrets.sealing import is_sealed

MOST_TEXTS = 2_000  # then all are forgotten: lists of many lengths make many shapes
_LONGEST_SQL = 100  # characters
LONGEST_LIST = 50  # of values in one IN, of rows in one INSERT; a longer one is built every time
_SORT_KEY = operator.attrgetter("_sort_key")
Build = Callable[[Any], tuple[str, list[Any]]]
Converter = Callable[[Any], Any] | None


class _UnknownError(Exception):
    """A part of a statement whose values cannot be collected here."""


class StatementTexts:
    """For all connections to databases of one kind."""

    def __init__(self) -> None:
        self._texts: dict[Hashable, str | None] = {}  # None: peewee collects other values than this module

    def text_and_values(self, query: Any, build: Build) -> tuple[str, list[Any]]:
        """What `build`, peewee's own way, makes of `query`."""
        values: list[Any] = []
        try:
            shape = _statement(query, values)
        except _UnknownError:
            return build(query)
        text = self._texts.get(shape)
        if text is not None:
            return text, values
        built, real = build(query)
        if len(self._texts) >= MOST_TEXTS:
            self._texts.clear()
        self._texts[shape] = built if comparable(real) == comparable(values) else None
        return built, real


def comparable(values: list[Any]) -> list[Any]:
    """`values` with the octets of binary values: psycopg's and memoryviews have them as `obj`.

    Of sealed values the length: they are encrypted anew each time that they are collected.
    """
    plain = [getattr(value, "obj", value) for value in values]
    return [len(value) if is_sealed(value) else value for value in plain]


def _statement(query: Any, values: list[Any]) -> Hashable:
    """The shape of a statement; `values` gets its values in the order of its text.  Raises _UnknownError."""
    kind = type(query)
    if getattr(query, "_cte_list", None):
        raise _UnknownError
    if kind is peewee.ModelSelect:
        return _select(query, values)
    if kind is peewee.ModelInsert:
        return _insert(query, values)
    returning = _nodes(query._returning, values) if kind in (peewee.ModelUpdate, peewee.ModelDelete) else None
    if kind is peewee.ModelUpdate and query._from is None:
        changes = tuple(_change(field, query._update[field], values) for field in sorted(query._update, key=_SORT_KEY))
        return (kind, query.model, changes, _node(query._where, values), *_ordering(query, values), returning)
    if kind is peewee.ModelDelete:
        return (kind, query.model, _node(query._where, values), *_ordering(query, values), returning)
    raise _UnknownError


def _select(query: Any, values: list[Any]) -> Hashable:
    unusual = (query._having, query._windows, query._lateral, query._distinct, query._alias)
    if any(part is not None and part is not False for part in unusual):
        raise _UnknownError
    lock = query._for_update
    if lock is not None and lock._of is not None:
        raise _UnknownError
    return (
        peewee.ModelSelect,
        query._simple_distinct,
        _nodes(query._returning, values),
        _nodes(query._from_list, values),
        _node(query._where, values),
        _nodes(query._group_by, values),
        *_ordering(query, values),
        None if lock is None else (lock._expr, lock._nowait, lock._skip_locked),
    )


def _ordering(query: Any, values: list[Any]) -> tuple[Hashable, ...]:
    order = _nodes(query._order_by, values)
    return order, *(_value(part, None, values) if part is not None else None for part in (query._limit, query._offset))


def _insert(query: Any, values: list[Any]) -> Hashable:
    """Rows given by fields, or by the names of fields, with the same columns in the same order each."""
    rows = query._insert if type(query._insert) is list else [query._insert]
    if query._columns or not 0 < len(rows) <= LONGEST_LIST or not all(type(row) is dict for row in rows):
        raise _UnknownError
    names = _names(rows[0])
    layout = _layout(query.model, names)
    if layout is None or any(_names(row) != names for row in rows[1:]):
        raise _UnknownError
    for row in rows:
        given = list(row.values())
        for field, place, default in layout:
            value = given[place] if place is not None else default
            if isinstance(value, peewee.Node):
                raise _UnknownError
            values.append(field.db_value(value))
    return (
        peewee.ModelInsert,
        query.model,
        type(query._insert),
        names,
        len(rows),
        _conflict(query._on_conflict, values),
        _nodes(query._returning, values),
    )


def _names(row: dict[Any, Any]) -> tuple[str, ...]:
    return tuple([key if type(key) is str else key.name for key in row])


@lru_cache(maxsize=MOST_TEXTS)
def _layout(model: Any, names: tuple[str, ...]) -> tuple[tuple[Any, int | None, Any], ...] | None:
    """Each column of an INSERT of these fields: where its value stands in the row, or its default.

    None when a name is no field's, or a default has to be called for each row.
    """
    fields = model._meta.fields
    if not names or not fields.keys() >= set(names):
        return None
    given = [(fields[name], place, None) for place, name in enumerate(names)]
    others = [(field, None, default) for field, default in model._meta.defaults.items() if field.name not in names]
    if any(callable(default) for _, _, default in others):
        return None
    return tuple(sorted((*given, *others), key=lambda column: _SORT_KEY(column[0])))


def _conflict(conflict: Any, values: list[Any]) -> Hashable:
    """What is done with a row whose key is there: ignored, or columns replaced by the new ones, or changed."""
    if conflict is None:
        return None
    known = ("_action", "_preserve", "_conflict_target", "_update")
    if any(part for name, part in vars(conflict).items() if name not in known):
        raise _UnknownError
    parts = [tuple(part or ()) for part in (conflict._preserve, conflict._conflict_target)]
    if not all(map(_is_field, (*parts[0], *parts[1]))):
        raise _UnknownError
    changes = conflict._update or {}
    if len(changes) > 1 or not all(map(_is_field, changes)):  # peewee sets several in an order of its own
        raise _UnknownError
    changed = tuple(_change(field, value, values) for field, value in changes.items())
    return conflict._action, changed, *(tuple((field.model, field.name) for field in part) for part in parts)


def _change(field: Any, value: Any, values: list[Any]) -> Hashable:
    """A column and its new value, or the expression that is its new value."""
    if not _is_field(field):
        raise _UnknownError
    if isinstance(value, peewee.Node):
        return field.model, field.name, _node(value, values)
    values.append(field.db_value(value))
    return field.model, field.name


def _nodes(parts: Any, values: list[Any]) -> Hashable:
    return tuple(_node(part, values) for part in parts) if parts else None


def _node(part: Any, values: list[Any]) -> Hashable:
    """The shape of an expression, a column, a table or a function."""
    if _is_field(part):
        return part.model, part.name
    known = _NODES.get(type(part))
    if known is not None:
        return known(part, values)
    if part is None or _is_table(part):
        return part  # type: ignore[no-any-return]
    raise _UnknownError


def _sort_order(part: Any, values: list[Any]) -> Hashable:
    if part.nulls or part.collation:
        raise _UnknownError
    return peewee.Ordering, part.direction, _node(part.node, values)


def _sql(part: Any, _: list[Any]) -> Hashable:
    if part.params or len(part.sql) > _LONGEST_SQL:  # one with values in it, which is not used again
        raise _UnknownError
    return peewee.SQL, part.sql


def _function(part: Any, values: list[Any]) -> Hashable:
    if part._filter is not None or part._order_by:
        raise _UnknownError
    return peewee.Function, part.name, tuple(_node(argument, values) for argument in part.arguments)


def _join(part: Any, values: list[Any]) -> Hashable:
    if part._alias is not None:
        raise _UnknownError
    tables = (_node(part.lhs, values), _node(part.rhs, values))
    return peewee.Join, part.join_type, *tables, _node(part._on, values)


def _expression(part: Any, values: list[Any]) -> Hashable:
    left, right = part.lhs, part.rhs
    converter = left.db_value if _is_field(left) and left._coerce else None
    shape = (part.op, part.flat, _node(left, values))
    if isinstance(right, peewee.Model):
        if not isinstance(left, peewee.ForeignKeyField):
            raise _UnknownError
        values.append(left.db_value(right))  # type: ignore[no-untyped-call]
        return (*shape, "?")
    if isinstance(right, peewee.Node) or _is_table(right):
        return (*shape, _node(right, values))
    if right is None and part.op in (peewee.OP.IS, peewee.OP.IS_NOT):
        return (*shape, "NULL")
    return (*shape, _value(right, converter, values))


def _value(value: Any, converter: Converter, values: list[Any]) -> Hashable:
    """A value, or the list of IN."""
    if isinstance(value, list | tuple | set | frozenset):
        if len(value) > LONGEST_LIST or any(isinstance(one, peewee.Node) for one in value):
            raise _UnknownError
        values += [converter(one) if converter is not None else one for one in value]
        return len(value)
    if isinstance(value, peewee.Node | dict):
        raise _UnknownError
    values.append(converter(value) if converter is not None else value)
    return "?"


def _is_table(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, peewee.Model)


def _is_field(part: Any) -> bool:
    """Whether it is a column of a table, not of an alias."""
    return isinstance(part, peewee.Field) and not isinstance(part, peewee.FieldAlias)


_NODES: dict[type, Callable[[Any, list[Any]], Hashable]] = {
    peewee.Expression: _expression,
    peewee.Function: _function,
    peewee.Join: _join,
    peewee.ModelSelect: _select,
    peewee.Negated: lambda part, values: (peewee.Negated, _node(part.node, values)),
    peewee.Ordering: _sort_order,
    peewee.SQL: _sql,
}
