"""Queries on the keys of scheduled notices: a notice is queued once, also across restarts.

A key is its kind and its subject, joined by colons.
"""

from datetime import datetime, timedelta

from mailbot.records.schema.application_tables import ReminderRow

_SHORT = timedelta(days=40)  # a key with a day or hour, or a limit of a day: longer than a clock may have been wrong
_LONG = timedelta(days=400)  # a mail, which has long been handled by then
# How long the keys of each kind are kept: strangers cause most.  None: for good, a few of each application.
RETENTION: dict[str, timedelta | None] = {
    "above-limit": _SHORT,
    "acknowledged": _LONG,
    "alert": _SHORT,
    "alert-about": _SHORT,
    "answer": None,
    "check": _SHORT,
    "clock": _LONG,
    "daily-list": _SHORT,
    "desk-login-paused": _SHORT,
    "digest": _SHORT,
    "failed": _SHORT,
    "limit-reached": _SHORT,
    "mail-postponed": _SHORT,
    "newcomer-challenge": _SHORT,
    "notice-held": _SHORT,
    "paper": None,
    "perhaps-automatic": _SHORT,
    "purge": _SHORT,
    "too-large": _LONG,
    "view": None,
    "waiting": _LONG,
    "with-a-person": _SHORT,
}

# Those that bound how often something is said.
_LIMITS = (
    *("above-limit", "alert", "alert-about", "desk-login-paused", "failed", "limit-reached", "mail-postponed"),
    *("newcomer-challenge", "notice-held", "perhaps-automatic"),
)


def forget_limits_after(now: datetime) -> None:
    """Delete the keys of limits that a clock ahead of the right time has recorded, in the caller's transaction."""
    for kind in _LIMITS:
        ReminderRow.delete().where((ReminderRow.kind == kind) & (ReminderRow.at > now)).execute()


def is_recorded(key: str) -> bool:
    """Whether `key` was recorded."""
    return ReminderRow.get_or_none(ReminderRow.key == key) is not None


def record_once(key: str, at: datetime) -> bool:
    """Record `key`, in the transaction that queues its notice; False when it was recorded before.

    Raises KeyError for a kind without a retention.
    """
    kind = _kind(key)
    if kind not in RETENTION:
        raise KeyError(kind)
    return bool(ReminderRow.insert(key=key, at=at, kind=kind).on_conflict_ignore().as_rowcount().execute())


def record_at_most(times: int, key: str, at: datetime, period: timedelta) -> bool:
    """Record `key` once more, in the transaction that queues its notice; False when it was `times` times in `period`.

    What is older than the period is deleted under every key of that kind: strangers cause such rows.
    """
    alike = ReminderRow.kind == _kind(key)
    ReminderRow.delete().where(alike & (ReminderRow.at <= at - period)).execute()
    before = ReminderRow.select().where(alike & ReminderRow.key.startswith(f"{key}:")).count()
    return before < times and record_once(f"{key}:{at.isoformat()}:{before}", at)


def delete_old(now: datetime) -> int:
    """Delete the keys whose retention is over, in the caller's transaction; returns how many."""
    deleted = 0
    for kind, kept in RETENTION.items():
        if kept is not None:
            old = (ReminderRow.kind == kind) & (ReminderRow.at < now - kept)
            deleted += int(ReminderRow.delete().where(old).execute())
    return deleted


def _kind(key: str) -> str:
    return key.partition(":")[0]
