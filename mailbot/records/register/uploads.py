"""Register files that were sent on a page, until they are imported: each log-in has at most one, for a short time."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mailbot.records.database import Store
from mailbot.records.schema.import_tables import RegisterUploadRow

KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Upload:
    """`file`: its name; `sha256`: hexadecimal."""

    number: int
    at: datetime
    file: str
    sha256: str
    content: bytes = field(repr=False)


def keep(login_id: int, file: str, content: bytes, now: datetime) -> int:
    """Store a file in the place of an earlier one of the same log-in, in the caller's transaction; its number."""
    RegisterUploadRow.delete().where(RegisterUploadRow.login_id == login_id).execute()
    sha256 = hashlib.sha256(content).hexdigest()
    row = RegisterUploadRow.create(login_id=login_id, at=now, file=file, sha256=sha256, content=content)
    return int(row.id)


def find(number: int, login_id: int, now: datetime) -> Upload | None:
    """The file with that number, if it is of this log-in and not too old."""
    row: Any = RegisterUploadRow.get_or_none(_is(number, login_id) & (RegisterUploadRow.at > now - KEPT))
    return Upload(row.id, row.at, row.file, row.sha256, row.content) if row is not None else None


def remove(number: int, login_id: int) -> bool:
    """Delete a file, in the caller's transaction; False when somebody else was faster."""
    return bool(RegisterUploadRow.delete().where(_is(number, login_id)).execute())


def forget(now: datetime, store: Store) -> None:
    """Delete the files that are too old, if there are any."""
    old = RegisterUploadRow.at <= now - KEPT
    with store.reading():
        found = RegisterUploadRow.select().where(old).exists()
    if found:
        with store.transaction():
            RegisterUploadRow.delete().where(old).execute()


def _is(number: int, login_id: int) -> Any:
    return (RegisterUploadRow.id == number) & (RegisterUploadRow.login_id == login_id)
