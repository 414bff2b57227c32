"""Alerts to the operators."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.model.notice import Addressee
from mailbot.notices.contents.answers import Alert
from mailbot.notices.values import Case
from mailbot.records.applications.reminders import record_at_most, record_once


def alert(
    topic: str,
    context: DeskContext,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
    to: Sequence[Addressee] | None = None,
) -> tuple[Notice, ...]:
    """`topic` (a template under `answers/`) to every operator, or to those of them in `to`."""
    readers = recipients.operators(context) if to is None else to
    return notices_to(readers, Alert(topic=topic, case=case, params=params or {}), None)


def alert_once(
    key: str,
    topic: str,
    now: datetime,
    context: DeskContext,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
) -> None:
    """Enqueue `topic` to every operator, unless that was done with `key` before; in the caller's transaction."""
    if record_once(key, now):
        enqueue_notices(alert(topic, context, case=case, params=params), now, context)


def alert_at_most(
    times: int, key: str, topic: str, params: Mapping[str, object], now: datetime, context: DeskContext
) -> tuple[Notice, ...]:
    """`topic` to every operator, at most `times` an hour for `key`: what strangers can cause under one key uses up
    nothing of the alerts under another.
    """
    if not record_at_most(times, f"alert:{key}", now, timedelta(hours=1)):
        return ()
    return alert(topic, context, params=params)
