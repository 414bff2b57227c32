"""The whole path of one mail, top to bottom, in one transaction.

A surprise inside rolls everything back; the caller then shunts the item and goes on with the next one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.desk.answers import challenges, help_and_forms
from mailbot.desk.applications import submit
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.authorization import Judgement, Verdict, evidence_in_words, judge
from mailbot.desk.incoming.classify import classify, reading_of
from mailbot.desk.incoming.request import Intent, Request
from mailbot.desk.outgoing.alerts import alert_at_most
from mailbot.desk.outgoing.enqueue import enqueue_notice
from mailbot.desk.outgoing.outcome import Notice, Outcome
from mailbot.desk.outgoing.undelivered import undelivered
from mailbot.desk.review import absence, decide
from mailbot.desk.review import answers as review_answers
from mailbot.errors import NotYet
from mailbot.mail import bounces
from mailbot.mail.archive_password import without_text
from mailbot.mail.message import Message, read
from mailbot.model.evidence import Result
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import Arrival, Disposition, InboxItem
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox, outbox
from mailbot.records.register import absences
from mailbot.text import fold_address, one_line

_WAIT, _LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=1)  # for name servers that do not answer
_MOST_ALERTS = {"token-of-another-person": 10, "not-a-reviewer": 10, "too-many-answers": 1}  # in an hour
_APPLICANT_SIDE = frozenset({Role.CONTACT, Role.ADMINISTRATOR})
_NO_PERSON = frozenset({Intent.SET_ASIDE, Intent.RECORD, Intent.ABSENCE})
_RATE_LIMITED = (NoticeKind.ANSWER, NoticeKind.DRAFT)


class _Rollback(Exception):
    """Ends the transaction of an explanation without keeping anything."""


def handle(item: InboxItem, now: datetime, context: DeskContext) -> Outcome:
    """Do what the mail asks, and everything that follows from it, in one transaction.

    Raises inbox.Finished when another process was first.
    """
    message = read(item.raw)
    item = _authenticated(item, message, now, context)
    with context.store.transaction():
        inbox.require_waiting(item.id)
        inbox.keep_evidence(item.id, item.evidence)
        _, outcome = _process(item, message, now, context)
        if outcome.resume is not None:
            _resume(outcome.resume, now, context)
    return outcome


def _authenticated(item: InboxItem, message: Message, now: datetime, context: DeskContext) -> InboxItem:
    """The mail with what DNS says of its sender, asked before the transaction.  Raises NotYet when DNS is away."""
    evidence = context.authenticate(item, message, now)
    if evidence.aligned is Result.TEMPERROR and now - item.received_at < _LONGEST_WAIT:
        raise NotYet("The name servers do not answer.", f"mail #{item.id}", until=now + _WAIT)
    return replace(item, evidence=evidence)


def _resume(item_id: int, now: datetime, context: DeskContext) -> None:
    """An earlier mail, now that its sender is proven: what it asks for is carried out as if it came now."""
    item = inbox.get(item_id)
    if item is None:
        return
    message = read(item.raw)
    challenges.register_newcomer(classify(item, message, context), context)
    _process(item, message, now, context)


def explain(arrival: Arrival, now: datetime, context: DeskContext) -> tuple[Request, Outcome]:
    """How a mail would be read and what would be done: the same path, taken back at the end."""
    message = read(arrival.raw)
    evidence = context.authenticate(InboxItem(0, **vars(arrival)), message, now)
    try:
        with context.store.transaction():
            item_id = inbox.accept(context.store, [arrival])[0]
            item = InboxItem(item_id, arrival.envelope, arrival.raw, evidence, arrival.received_at)
            result = _process(item, message, now, context)
            raise _Rollback
    except _Rollback:
        return result


def _process(item: InboxItem, message: Message, now: datetime, context: DeskContext) -> tuple[Request, Outcome]:
    request = classify(item, message, context)
    judgement = judge(request, proof_required=context.settings.proof_required)
    if judgement.verdict is Verdict.PROVEN and request.intent not in _NO_PERSON:
        absences.end(request.sender.address)  # whoever writes is not away
    outcome = _act(request, judgement, now, context)
    outcome = _within_limits(request, outcome, now, context)
    _log(request, outcome, now)
    _post_all(request, outcome, now, context)
    application_id = outcome.application.id if outcome.application else None
    key = request.dedupe_key
    reading = None
    if request.withheld:
        inbox.withhold(item.id, without_text(item.raw))
        context.store.purge_deleted()
    elif request.intent not in _NO_PERSON:
        reading = reading_of(request, context)
    inbox.finish(
        item.id,
        outcome.disposition,
        outcome.reason,
        now,
        application_id=application_id,
        dedupe_key=key,
        reading=reading,
    )
    return request, outcome


def _post_all(request: Request, outcome: Outcome, now: datetime, context: DeskContext) -> None:
    """Every notice.  Two applications out of one mail share a thread, also for those who did not write the mail."""
    threads: dict[str, str] = {}
    for owed in outcome.notices:
        answers = _answered(owed, request)
        started = threads.get(owed.to.email, "") if owed.to.role in _APPLICANT_SIDE else ""
        posted = enqueue_notice(owed, now, context, answers=answers, follows=started, caused_by=request.item.id)
        threads.setdefault(owed.to.email, posted)


Action = Callable[[Request, datetime, DeskContext], Outcome]


def _keep_aside(request: Request, now: datetime, context: DeskContext) -> Outcome:
    return Outcome(Disposition.QUARANTINED, request.reason, detail=request.detail)


def _record(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """A duplicate, or a bounce: one that is for good is told to the operators."""
    item = outbox.get(request.bounced) if request.bounced is not None else None
    for_good = any(failure.is_permanent for failure in bounces.failures(request.item.raw))
    notices: tuple[Notice, ...] = ()
    if item is not None and for_good:
        outbox.bounced(item.id, request.detail, now)
        notices = undelivered(item, request.detail, context)
    return Outcome(Disposition.RECORDED, request.reason, notices, detail=request.detail)


ACTIONS: dict[Intent, Action] = {
    Intent.SET_ASIDE: _keep_aside,
    Intent.RECORD: _record,
    Intent.APPLY: submit.apply,
    Intent.SAVE: submit.apply,
    Intent.CORRECT: submit.correct,
    Intent.WITHDRAW: submit.withdraw,
    Intent.ABSENCE: absence.note,
    Intent.DECIDE: decide.decide,
    Intent.ARCHIVE_PASSWORD: help_and_forms.archive_password,
    Intent.LOOK_UP: help_and_forms.answer,
    Intent.CONFIRM: challenges.answer,
    Intent.ENQUIRE: help_and_forms.answer,
}


def _act(request: Request, judgement: Judgement, now: datetime, context: DeskContext) -> Outcome:
    match judgement.verdict:
        case Verdict.SET_ASIDE:
            return _not_proven(request, judgement, now, context)
        case Verdict.CHALLENGE | Verdict.CHALLENGE_ADMINISTRATOR:
            return challenges.challenge(request, judgement, now, context)
        case Verdict.EXPIRED:
            return challenges.expired(request, context)
        case Verdict.TOLD:
            return review_answers.reply_to_the_notice(request, context)
        case Verdict.PROVEN:
            return ACTIONS[request.intent](request, now, context)


def _not_proven(request: Request, judgement: Judgement, now: datetime, context: DeskContext) -> Outcome:
    """Kept for an operator, not answered; a token in a stranger's hand is told to the operators."""
    notices = _alert(request, judgement.reason, now, context) if judgement.alert else ()
    return Outcome(Disposition.QUARANTINED, judgement.reason, notices, detail=request.detail)


def _alert(request: Request, reason: str, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """To the operators, but not without end: who can make the desk alert could otherwise flood them."""
    params = {"reason": reason, "sender": request.sender.address, "inbox_id": request.item.id}
    return alert_at_most(_MOST_ALERTS[reason], "alert", params, now, context)


def _within_limits(request: Request, outcome: Outcome, now: datetime, context: DeskContext) -> Outcome:
    """At most so many answers to one address in an hour and a day: two robots must not talk to each other for ever.

    What was carried out is always told; only mere answers are held back, and the mail is kept for an operator.
    """
    if outcome.disposition is not Disposition.ANSWERED:
        return outcome
    address = request.sender.address
    settings = context.settings
    per_hour = outbox.answers_to(address, now - timedelta(hours=1), _RATE_LIMITED)
    per_day = outbox.answers_to(address, now - timedelta(days=1), _RATE_LIMITED)
    if per_hour < settings.answers_per_hour and per_day < settings.answers_per_day:
        return outcome
    return replace(
        outcome,
        disposition=Disposition.QUARANTINED,
        reason="too-many-answers",
        notices=_alert(request, "too-many-answers", now, context),
    )


def _answered(owed: Notice, request: Request) -> str:
    """The Message-ID of the mail, for the copy that goes to its own author; the others never saw it."""
    same = fold_address(owed.to.email) == request.sender.address
    return request.message.message_id if same else ""


def _log(request: Request, outcome: Outcome, now: datetime) -> None:
    item, message, application = request.item, request.message, outcome.application or request.application
    mail_log.append(
        at=now,
        direction="in",
        sender=request.sender.address or one_line(item.envelope.sender),
        recipient=", ".join(item.envelope.recipients),
        subject="" if request.withheld else message.subject,
        message_id=message.message_id,
        disposition=outcome.disposition.value,
        reason=outcome.reason,
        detail="\n".join(filter(None, (*evidence_in_words(request), outcome.detail, *request.notes))),
        office=application.office if application else "",
        receipt=str(application.receipt or "") if application else "",
        inbox_id=item.id,
        text="" if request.withheld else message.text,
    )
