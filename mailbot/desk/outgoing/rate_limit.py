"""How many answers, alerts and carried-out mails one sender can cause.

Answers: two automatic senders must not answer each other for ever.  What is counted is counted for each standing
apart: a mail that anybody can forge uses up nothing of what the person whose name it bears is owed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from mailbot.clock import tokyo_date, tokyo_midnight
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Intent, Request, Sender
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import AlertCause, alert_at_most
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.mail.automatic import detect_automatic
from mailbot.mail.message import Message
from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import InboxItem
from mailbot.model.reasons import NOT_UNDERSTOOD
from mailbot.model.standing import Standing, standing_of
from mailbot.notices.contents.answers import Answer
from mailbot.records.applications import application_queries
from mailbot.records.applications.reminders import record_once
from mailbot.records.queues import outbox

RATE_LIMITED = (NoticeKind.ANSWER, NoticeKind.DRAFT)
_CHANGES = frozenset({Intent.APPLY, Intent.CORRECT, Intent.WITHDRAW})
_DAY = timedelta(days=1)


def has_answers_left(address: str, standing: Standing, now: datetime, context: DeskContext) -> bool:
    """Whether a mail of this standing is still answered.

    Only answers to what was not understood are counted, but each answer to a mail whose author is not proven.
    """
    settings = context.settings
    if standing is Standing.UNPROVEN:
        sent = outbox.count_sent(address, now - _DAY, RATE_LIMITED, [standing])
        return sent < settings.unproven_answers_per_day
    per_day = outbox.count_answers(address, now - _DAY, NOT_UNDERSTOOD, [standing])
    per_hour = outbox.count_answers(address, now - timedelta(hours=1), NOT_UNDERSTOOD, [standing])
    return per_hour < settings.answers_per_hour and per_day < settings.answers_per_day


def told_once(
    sender: Sender, message: Message, item: InboxItem, reason: str, now: datetime, context: DeskContext
) -> tuple[Notice, ...]:
    """To a registered, proven person whose mail is not processed because of the limit `reason`: once a day for each.

    Nobody else is told: the mail may be a forgery, or a program's.
    """
    standing = standing_of(item.evidence, sender.address, proof_required=context.settings.proof_required)
    if standing is not Standing.PROVEN or not sender.is_registered:
        return ()
    if detect_automatic(message, item.envelope) is not None:
        return ()
    if not record_once(f"limit-reached:{reason}:{sender.address}:{tokyo_date(now)}", now):
        return ()
    to = recipients.author_of(sender, context.settings.language)
    return notices_to([to], Answer(topic="limit_reached", params={"reason": reason}), None)


def author_told_once(request: Request, reason: str, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """`told_once` about the mail of a request."""
    return told_once(request.sender, request.message, request.item, reason, now, context)


def wait_until(request: Request, now: datetime, context: DeskContext) -> datetime | None:
    """When the mail may be carried out: on the next day, if its sender has changed the most of this one; else None.

    Counted are the applications that were submitted, corrected or withdrawn since midnight (Asia/Tokyo).  A reply to a
    確認依頼 has a deadline, and is never made to wait.
    """
    if request.intent not in _CHANGES or _answers_the_desk(request):
        return None
    midnight = tokyo_midnight(tokyo_date(now))
    changes = application_queries.count_changes(request.sender.address, midnight)
    return midnight + _DAY if changes >= context.settings.changes_per_day else None


def _answers_the_desk(request: Request) -> bool:
    return request.application is not None and request.application.answer_by is not None


def told_to_wait(request: Request, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """To the sender and to the operators, once a day: further mails of the sender wait until the next day."""
    to_sender = author_told_once(request, "too-many-changes", now, context)
    return to_sender + alert_about(request, "too-many-changes", now, context)


def alert_about(
    request: Request,
    reason: str,
    now: datetime,
    context: DeskContext,
    params: Mapping[str, object] | None = None,
) -> tuple[Notice, ...]:
    """An alert about the mail, within the bounds of each cause and sender; `params`: what else it says."""
    about = {"reason": reason, "sender": request.sender.address, "inbox_id": request.item.id}
    return alert_at_most(cause_of(request, reason, context), "alert", now, context, params=about | dict(params or {}))


def cause_of(request: Request, reason: str, context: DeskContext) -> AlertCause:
    """The cause of an alert about the mail."""
    sender, standing = request.sender, request.standing(proof_required=context.settings.proof_required)
    is_known = sender.is_registered and standing is Standing.PROVEN
    return AlertCause(reason, sender.address, by_stranger=not is_known)
