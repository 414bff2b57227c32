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

    at: datetime
    file: str
    sha256: str
    content: bytes = field(repr=False)


def keep(login_id: int, file: str, content: bytes, now: datetime) -> str:
    """Store a file in the place of an earlier one of the same log-in, in the caller's transaction; its SHA-256."""
    RegisterUploadRow.delete().where(RegisterUploadRow.login_id == login_id).execute()
    sha256 = hashlib.sha256(content).hexdigest()
    RegisterUploadRow.create(login_id=login_id, at=now, file=file, sha256=sha256, content=content)
    return sha256


def find(sha256: str, login_id: int, now: datetime) -> Upload | None:
    """The file with that SHA-256, if it is of this log-in and not too old."""
    row: Any = RegisterUploadRow.get_or_none(_is(sha256, login_id) & (RegisterUploadRow.at > now - KEPT))
    return Upload(row.at, row.file, row.sha256, row.content) if row is not None else None


def remove(sha256: str, login_id: int) -> bool:
    """Delete a file, in the caller's transaction; False when somebody else was faster."""
    return bool(RegisterUploadRow.delete().where(_is(sha256, login_id)).execute())


def forget(now: datetime, store: Store) -> None:
    """Delete the files that are too old, if there are any."""
    old = RegisterUploadRow.at <= now - KEPT
    with store.reading():
        found = RegisterUploadRow.select().where(old).exists()
    if found:
        with store.transaction():
            RegisterUploadRow.delete().where(old).execute()


def _is(sha256: str, login_id: int) -> Any:
    return (RegisterUploadRow.sha256 == sha256) & (RegisterUploadRow.login_id == login_id)
