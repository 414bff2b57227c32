"""Backup and restore: one gzip file (RFC 1952) of JSON lines, independent of the database.

The first line is a header; each table follows with a line for its name and columns and a line for each row; the last
line holds the number of rows, so that a truncated file is detected.  Issued passwords are encrypted in it; their keys
are in the key files only, and are destroyed after the last view day.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mailbot.errors import Permanent
from mailbot.files import replacing
from mailbot.records.applications import grants
from mailbot.records.database import Store
from mailbot.records.log import audit
from mailbot.records.maintenance import copying
from mailbot.records.queues import outbox
from mailbot.records.queues.retries import HELD_BY_RESTORE
from mailbot.records.schema.application_tables import ReceiptSequenceRow
from mailbot.records.schema.columns import BaseRow
from mailbot.records.schema.desk_login_tables import DeskSessionRow
from mailbot.records.schema.log_tables import ClockRow
from mailbot.records.schema.secret_tables import SessionRow
from mailbot.records.schema.tables import INTAKE, MAIN

FORMAT = 1
RECEIPTS_SKIPPED = 1_000  # they may have been issued between the backup and the restore
_DAMAGED = "is damaged or cut off; take another backup"


@dataclass(frozen=True)
class Restored:
    """The result of a restore."""

    made_at: str  # when the backup was made, ISO 8601
    rows: int
    not_sent: int  # notices queued at the time of the backup: they may have been sent since
    tokens_ended: int  # reply tokens made void


def write(store: Store, path: Path, now: datetime) -> int:
    """Write a consistent snapshot of the store, which stays in use; returns the number of rows.

    The file is replaced atomically, mode 0600.  Raises OSError.
    """
    with replacing(path) as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6) as packed:
        with store.reading():
            count = 0
            header = {"mailbot_backup": FORMAT, "made_at": now.isoformat(), "schema": copying.schema_of(store)}
            packed.write(_line(header))
            for table in MAIN.tables:
                count += _write_table(packed, store, table)
        # Later than the main store, so that no mail of its inbox is missing.  What was received in between is
        # transferred after a restore.
        with store.intake.reading():
            for table in INTAKE.tables:
                count += _write_table(packed, store, table)
        packed.write(_line({"end": count}))
    return count


def _write_table(packed: gzip.GzipFile, store: Store, table: type[BaseRow]) -> int:
    packed.write(_line({"table": table._meta.table_name, "columns": copying.columns_of(table)}))
    count = 0
    for row in copying.rows_of(store, table):
        packed.write(_line(row))
        count += 1
    return count


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def restore(store: Store, path: Path, now: datetime) -> Restored:
    """Fill the empty `store` from a backup; nothing that was done after the backup is done again.

    Queued notices become failed (an operator may retry them), every reply token becomes void, and RECEIPTS_SKIPPED
    receipt numbers are skipped.  Raises Permanent when the file is damaged or of another version, or the store is not
    empty.
    """
    lines = _lines(path)
    header = next(lines, None)
    if not isinstance(header, dict) or header.get("mailbot_backup") != FORMAT:
        raise Permanent(f"{path}: not a backup of mailbot, or of another format")
    schema, made_at = header.get("schema"), header.get("made_at")
    if not (isinstance(schema, list) and schema and isinstance(made_at, str)):
        raise Permanent(f"{path} {_DAMAGED}")
    # The main store commits first: while it is empty, nothing of the intake store could be handled anew.
    with store.intake.transaction(), store.transaction():
        if not copying.is_empty(store):
            raise Permanent(f"{store.name} is not empty; restore into a new store: move the old one away first")
        if schema != copying.schema_of(store):
            raise Permanent(f"{path}: made by another version of mailbot ({schema[-1]}); use that version")
        rows = _fill(store, path, lines)
        result = Restored(made_at, rows, outbox.fail_undelivered(HELD_BY_RESTORE, now), grants.void_all(now))
        SessionRow.delete().execute()
        DeskSessionRow.delete().execute()
        ClockRow.delete().execute()
        last = ReceiptSequenceRow.last + RECEIPTS_SKIPPED
        ReceiptSequenceRow.update(last=last).execute()
        audit.append(now, "restore", f"filled from a backup of {result.made_at}")
    return result


def _fill(store: Store, path: Path, lines: Iterator[Any]) -> int:
    """Insert the rows; returns how many.  Raises Permanent when the last line is missing or has another count."""
    pending: list[list[Any]] = []
    count, table = 0, None
    for line in lines:
        if not isinstance(line, dict) and not (isinstance(line, list) and table is not None):
            raise Permanent(f"{path} {_DAMAGED}")
        if isinstance(line, list):
            pending.append(line)
            if len(pending) < 200:
                continue
        if table is not None:
            count += copying.insert(store, table, pending)
            pending = []
        if isinstance(line, dict) and "end" in line:
            if line["end"] != count or next(lines, None) is not None:  # and the checksum at the end of the file
                raise Permanent(f"{path} {_DAMAGED}")
            return count
        if isinstance(line, dict):
            table = copying.table_named(str(line.get("table")))
            if line.get("columns") != copying.columns_of(table):
                raise Permanent(f"{path}: the columns of {line.get('table')} are not those of this version")
    raise Permanent(f"{path} {_DAMAGED}")


def _lines(path: Path) -> Iterator[Any]:
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                yield json.loads(line)
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        raise Permanent(f"{path} {_DAMAGED}", f"{path}: {type(error).__name__}: {error}") from error
