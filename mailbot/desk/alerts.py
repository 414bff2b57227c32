"""What the operators are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mailbot.desk import addressees
from mailbot.desk.outcome import Owed, owed_to
from mailbot.desk.tools import Tools
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.notices.write import Case
from mailbot.records import outbox


def alert(
    topic: str,
    tools: Tools,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
    to: Sequence[Addressee] | None = None,
) -> tuple[Owed, ...]:
    """`topic` (a template under `answers/`) to every operator, or to those of them in `to`."""
    return owed_to(
        NoticeKind.ALERT,
        addressees.operators(tools) if to is None else to,
        None,
        lambda reader, _reply_to: tools.writer.answer(topic, reader, case=case, params=params),
    )


def alert_at_most(
    times: int, topic: str, params: Mapping[str, object], now: datetime, tools: Tools
) -> tuple[Owed, ...]:
    """`topic` to every operator who has not had `times` alerts within the hour: nobody can flood them."""
    an_hour_ago = now - timedelta(hours=1)
    to = [
        one
        for one in addressees.operators(tools)
        if outbox.answers_to(one.email, an_hour_ago, [NoticeKind.ALERT]) < times
    ]
    return alert(topic, tools, params=params, to=to)
