"""What was said by the calendar already: nothing is said twice, also after a restart."""

from datetime import datetime

from mailbot.records.schema.application_tables import ReminderRow


def is_recorded(key: str) -> bool:
    """Whether `key` was noted before."""
    return ReminderRow.get_or_none(ReminderRow.key == key) is not None


def record_once(key: str, at: datetime) -> bool:
    """Whether `key` is noted for the first time now: what is said by the calendar is said once."""
    return bool(ReminderRow.insert(key=key, at=at).on_conflict_ignore().as_rowcount().execute())
