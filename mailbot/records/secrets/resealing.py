"""Sealed values of the whole store: whether their key is there; new keys; a lost key."""

from collections.abc import Callable

from mailbot.errors import Permanent
from mailbot.records.database.store import Store
from mailbot.records.secrets.sealed_columns import (
    INTAKE_TABLES,
    MAIN_TABLES,
    Change,
    Form,
    change_some,
    replacing_unreadable,
    sealing_anew,
)
from mailbot.records.secrets.sealing import Sealer

_NEWEST = "SELECT {column} FROM {table} WHERE {column} <> '' ORDER BY id DESC LIMIT 1"


def require_key(store: Store) -> None:
    """Raises Permanent when the key that sealed the newest mail or notice is not in the key file.

    Otherwise another key file would be made, and be lost when the right one is put back.
    """
    sealer: Sealer = store._connection.sealer
    columns = ((store.intake, "received", "recipients", Form.JSON), (store, "outbox", "text", Form.TEXT))
    for part, table, column, form in columns:
        with part.reading():
            found = part._connection.execute_sql(_NEWEST.format(table=table, column=column)).fetchone()
        if found is not None and not sealer.knows(form.sealed(found[0])):
            raise Permanent(
                f"{sealer.path}: the key that encrypts the mails in {part.name} is not there; put back the copy of this"
                " file that you keep.  If there is none: mailbot keys lost"
            )


def seal_anew(store: Store) -> int:
    """Seal everything with the newest key; returns how many values.  Not inside of a transaction: it takes long.

    When the process ends in between, the rest keeps its key, which stays in the file.
    """
    sealer: Sealer = store._connection.sealer
    sealer.use_newest()
    return _change_all(store, sealing_anew(sealer))


def replace_unreadable(store: Store) -> int:
    """Put a text that says so in the place of each mail that no key decrypts; returns how many values."""
    sealer: Sealer = store._connection.sealer
    sealer.use_newest()
    return _change_all(store, replacing_unreadable(sealer))


def _change_all(store: Store, change: Change) -> int:
    counted, count = _counting(change)
    for part, tables in ((store.intake, INTAKE_TABLES), (store, MAIN_TABLES)):
        for table in tables:
            last = 0
            while True:
                with part.transaction():
                    last = change_some(part._connection, table, last, counted)
                if not last:
                    break
        if count():
            with part.transaction():
                part.purge_deleted()
    return count()


def _counting(change: Change) -> tuple[Change, Callable[[], int]]:
    """The same change, and how many values it has changed so far."""
    changed = 0

    def counted(*of: object) -> bytes | None:
        nonlocal changed
        sealed = change(*of)  # type: ignore[arg-type]
        changed += sealed is not None
        return sealed

    return counted, lambda: changed
