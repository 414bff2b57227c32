"""Who looked at a secret, and when.  Append-only."""

from datetime import datetime

from mailbot.records.schema.log_tables import AuditRow


def append(at: datetime, who: str, what: str) -> None:
    """Keep one look, in the caller's transaction."""
    AuditRow.create(at=at, who=who, what=what)


def listing() -> list[tuple[datetime, str, str]]:
    """(at, who, what), oldest first."""
    return [(row.at, row.who, row.what) for row in AuditRow.select().order_by(AuditRow.id)]
