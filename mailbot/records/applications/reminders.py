"""Queries on the keys of scheduled notices: a notice is queued once, also across restarts."""

from datetime import datetime

from mailbot.records.schema.application_tables import ReminderRow


def is_recorded(key: str) -> bool:
    """Whether `key` was recorded."""
    return ReminderRow.get_or_none(ReminderRow.key == key) is not None


def record_once(key: str, at: datetime) -> bool:
    """Record `key`, in the transaction that queues its notice; False when it was recorded before."""
    return bool(ReminderRow.insert(key=key, at=at).on_conflict_ignore().as_rowcount().execute())
