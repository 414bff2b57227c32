"""Changing what is in sealed columns, row by row: for the migrations that seal, for new keys, for a lost key."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mailbot.records.secrets.sealing import Sealer, is_packed, is_sealed, sealed_octets, stored_like

_ROWS = 50  # in one query: the contents of mails are in memory meanwhile
Change = Callable[[str, Any], Any]  # column, value in it → the value to put there; None: leave it


@dataclass(frozen=True)
class Columns:
    """The names of a table, of some of its columns, and of its primary key, an integer."""

    table: str
    names: Collection[str]
    key: str = "id"


def change_some(db: Any, of: Columns, after: int, change: Change) -> tuple[int, int]:
    """Change values of the next rows above the key `after`, in the caller's transaction.  `db`: the connection.

    Returns the key of the last row, 0 at the end, and how many values were changed.  Empty values are left alone.
    """
    names = ", ".join(f'"{name}"' for name in of.names)
    found = db.execute_sql(
        f"SELECT {of.key}, {names} FROM {of.table} WHERE {of.key} > {after} ORDER BY {of.key} LIMIT {_ROWS}"
    ).fetchall()
    count = 0
    for number, *values in found:
        for name, stored in zip(of.names, values, strict=True):
            value = change(name, stored) if stored else None
            if value is not None:
                update = f'UPDATE {of.table} SET "{name}" = {db.param} WHERE {of.key} = {db.param}'
                db.execute_sql(update, (value, number))
                count += 1
    return int(found[-1][0]) if found else 0, count


def change_all(db: Any, of: Columns, change: Change) -> None:
    """Change the values of all rows, in the caller's transaction."""
    last, _ = change_some(db, of, 0, change)
    while last:
        last, _ = change_some(db, of, last, change)


def sealing_clear_values(sealer: Sealer) -> Change:
    """Seals what is in clear."""

    def change(column: str, stored: Any) -> Any:
        if is_sealed(stored):
            return None
        return stored_like(stored, sealer.seal(column, stored.encode() if isinstance(stored, str) else bytes(stored)))

    return change


def sealing_anew(sealer: Sealer) -> Change:
    """Seals with the newest key what another key has sealed; what cannot be decrypted stays as it is."""

    def change(column: str, stored: Any) -> Any:
        sealed = sealed_octets(stored)
        octets = None if sealer.is_newest(sealed) else sealer.open(column, sealed)
        return stored_like(stored, sealer.seal(column, octets, packs=is_packed(sealed))) if octets else None

    return change


def replacing_unreadable(sealer: Sealer, lost: Mapping[str, bytes]) -> Change:
    """Puts `lost` (by the name of the column) in the place of what no key decrypts."""

    def change(column: str, stored: Any) -> Any:
        return None if sealer.knows(sealed_octets(stored)) else stored_like(stored, sealer.seal(column, lost[column]))

    return change
