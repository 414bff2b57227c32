"""How many answers one sender can cause: two automatic senders must not answer each other for ever.

Only answers to what was not understood count; applications, decisions, corrections and look-ups are always answered.
Above the limit the mails of a registered person are with a person behind the desk, and the sender is told so once.
"""

from dataclasses import replace
from datetime import datetime

from mailbot.clock import tokyo_date, tokyo_hour
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.inquiries.pass_on import store, to_readers
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.rate_limit import RATE_LIMITED, alert_about, has_answers_left
from mailbot.model.inquiry import Audience
from mailbot.model.queued_mail import Disposition
from mailbot.model.reasons import NOT_UNDERSTOOD
from mailbot.model.standing import Standing
from mailbot.notices.contents.answers import Answer
from mailbot.records.applications.reminders import record_once
from mailbot.text import fold_address


def within_limits(request: Request, outcome: Outcome, now: datetime, context: DeskContext) -> Outcome:
    """`outcome`; without its answer when the sender has had the most answers of an hour or a day."""
    standing = request.standing(proof_required=context.settings.proof_required)
    is_limited = outcome.reason in NOT_UNDERSTOOD or (standing is Standing.UNPROVEN and _is_answer(outcome))
    if not is_limited or has_answers_left(request.sender.address, standing, now, context):
        return outcome
    if not request.sender.is_registered or standing is not Standing.PROVEN:
        notices = alert_about(request, "too-many-answers", now, context)
        return replace(outcome, disposition=Disposition.QUARANTINED, reason="too-many-answers", notices=notices)
    told = _tell_once(request, now, context)
    first_of_the_hour = record_once(f"above-limit:{request.sender.address}:{tokyo_hour(now)}", now)
    if outcome.disposition is Disposition.PASSED_ON:
        mine = request.sender.address
        passed = tuple(n for n in outcome.notices if fold_address(n.to.email) != mine) if first_of_the_hour else ()
        return replace(outcome, notices=passed + told, reason="passed-on-above-limit")
    inquiry = store(request, Audience.DESK, now, context)
    passed = to_readers(request, inquiry, request.application, context) if first_of_the_hour else ()
    return Outcome(Disposition.PASSED_ON, "passed-on-above-limit", passed + told, request.application)


def _is_answer(outcome: Outcome) -> bool:
    """Whether nothing was carried out, and somebody gets an answer."""
    answered = outcome.disposition in (Disposition.ANSWERED, Disposition.QUARANTINED)
    return answered and any(notice.kind in RATE_LIMITED for notice in outcome.notices)


def _tell_once(request: Request, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """Once a day: the mails are with a person now."""
    if not record_once(f"with-a-person:{request.sender.address}:{tokyo_date(now)}", now):
        return ()
    promised = context.calendar.add(tokyo_date(now), context.settings.answer_business_days)
    to = recipients.author_of(request.sender, context.settings.language)
    return notices_to([to], Answer(topic="with_a_person", params={"promised": promised}), None)
