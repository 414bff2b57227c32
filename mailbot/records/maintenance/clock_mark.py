"""The last instant at which the desk's clock was believed."""

from datetime import datetime

from mailbot.records.schema.log_tables import ClockRow


def last() -> datetime | None:
    row = ClockRow.get_or_none(ClockRow.id == 1)
    return row.seen_at if row is not None else None


def record(at: datetime) -> None:
    """In the caller's transaction."""
    if not ClockRow.update(seen_at=at).where(ClockRow.id == 1).execute():
        ClockRow.insert(id=1, seen_at=at).execute()
