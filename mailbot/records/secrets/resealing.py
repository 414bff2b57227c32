"""Sealed values of the whole store: whether their key is there; new keys; a lost key."""

from collections.abc import Callable
from typing import Any

from mailbot.records.database.store import Store
from mailbot.records.schema.sealed_columns import SealedField
from mailbot.records.secrets.sealed_rows import Change, Columns, change_some, replacing_unreadable, sealing_anew
from mailbot.records.secrets.sealing import Sealer, sealed_octets

_NEWEST = "SELECT {column} FROM {table} WHERE {column} <> '' ORDER BY id DESC LIMIT 1"


def missing_key(store: Store) -> str:
    """What to do when the key that sealed the newest mail or notice is not in the key file; "" when it is.

    Such a store is not opened: another key file would be made, and be lost when the right one is put back.
    """
    sealer: Sealer = store._connection.sealer
    for part, table, column in ((store.intake, "received", "recipients"), (store, "outbox", "text")):
        with part.reading():
            found = part._connection.execute_sql(_NEWEST.format(table=table, column=column)).fetchone()
        if found is not None and not sealer.knows(sealed_octets(found[0])):
            return (
                f"{sealer.path}: the key that encrypts the mails in {part.name} is not there; put back the copy of this"
                " file that you keep.  If there is none: mailbot keys lost"
            )
    return ""


def seal_anew(store: Store) -> int:
    """Seal everything with the newest key; returns how many values.  Not inside of a transaction: it takes long.

    When the process ends in between, the rest keeps its key, which stays in the file.
    """
    sealer: Sealer = store._connection.sealer
    return _change_all(store, lambda _: sealing_anew(sealer))


def replace_unreadable(store: Store) -> int:
    """Put `SealedField.LOST` in the place of each value whose key is not there; returns how many."""
    sealer: Sealer = store._connection.sealer
    return _change_all(
        store, lambda fields: replacing_unreadable(sealer, {one.column_name: one.LOST for one in fields})
    )


def _change_all(store: Store, change_of: Callable[[list[SealedField]], Change]) -> int:
    """Change every sealed value, some rows in each transaction."""
    total = 0
    for part in (store.intake, store):
        before = total
        for row in part.schema.tables:
            meta: Any = row._meta
            fields = [field for field in meta.sorted_fields if isinstance(field, SealedField)]
            if fields:
                names = [field.column_name for field in fields]
                of = Columns(meta.table_name, names, meta.primary_key.column_name)
                total += _change_table(part, of, change_of(fields))
        if total > before:
            with part.transaction():
                part.purge_deleted()
    return total


def _change_table(part: Store, of: Columns, change: Change) -> int:
    total = last = 0
    while True:
        with part.transaction():
            last, count = change_some(part._connection, of, last, change)
        total += count
        if not last:
            return total
