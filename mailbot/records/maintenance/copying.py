"""Export and import of whole tables, for backups and for moving to another database.

A row is a list of JSON values in the order of the table's columns; binary values are base64, dates ISO 8601.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import peewee

from mailbot.errors import Permanent
from mailbot.records.database import Store
from mailbot.records.schema.columns import BaseRow
from mailbot.records.schema.tables import INTAKE, MAIN

Row = list[Any]
_ROWS_PER_QUERY = 200
_TABLES = (*MAIN.tables, *INTAKE.tables)


def schema_of(store: Store) -> list[str]:
    """The names of the migrations applied to both parts of the store, sorted for each."""
    return store.applied_migrations() + store.intake.applied_migrations()


def part_of(store: Store, table: type[BaseRow]) -> Store:
    """The part of the store that has `table`: the main store itself, or its intake store."""
    return store.intake if table in INTAKE.tables else store


def rows_of(store: Store, table: type[BaseRow]) -> Iterator[Row]:
    """Every row in the order of the primary key, in chunks, in the caller's `reading` or transaction of its part."""
    store = part_of(store, table)
    fields = _fields(table)
    key: Any = table._meta.primary_key
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    place = store._connection.param
    last: Any = None
    while True:
        after = f' WHERE "{key.column_name}" > {place}' if last is not None else ""
        sql = f'SELECT "{key.column_name}", {names} FROM "{_name(table)}"{after}'
        sql += f' ORDER BY "{key.column_name}" LIMIT {_ROWS_PER_QUERY}'
        found = store._connection.execute_sql(sql, (last,) if last is not None else ()).fetchall()
        if not found:
            return
        for row in found:
            yield [_to_json(field, value) for field, value in zip(fields, row[1:], strict=True)]
        last = found[-1][0]


def insert(store: Store, table: type[BaseRow], rows: Iterable[Row]) -> int:
    """Insert rows, in the caller's transaction of that part; returns how many.

    Raises Permanent for a row of another length.
    """
    store = part_of(store, table)
    fields = _fields(table)
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    places = ", ".join([store._connection.param] * len(fields))
    count = 0
    for row in rows:
        if len(row) != len(fields):
            raise Permanent(f"a row of {_name(table)} has {len(row)} values; expected {len(fields)}")
        values = [_from_json(field, value) for field, value in zip(fields, row, strict=True)]
        store._connection.execute_sql(f'INSERT INTO "{_name(table)}" ({names}) VALUES ({places})', values)
        count += 1
    if count and store.kind == "postgresql" and isinstance(table._meta.primary_key, peewee.AutoField):
        # Ids of later rows continue after those inserted here.
        store._connection.execute_sql(
            f"SELECT setval(pg_get_serial_sequence('{_name(table)}', 'id'), (SELECT max(id) FROM \"{_name(table)}\"))"
        )
    return count


def is_empty(store: Store) -> bool:
    """Whether no table of either part has a row."""
    return not any(_count(part_of(store, table), table) for table in _TABLES)


def copy(source: Store, target: Store) -> dict[str, int]:
    """Copy every table of `source` into the empty `target`, in the caller's transactions; table → row count.

    Raises Permanent when a table of the target differs from that of the source.
    """
    counts = {}
    for table in _TABLES:
        counts[_name(table)] = insert(target, table, rows_of(source, table))
        if not _same_rows(rows_of(source, table), rows_of(target, table)):
            raise Permanent(f"{_name(table)} did not come out the same; nothing was moved")
    return counts


def _same_rows(one: Iterator[Row], other: Iterator[Row]) -> bool:
    """Whether both have the same rows in any order: databases collate text differently."""
    return _digest(one) == _digest(other)


def _digest(rows: Iterator[Row]) -> int:
    """The sum of the SHA-256 of each row: independent of the order."""
    total = 0
    for row in rows:
        text = json.dumps(row, ensure_ascii=False)
        total += int.from_bytes(hashlib.sha256(text.encode()).digest())
    return total


def _count(store: Store, table: type[BaseRow]) -> int:
    return int(store._connection.execute_sql(f'SELECT count(*) FROM "{_name(table)}"').fetchone()[0])


def table_named(name: str) -> type[BaseRow]:
    """The table class for a table name.  Raises Permanent when there is none."""
    for table in _TABLES:
        if _name(table) == name:
            return table
    raise Permanent(f"no table {name}; was the backup made by a newer version of mailbot?")


def _name(table: type[BaseRow]) -> str:
    return str(table._meta.table_name)


def columns_of(table: type[BaseRow]) -> list[str]:
    """The names of a table's columns, in order."""
    return [field.column_name for field in _fields(table)]


def _fields(table: type[BaseRow]) -> Sequence[Any]:
    return list(table._meta.sorted_fields)


def _to_json(field: Any, value: Any) -> Any:
    match value:
        case None:
            return None
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode("ascii")
        case date():
            return value.isoformat()
    return bool(value) if isinstance(field, peewee.BooleanField) else value


def _from_json(field: Any, value: Any) -> Any:
    return base64.b64decode(value) if value is not None and isinstance(field, peewee.BlobField) else value
