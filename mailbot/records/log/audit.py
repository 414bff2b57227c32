"""Queries on the audit log: access to secrets, and operations on the whole store.  Append-only."""

from datetime import datetime

from mailbot.records.schema.log_tables import AuditRow


def append(at: datetime, who: str, what: str) -> None:
    """Add a row, in the caller's transaction.  `who`: role or address; `what`: the operation, in words."""
    AuditRow.create(at=at, who=who, what=what)


def listing(limit: int | None = None) -> list[tuple[datetime, str, str]]:
    """Every row as (at, who, what), oldest first; the latest `limit` of them."""
    rows = list(AuditRow.select().order_by(AuditRow.id.desc()).limit(limit))
    return [(row.at, row.who, row.what) for row in rows[::-1]]


def latest(what: str) -> tuple[datetime, str] | None:
    """When and by whom `what` was done last, with or without further words behind a comma; None when never."""
    same = (AuditRow.what == what) | AuditRow.what.startswith(f"{what},")
    row = AuditRow.select().where(same).order_by(AuditRow.id.desc()).first()
    return (row.at, row.who) if row is not None else None
