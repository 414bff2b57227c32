"""Statements of each mail's way, whose text is built once: what is executed later only binds its values.

peewee takes two to four times as long to make a statement of its parts, or to recognise one, as SQLite takes to run it,
and an application takes some fifty; most of them are in transactions that others wait for.  The text alone is kept: on
PostgreSQL nothing is prepared in the server, where a plan fails after a migration.
"""

import inspect
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import peewee

LONGEST_LIST = 50  # of values in one IN, or of rows in one INSERT, whose text is kept
_Convert = Callable[[Any], Any]
# Their values are read as they are stored.
_PLAIN = (peewee.IntegerField, peewee.BigIntegerField, peewee.CharField, peewee.TextField, peewee.ForeignKeyField)


class _Place(NamedTuple):
    """A value in the text: the parameter's `name`, its `place` where that is a list, and how it is stored."""

    name: str
    place: int | None
    stored: _Convert | None


class _Given(peewee.Node):
    """What stands for a parameter while peewee builds the text."""

    def __init__(self, name: str, place: int | None = None, stored: _Convert | None = None) -> None:
        self._value = _Place(name, place, stored)

    def of(self, field: Any) -> "_Given":
        """As the new value of a column.  Beside an operator peewee itself says which column it is compared with."""
        return _Given(self._value.name, self._value.place, field.db_value)

    def __sql__(self, ctx: Any) -> Any:
        stored = self._value.stored or ctx.state.converter or None
        return ctx.value(self._value._replace(stored=stored), converter=False)


class _Text(NamedTuple):
    """A statement for databases of one kind."""

    sql: str
    values: Sequence[Any]  # constants, and places
    row: Callable[[Sequence[Any]], Any]  # from the columns that it returns
    converters: Sequence[tuple[int, _Convert]]  # of the columns that are stored otherwise than they are read
    others: int = 0  # columns of the table, behind those of an INSERT of one row, that are NULL


class Prepared:
    """A SELECT, UPDATE or DELETE of peewee with parameters, or an INSERT of one row."""

    def __init__(
        self,
        build: Callable[..., Any],
        *,
        lists: Sequence[str] = (),
        names: Sequence[str] = (),
        skips_locked: bool = False,
    ) -> None:
        """`build` makes the statement of its parameters, which stand where values would; one that is compared is never
        None.

        `lists`: those parameters that are lists, for IN; `names`: of all of them, where `build` takes any;
        `skips_locked`: rows that others have locked are left out.
        """
        self._build = build
        self._names = tuple(names or inspect.signature(build).parameters)
        self._lists = tuple(lists)
        self._skips_locked = skips_locked
        self._texts: dict[object, _Text] = {}
        self._model: Any = None

    def rows(self, **given: Any) -> list[Any]:
        """What it returns: named tuples of the columns."""
        connection, text, values = self._bound(given)
        found = connection.execute_sql(text.sql, values).fetchall()
        return [_converted(one, text) for one in found]

    def first(self, **given: Any) -> Any:
        """The first row of `rows`, or None."""
        found = self.rows(**given)
        return found[0] if found else None

    def value(self, **given: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(**given)
        return found[0][0] if found else None

    def run(self, **given: Any) -> int:
        """Execute it; returns how many rows it has changed."""
        connection, text, values = self._bound(given)
        return int(connection.execute_sql(text.sql, values).rowcount)

    def insert(self, **given: Any) -> Any:
        """Execute it; returns the row as it is read back: JSON has no tuples, secrets are masked.

        Of a table whose ids are given by the database.
        """
        connection, text, values = self._bound(given)
        number = _last_id(connection, connection.execute_sql(text.sql, values))
        return _converted((number, *values, *[None] * text.others), text)

    def _bound(self, given: Mapping[str, Any]) -> tuple[Any, _Text, list[Any]]:
        if len(given) != len(self._names):
            raise TypeError(f"parameters are {', '.join(self._names)}, not {', '.join(given)}")
        counts = tuple([len(given[name]) for name in self._lists])
        if self._model is None:
            self._model = self._build(**self._parameters(counts)).model
        connection = self._model._meta.database.obj
        text = self._texts.get((type(connection), counts))
        if text is None:
            text = _text(self._statement(connection, counts), connection)
            if max(counts, default=0) <= LONGEST_LIST:
                self._texts[type(connection), counts] = text
        return connection, text, _values(text, given)

    def _parameters(self, counts: Sequence[int]) -> dict[str, Any]:
        lengths = dict(zip(self._lists, counts, strict=True))
        return {
            name: [_Given(name, place) for place in range(lengths[name])] if name in lengths else _Given(name)
            for name in self._names
        }

    def _statement(self, connection: Any, counts: Sequence[int]) -> Any:
        query = self._build(**self._parameters(counts))
        return connection.skip_locked(query) if self._skips_locked else query


class PreparedInsert:
    """An INSERT of any number of rows into a table."""

    def __init__(self, model: Any, *, ignores_conflicts: bool = False) -> None:
        """`ignores_conflicts`: a row whose key is there already is left out."""
        self._model = model
        self._ignores_conflicts = ignores_conflicts
        self._texts: dict[object, _Text] = {}

    def run(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Insert rows, all with the same columns; the others get their defaults.

        Returns the id of the last row that was inserted, 0 without any.
        """
        last = 0
        for begin in range(0, len(rows), LONGEST_LIST):
            last = self._run(rows[begin : begin + LONGEST_LIST])
        return last

    def _run(self, rows: Sequence[Mapping[str, Any]]) -> int:
        connection, names = self._model._meta.database.obj, tuple(rows[0])
        if any(len(row) != len(names) for row in rows):
            raise TypeError(f"rows with other columns than {', '.join(names)}")
        shape = (type(connection), names, len(rows))
        text = self._texts.get(shape)
        if text is None:
            places = [{name: _Given(name, place) for name in names} for place in range(len(rows))]
            query = self._model.insert_many(places)
            text = _text(query.on_conflict_ignore() if self._ignores_conflicts else query, connection)
            self._texts[shape] = text
        values = _values(text, {name: [row[name] for row in rows] for name in names})
        return _last_id(connection, connection.execute_sql(text.sql, values))


def _last_id(connection: Any, cursor: Any) -> int:
    """Of a table whose ids are given by the database."""
    if not connection.returning_clause:
        return int(cursor.lastrowid)
    found = cursor.fetchall() if cursor.description is not None else ()
    return int(found[-1][0]) if found else 0


def _text(query: Any, connection: Any) -> _Text:
    """The text of a statement, and how the rows are read that it returns: columns, and expressions with an alias, which
    are left as the database gives them."""
    kind = type(query)
    if kind is peewee.ModelUpdate:
        query._update = {field: _stored(field, value) for field, value in query._update.items()}
    if kind is peewee.ModelInsert:
        many = isinstance(query._insert, list)
        rows = query._insert if many else [query._insert]
        rows = [_by_field(query.model, row) for row in rows]
        query._insert = rows if many else rows[0]
        key = query.model._meta.primary_key
        query._returning = (key,) if connection.returning_clause and isinstance(key, peewee.AutoField) else None
    sql, values = connection.get_sql_context().sql(query).query()
    is_row = kind is peewee.ModelInsert and isinstance(query._insert, dict)
    given, others = _inserted(query) if is_row else (query._returning or (), ())
    returned = [_column(one) for one in (*given, *others)]
    row = namedtuple("Row", [name for name, _ in returned])  # type: ignore[misc]
    converters = [(place, convert) for place, (_, convert) in enumerate(returned) if convert is not None]
    return _Text(sql, tuple(values), row._make, tuple(converters), len(others))


def _inserted(query: Any) -> tuple[list[Any], list[Any]]:
    """The columns in the order of their values, before them the key where the database gives it; and the others."""
    meta = query.model._meta
    key, given = meta.primary_key, {*query._insert, *meta.defaults}
    first = [*([key] if key not in given else []), *sorted(given, key=lambda field: field._sort_key)]
    named = {field.name for field in first}  # fields compare to expressions
    return first, [field for field in meta.sorted_fields if field.name not in named]


def _by_field(model: Any, row: Mapping[Any, Any]) -> dict[Any, Any]:
    fields = [model._meta.fields[key] if isinstance(key, str) else key for key in row]
    if any(callable(default) for default in model._meta.defaults.values()):
        raise TypeError(f"{model.__name__} has a default that differs from row to row")
    return {field: _stored(field, value) for field, value in zip(fields, row.values(), strict=True)}


def _stored(field: Any, value: Any) -> Any:
    return value.of(field) if isinstance(value, _Given) else value


def _column(node: Any) -> tuple[str, _Convert | None]:
    if isinstance(node, peewee.ForeignKeyField):
        return node.object_id_name, None
    if isinstance(node, peewee.Field):
        is_plain = isinstance(node, _PLAIN) and type(node).python_value is peewee.Field.python_value
        return node.name, None if is_plain else node.python_value
    if type(node) is peewee.Alias:
        return node._alias, None  # type: ignore[attr-defined]
    raise TypeError(f"a column without a name in a prepared statement: {node!r}")


def _values(text: _Text, given: Mapping[str, Any]) -> list[Any]:
    values = []
    for one in text.values:
        if type(one) is _Place:
            name, place, stored = one
            value = given[name] if place is None else given[name][place]
            values.append(value if stored is None else stored(value))
        else:
            values.append(one)
    return values


def _converted(columns: Any, text: _Text) -> Any:
    if not text.converters:
        return text.row(columns)
    read = list(columns)
    for place, convert in text.converters:
        read[place] = convert(read[place])
    return text.row(read)
