"""Every sealed column, and changing what is in all of them: for a migration, for new keys, for a lost key."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from mailbot.records.secrets.sealing import MARK, UNREADABLE, Sealer, octets_of, place_of

_ROWS = 50  # in one query: the contents of mails are in memory meanwhile


class Form(Enum):
    """How a column holds a sealed value."""

    OCTETS = "octets"
    TEXT = "text"  # base64
    JSON = "json"  # a JSON string of base64; what is sealed is JSON too

    def stored(self, sealed: bytes) -> bytes | str:
        """A sealed value as the column has it."""
        if self is Form.OCTETS:
            return sealed
        text = base64.b64encode(sealed).decode("ascii")
        return json.dumps(text) if self is Form.JSON else text

    def sealed(self, stored: Any) -> bytes:
        """The sealed value in a column; what is not sealed does not begin with `sealing.MARK`."""
        if self is Form.OCTETS:
            return bytes(stored)
        return octets_of(json.loads(stored) if self is Form.JSON else stored)


@dataclass(frozen=True)
class SealedColumn:
    """`row`: the column that names the row in the associated data; `of`: the table that is named there."""

    name: str
    form: Form
    row: str = "id"
    of: str = ""


@dataclass(frozen=True)
class SealedTable:
    """A table with its sealed columns."""

    name: str
    columns: tuple[SealedColumn, ...]
    key: str = "id"  # its primary key

    def place(self, column: SealedColumn, row: object) -> str:
        return place_of(column.of or self.name, column.name, row)


# The recipients go from the intake store to the inbox as they are.
INTAKE_TABLES = (
    SealedTable("received", (SealedColumn("content", Form.OCTETS), SealedColumn("recipients", Form.JSON))),
)
MAIN_TABLES = (
    SealedTable("inbox", (SealedColumn("recipients", Form.JSON, of="received"),)),
    SealedTable("read_lines", (SealedColumn("lines", Form.OCTETS, "mail_id"),), "mail_id"),
    SealedTable(
        "outbox",
        (
            SealedColumn("content", Form.OCTETS, "message_id"),
            SealedColumn("text", Form.TEXT, "message_id"),
            SealedColumn("notice", Form.JSON, "message_id"),
        ),
    ),
)
Change = Callable[[SealedColumn, str, Any], bytes | None]  # column, place, stored value → sealed value; None: leave it


def change_some(db: Any, table: SealedTable, after: int, change: Change) -> int:
    """Change the values of the next rows above the id `after`, in the caller's transaction; the last id, 0 at the end.

    Empty values are left alone.  `db`: the connection.
    """
    names = sorted({column.row for column in table.columns} | {column.name for column in table.columns})
    chosen = ", ".join(f'"{name}"' for name in names)
    key = table.key
    sql = f"SELECT {key}, {chosen} FROM {table.name} WHERE {key} > {after} ORDER BY {key} LIMIT {_ROWS}"
    found = db.execute_sql(sql).fetchall()
    for number, *values in found:
        row = dict(zip(names, values, strict=True))
        for column in table.columns:
            if row[column.name]:
                sealed = change(column, table.place(column, row[column.row]), row[column.name])
                if sealed is not None:
                    update = f'UPDATE {table.name} SET "{column.name}" = {db.param} WHERE {key} = {db.param}'
                    db.execute_sql(update, (column.form.stored(sealed), number))
    return int(found[-1][0]) if found else 0


def change_all(db: Any, tables: tuple[SealedTable, ...], change: Change) -> None:
    """Change the values of all rows, in the caller's transaction."""
    for table in tables:
        last = change_some(db, table, 0, change)
        while last:
            last = change_some(db, table, last, change)


def sealing_clear_values(sealer: Sealer) -> Change:
    """Seals what is in clear, as before migration 21."""

    def change(column: SealedColumn, place: str, stored: Any) -> bytes | None:
        if column.form.sealed(stored).startswith(MARK):
            return None
        clear = bytes(stored) if column.form is Form.OCTETS else stored.encode()
        return sealer.seal(place, clear)

    return change


def sealing_anew(sealer: Sealer) -> Change:
    """Seals with the newest key what another key has sealed; what cannot be decrypted stays as it is."""

    def change(column: SealedColumn, place: str, stored: Any) -> bytes | None:
        sealed = column.form.sealed(stored)
        octets = None if sealer.is_newest(sealed) else sealer.open(place, sealed)
        return sealer.seal(place, octets) if octets else None

    return change


def replacing_unreadable(sealer: Sealer) -> Change:
    """Puts a text that says so in the place of what no key decrypts."""

    def change(column: SealedColumn, place: str, stored: Any) -> bytes | None:
        if sealer.knows(column.form.sealed(stored)):
            return None
        return sealer.seal(place, b"[]" if column.form is Form.JSON else UNREADABLE)

    return change
