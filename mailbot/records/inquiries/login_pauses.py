"""Queries on pauses of an office's log-in on the web page.  A pause lasts until an operator ends it."""

from datetime import datetime

from mailbot.records.schema.inquiry_tables import LoginPauseRow


def begin(office: str, at: datetime, reason: str) -> bool:
    """Pause the log-in of an office, in the caller's transaction; False when it was paused already."""
    row = LoginPauseRow.insert(office=office, since=at, reason=reason).on_conflict_ignore()
    return bool(row.as_rowcount().execute())


def end(office: str) -> bool:
    """End the pause, in the caller's transaction; False when there was none."""
    return bool(LoginPauseRow.delete().where(LoginPauseRow.office == office).execute())


def is_paused(office: str) -> bool:
    """Whether the office's log-in is paused."""
    return LoginPauseRow.get_or_none(LoginPauseRow.office == office) is not None


def listing() -> list[tuple[str, datetime, str]]:
    """Every pause as (事業所コード, since, reason), by the code."""
    return [(row.office, row.since, row.reason) for row in LoginPauseRow.select().order_by(LoginPauseRow.office)]
