"""Alerts to the operators."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.notices.contents.answers import Alert
from mailbot.notices.values import Case
from mailbot.records.applications.reminders import record_once
from mailbot.records.queues import outbox


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
    times: int, topic: str, params: Mapping[str, object], now: datetime, context: DeskContext
) -> tuple[Notice, ...]:
    """`topic` to every operator who has had fewer than `times` alerts within the hour (flood protection)."""
    an_hour_ago = now - timedelta(hours=1)
    to = [
        one
        for one in recipients.operators(context)
        if outbox.count_sent(one.email, an_hour_ago, [NoticeKind.ALERT]) < times
    ]
    return alert(topic, context, params=params, to=to)
