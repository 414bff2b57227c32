"""Queries on the keys of scheduled notices: a notice is queued once, also across restarts."""

from datetime import datetime, timedelta

from mailbot.records.schema.application_tables import ReminderRow


def is_recorded(key: str) -> bool:
    """Whether `key` was recorded."""
    return ReminderRow.get_or_none(ReminderRow.key == key) is not None


def record_once(key: str, at: datetime) -> bool:
    """Record `key`, in the transaction that queues its notice; False when it was recorded before."""
    return bool(ReminderRow.insert(key=key, at=at).on_conflict_ignore().as_rowcount().execute())


def record_at_most(times: int, key: str, at: datetime, period: timedelta) -> bool:
    """Record `key` once more, in the transaction that queues its notice; False when it was `times` times in `period`.

    What is older than the period is deleted under every key that begins with the same word: strangers cause such rows.
    """
    alike = ReminderRow.key.startswith(f"{key.partition(':')[0]}:")
    ReminderRow.delete().where(alike & (ReminderRow.at <= at - period)).execute()
    before = ReminderRow.select().where(ReminderRow.key.startswith(f"{key}:")).count()
    return before < times and record_once(f"{key}:{at.isoformat()}:{before}", at)
