"""What the operators are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.outcome import Notice, notices_to
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.notices.write import Case
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
    return notices_to(
        NoticeKind.ALERT,
        recipients.operators(context) if to is None else to,
        None,
        lambda reader, _reply_to: context.writer.answer(topic, reader, case=case, params=params),
    )


def alert_at_most(
    times: int, topic: str, params: Mapping[str, object], now: datetime, context: DeskContext
) -> tuple[Notice, ...]:
    """`topic` to every operator who has not had `times` alerts within the hour: nobody can flood them."""
    an_hour_ago = now - timedelta(hours=1)
    to = [
        one
        for one in recipients.operators(context)
        if outbox.answers_to(one.email, an_hour_ago, [NoticeKind.ALERT]) < times
    ]
    return alert(topic, context, params=params, to=to)
