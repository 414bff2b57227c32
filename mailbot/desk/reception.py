"""The whole path of one mail, top to bottom, in one transaction.

A surprise inside rolls everything back; the caller then shunts the item and goes on with the next one.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.desk import addressees, applicant, enquiries, reviewer
from mailbot.desk.outcome import Outcome, Owed
from mailbot.desk.posting import post
from mailbot.desk.request import Ask, Request
from mailbot.desk.sorting import sort
from mailbot.desk.tools import Tools
from mailbot.desk.trust import Judgement, Verdict, evidence_in_words, judge
from mailbot.mail.message import Message, read
from mailbot.model.notice import NoticeKind
from mailbot.model.post import Arrival, Disposition, InboxItem
from mailbot.records import inbox, mail_log, outbox
from mailbot.text import fold_address, one_line


class _TakeBack(Exception):
    """Ends the transaction of an explanation without keeping anything."""


def handle(item: InboxItem, now: datetime, tools: Tools) -> Outcome:
    """Do what the mail asks, and everything that follows from it, in one transaction."""
    message = read(item.raw)
    with tools.store.transaction():
        _, outcome = _process(item, message, now, tools)
    return outcome


def explain(arrival: Arrival, now: datetime, tools: Tools) -> tuple[Request, Outcome]:
    """How a mail would be read and what would be done: the same path, taken back at the end."""
    message = read(arrival.raw)
    try:
        with tools.store.transaction():
            item_id = inbox.accept(tools.store, [arrival])[0]
            item = InboxItem(item_id, arrival.envelope, arrival.raw, arrival.evidence, arrival.received_at)
            result = _process(item, message, now, tools)
            raise _TakeBack
    except _TakeBack:
        return result


def _process(item: InboxItem, message: Message, now: datetime, tools: Tools) -> tuple[Request, Outcome]:
    request = sort(item, message, tools)
    judgement = judge(request, proof_required=tools.settings.proof_required)
    outcome = _act(request, judgement, now, tools)
    outcome = _within_limits(request, outcome, now, tools)
    for owed in outcome.notices:
        post(owed, now, tools, answers=_answered(owed, request), caused_by=item.id)
    _log(request, outcome, now)
    application_id = outcome.application.id if outcome.application else None
    key = request.dedupe_key
    inbox.finish(item.id, outcome.disposition, outcome.reason, now, application_id=application_id, dedupe_key=key)
    return request, outcome


def _act(request: Request, judgement: Judgement, now: datetime, tools: Tools) -> Outcome:
    if judgement.verdict is Verdict.SET_ASIDE:
        return _set_aside(request, judgement, now, tools)
    if judgement.verdict is Verdict.TOLD:
        return enquiries.reply_to_the_notice(request, tools)
    match request.ask:
        case Ask.SET_ASIDE:
            return Outcome(Disposition.QUARANTINED, request.reason, detail=request.detail)
        case Ask.RECORD:
            return Outcome(Disposition.RECORDED, request.reason, detail=request.detail)
        case Ask.APPLY | Ask.SAVE:
            return applicant.apply(request, now, tools)
        case Ask.CORRECT:
            return applicant.correct(request, now, tools)
        case Ask.WITHDRAW:
            return applicant.withdraw(request, now, tools)
        case Ask.DECIDE:
            return reviewer.decide(request, now, tools)
        case Ask.ENQUIRE:
            return enquiries.answer(request, now, tools)


def _set_aside(request: Request, judgement: Judgement, now: datetime, tools: Tools) -> Outcome:
    """Kept for an operator, not answered; a token in a stranger's hand is told to the operators."""
    notices = _alert(request, judgement.reason, tools) if judgement.alert else ()
    return Outcome(Disposition.QUARANTINED, judgement.reason, notices, detail=request.detail)


def _alert(request: Request, reason: str, tools: Tools) -> tuple[Owed, ...]:
    params = {"reason": reason, "sender": request.sender.address, "inbox_id": request.item.id}
    return tuple(
        Owed(NoticeKind.ALERT, to, lambda _reply_to, to=to: tools.writer.answer("alert", to, params=params))  # type: ignore[misc]
        for to in addressees.operators(tools)
    )


def _within_limits(request: Request, outcome: Outcome, now: datetime, tools: Tools) -> Outcome:
    """At most so many answers to one address in an hour and a day: two robots must not talk to each other for ever.

    What was carried out is always told; only mere answers are held back, and the mail is kept for an operator.
    """
    if outcome.disposition is not Disposition.ANSWERED:
        return outcome
    address = request.sender.address
    settings = tools.settings
    per_hour = outbox.counts_to(address, now - timedelta(hours=1))
    per_day = outbox.counts_to(address, now - timedelta(days=1))
    if per_hour < settings.answers_per_hour and per_day < settings.answers_per_day:
        return outcome
    return replace(
        outcome,
        disposition=Disposition.QUARANTINED,
        reason="too-many-answers",
        notices=_alert(request, "too-many-answers", tools) if per_hour == settings.answers_per_hour else (),
    )


def _answered(owed: Owed, request: Request) -> str:
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
        subject=message.subject,
        message_id=message.message_id,
        disposition=outcome.disposition.value,
        reason=outcome.reason,
        detail="\n".join(filter(None, (*evidence_in_words(request), outcome.detail, *request.notes))),
        office=application.office if application else "",
        receipt=str(application.receipt or "") if application else "",
        inbox_id=item.id,
        text=message.text,
    )
