"""Queries on the clock mark: the last instant at which the system clock passed the plausibility check."""

from datetime import datetime

from mailbot.records.schema.log_tables import ClockRow


def last() -> datetime | None:
    """The mark; None before the first check."""
    row = ClockRow.get_or_none(ClockRow.id == 1)
    return row.seen_at if row is not None else None


def record(at: datetime) -> None:
    """Set the mark to `at`, in the caller's transaction."""
    if not ClockRow.update(seen_at=at).where(ClockRow.id == 1).execute():
        ClockRow.insert(id=1, seen_at=at).execute()
