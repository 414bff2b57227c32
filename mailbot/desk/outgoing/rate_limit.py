"""How many answers and alerts one sender can cause: two automatic senders must not answer each other for ever."""

from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.alerts import alert_at_most
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import Disposition
from mailbot.records.queues import outbox

_RATE_LIMITED = (NoticeKind.ANSWER, NoticeKind.DRAFT)
_MOST_ALERTS = {"token-of-another-person": 10, "not-a-reviewer": 10, "too-many-answers": 1}  # in an hour


def within_limits(request: Request, outcome: Outcome, now: datetime, context: DeskContext) -> Outcome:
    """`outcome`, or the mail quarantined when its sender has had the most answers of an hour or a day.

    What was carried out is always confirmed; only answers that change nothing are held back.
    """
    if outcome.disposition is not Disposition.ANSWERED:
        return outcome
    address, settings = request.sender.address, context.settings
    per_hour = outbox.count_sent(address, now - timedelta(hours=1), _RATE_LIMITED)
    per_day = outbox.count_sent(address, now - timedelta(days=1), _RATE_LIMITED)
    if per_hour < settings.answers_per_hour and per_day < settings.answers_per_day:
        return outcome
    notices = alert_about(request, "too-many-answers", now, context)
    return replace(outcome, disposition=Disposition.QUARANTINED, reason="too-many-answers", notices=notices)


def alert_about(request: Request, reason: str, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """An alert about the mail, at most so many an hour for each reason: a sender must not flood the operators."""
    params = {"reason": reason, "sender": request.sender.address, "inbox_id": request.item.id}
    return alert_at_most(_MOST_ALERTS[reason], "alert", params, now, context)
