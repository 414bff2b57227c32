"""Queries on the audit log: who looked at which mail or application, access to secrets, operations.  Append-only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mailbot.model.audit import AuditKind
from mailbot.model.audit import AuditRow as Audited
from mailbot.records.keyset import Part, Place, part
from mailbot.records.schema.log_tables import AuditRow


def append(at: datetime, who: str, what: str, subject: str = "") -> None:
    """Add an action, in the caller's transaction.

    `who`: role or address; `what`: the operation, in words; `subject`: about what (model.audit).
    """
    AuditRow.create(at=at, who=who, what=what, kind=AuditKind.ACT.value, subject=subject)


def look(at: datetime, who: str, subject: str) -> None:
    """Add a look at a mail or an application, in the caller's transaction."""
    AuditRow.create(at=at, who=who, what="looked at", kind=AuditKind.LOOK.value, subject=subject)


def select(
    *, who: str = "", kind: AuditKind | None = None, subject: str = "", place: Place | None = None
) -> Part[Audited]:
    """Some rows of the audit log, the newest first; of one person, kind or subject."""
    query = AuditRow.select()
    for column, value in (
        (AuditRow.who, who),
        (AuditRow.kind, kind.value if kind else ""),
        (AuditRow.subject, subject),
    ):
        if value:
            query = query.where(column == value)
    return part(query, (AuditRow.id,), place or Place(), _rows, newest=True)


def _rows(rows: Sequence[Any]) -> list[Audited]:
    return [Audited(row.id, row.at, row.who, AuditKind(row.kind), row.what, row.subject) for row in rows]


def latest(what: str) -> tuple[datetime, str] | None:
    """When and by whom `what` was done last, with or without further words behind a comma; None when never."""
    same = (AuditRow.what == what) | AuditRow.what.startswith(f"{what},")
    row = AuditRow.select().where(same).order_by(AuditRow.id.desc()).first()
    return (row.at, row.who) if row is not None else None
