"""How one mail is handled, top to bottom: look it up and read it, then decide in one short transaction.

An exception before the transaction is caused by the mail; one inside is a fault of the program (`DeskFault`) and rolls
everything back.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from mailbot.desk.answers import challenges, help_and_forms
from mailbot.desk.applications import submit
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.authorization import Authorization, Verdict, authorize
from mailbot.desk.incoming.classify import classify, reading_of, with_sender_anew
from mailbot.desk.incoming.look_up import is_known_still
from mailbot.desk.incoming.prepare import Prepared, prepare
from mailbot.desk.incoming.request import Intent, Request
from mailbot.desk.incoming_log import log_incoming
from mailbot.desk.inquiries import concerns, for_postmaster, limits, of_known_people, pass_on, replies, stand_in
from mailbot.desk.operations import daily_list_reply, newcomer_notice
from mailbot.desk.outgoing.delivered import undelivered
from mailbot.desk.outgoing.enqueue import Cause, enqueue_notices
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.rate_limit import alert_about, author_told_once, told_to_wait, wait_until
from mailbot.desk.review import absence, approval_effects, decide
from mailbot.desk.review import answers as review_answers
from mailbot.errors import NotYet, Temporary
from mailbot.forms.confirmation import Confirmation, confirmation
from mailbot.mail.archive_password import without_text
from mailbot.mail.message import read_head
from mailbot.model.evidence import Result
from mailbot.model.queued_mail import Disposition, InboxItem, OutboxState
from mailbot.model.standing import standing_of
from mailbot.records.applications.reminders import record_once
from mailbot.records.queues import acted_signatures, inbox, outbox, read_lines, withheld
from mailbot.records.queues.sender_costs import account_of
from mailbot.records.register import absences

_WAIT, _LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=1)  # for name servers that do not answer
MOST_READINGS = 5  # of one mail, while the records that it depends on change
_ACTED = frozenset({Disposition.CARRIED_OUT, Disposition.ANSWERED, Disposition.CHALLENGED})
_ENDED = frozenset({OutboxState.FAILED, OutboxState.STOPPED})  # a delivery report changes nothing any more
_NO_PERSON = frozenset({Intent.QUARANTINE, Intent.RECORD, Intent.ABSENCE})


class DeskFault(Exception):
    """A mail could not be decided on for a reason that does not lie in the mail: it is put off, not quarantined."""


class _Rollback(Exception):
    """Ends the transaction of an explanation without keeping anything."""


def handle(item: InboxItem, now: datetime, context: DeskContext) -> Outcome:
    """Do what the mail asks, and everything that follows from it, in one transaction.

    Its sender is authenticated before.  Raises inbox.AlreadyHandled when another process was first, DeskFault,
    MemoryError.
    """
    for _ in range(MOST_READINGS):
        prepared = _prepare(item, context)
        challenged = _challenged(prepared, context)
        _make_ready(challenged or prepared, now, context)
        try:
            with context.store.transaction(durable=False):  # as delivery claims its notices, it becomes durable
                inbox.require_waiting(item.id)
                if not is_known_still(prepared.known, item, prepared.message, context):
                    continue  # somebody was faster: what was read may not hold any more
                outcome = _decide(prepared, now, context)
                if outcome.confirms_challenge and challenged is not None:
                    _resume(challenged, now, context)
        except (Temporary, inbox.AlreadyHandled, MemoryError):  # memory: the mail exceeds its limit
            raise
        except Exception as error:
            raise DeskFault(str(error)) from error
        if any(one.reading.archive_password for one in (prepared, challenged) if one is not None):
            with suppress(Temporary):  # the mail is done; the scheduler removes the text
                withheld.remove_withheld(context.store, without_text)
        return outcome
    raise Temporary("The records have changed again and again.", f"mail #{item.id}")


def _prepare(item: InboxItem, context: DeskContext) -> Prepared:
    """The mail, with the newcomers whom it registers: their mails are read before the transaction, too."""
    prepared = prepare(item, context)
    return replace(prepared, newcomers=daily_list_reply.newcomers_named(prepared, context))


def _make_ready(prepared: Prepared, now: datetime, context: DeskContext) -> None:
    """What an approval needs in its transaction and takes time."""
    approval_effects.make_ready(lambda: decide.may_approve(prepared.known, prepared.reading), now, context)


def authenticate(item: InboxItem, now: datetime, context: DeskContext) -> InboxItem:
    """The mail with the evidence of SPF, DKIM and DMARC, and the account that its cost is charged to.

    Raises NotYet when the name servers do not answer.
    """
    head = read_head(item.raw)
    evidence = context.authenticate(item, head)
    if evidence.aligned is Result.TEMPERROR and now - item.received_at < _LONGEST_WAIT:
        raise NotYet("The name servers do not answer.", f"mail #{item.id}", until=now + _WAIT)
    standing = standing_of(evidence, head.author.address, proof_required=True)
    return replace(item, evidence=evidence, account=account_of(head.author.address, standing))


def _challenged(prepared: Prepared, context: DeskContext) -> Prepared | None:
    """The mail that is confirmed by a reply to a challenge, read as that of a confirmed sender.

    None for any other mail: what is not confirmed is not read again, and its attached files stay closed.
    """
    known, received_at = prepared.known, prepared.item.received_at
    may_confirm = known.grant is not None and known.has_own_token and known.grant.is_live(received_at)
    if known.answers_challenge is None or not may_confirm or prepared.message.unreadable:
        return None
    if confirmation(prepared.reading.own.text) is not Confirmation.YES:
        return None
    with context.store.reading():
        item = inbox.get(context.store, known.answers_challenge)
    if item is None:
        return None
    item = replace(item, evidence=replace(item.evidence, confirmed=True))
    return _prepare(item, context)


def _resume(challenged: Prepared, now: datetime, context: DeskContext) -> None:
    """An earlier mail whose sender is proven by now: what it asks for is carried out as if it came now."""
    request = classify(challenged)
    if challenges.register_newcomer(request, now):
        request = with_sender_anew(request)
    _carry_out(request, challenged, now, context, may_wait=False)


def explain(item: InboxItem, now: datetime, context: DeskContext) -> tuple[Request, Outcome]:
    """How a mail would be read and what would be done: the same way, rolled back at the end.

    `item` is a received mail with its evidence before authentication, or has the id `inbox.EXPLAINED`.
    """
    item = replace(item, evidence=context.authenticate(item, read_head(item.raw)))
    prepared = _prepare(item, context)
    try:
        with context.store.transaction():
            if item.id == inbox.EXPLAINED:
                inbox.insert_explained(item)
            request = classify(prepared)
            result = request, _carry_out(request, prepared, now, context)
            raise _Rollback
    except _Rollback:
        return result


def _decide(prepared: Prepared, now: datetime, context: DeskContext) -> Outcome:
    request = classify(prepared)
    return _carry_out(request, prepared, now, context)


def _carry_out(
    request: Request, prepared: Prepared, now: datetime, context: DeskContext, *, may_wait: bool = True
) -> Outcome:
    item = request.item
    authorization = authorize(request, proof_required=context.settings.proof_required)
    if authorization.verdict is Verdict.ALLOWED and may_wait and (until := wait_until(request, now, context)):
        return _let_wait(request, until, now, context)
    if authorization.verdict is Verdict.ALLOWED and request.intent not in _NO_PERSON:
        absences.end(request.sender.address)  # a reviewer who writes is not away
    outcome = _act(request, authorization, now, context)
    outcome = limits.within_limits(request, outcome, now, context)
    enqueue_notices(outcome.notices, now, context, _cause(request, context))
    log_incoming(request, outcome, now)
    signed = item.evidence.aligned is Result.PASS or item.evidence.author_signed
    if signed and outcome.disposition in _ACTED:
        acted_signatures.remember(item.evidence.signatures, item.id, now, context.settings.signature_days)
    keeps_reading = not request.withheld and request.intent not in _NO_PERSON
    inbox.finish(
        item.id,
        outcome.disposition,
        outcome.reason,
        now,
        application_id=outcome.application.id if outcome.application else None,
        dedupe_key=request.dedupe_key,
        reading=reading_of(prepared.reading) if keeps_reading else None,
    )
    read_lines.keep(item.id, prepared.lines if keeps_reading else b"")
    if request.withheld:
        withheld.withhold(item.id)
    return outcome


def _let_wait(request: Request, until: datetime, now: datetime, context: DeskContext) -> Outcome:
    """The mail stays in the inbox until then.  It is logged once, and its sender is told once a day."""
    outcome = Outcome(Disposition.WAITING, "too-many-changes", told_to_wait(request, now, context))
    if record_once(f"waiting:{request.item.id}", now):
        log_incoming(request, outcome, now)
    enqueue_notices(outcome.notices, now, context, _cause(request, context))
    inbox.postpone(context.store, request.item.id, until)
    return outcome


def _cause(request: Request, context: DeskContext) -> Cause:
    standing = request.standing(proof_required=context.settings.proof_required)
    return Cause(request.item.id, request.message.message_id, request.sender.address, standing)


Action = Callable[[Request, datetime, DeskContext], Outcome]


def _quarantine(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """A mail beyond a limit: its sender is told what to send instead.  Others: operators see what a person wrote."""
    beyond = request.message.unreadable if request.message.unreadable == request.reason else ""
    notices = author_told_once(request, beyond, now, context) if beyond else ()
    notices += of_known_people.tell_operators(request, now, context)
    notices += for_postmaster.tell_operators(request, now, context)
    return Outcome(Disposition.QUARANTINED, request.reason, notices, detail=request.detail)


def _record(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """A duplicate, or a bounce: operators are alerted about a permanent failure."""
    item = outbox.get(request.bounced_notice) if request.bounced_notice is not None else None
    notices: tuple[Notice, ...] = ()
    if item is not None and request.bounce_is_permanent and item.state not in _ENDED:
        outbox.record_bounce(item.id, request.detail, now)  # once: a mail system may repeat its report without end
        notices = undelivered(item, request.detail, now, context)
    return Outcome(Disposition.RECORDED, request.reason, notices, detail=request.detail)


ACTIONS: dict[Intent, Action] = {
    Intent.QUARANTINE: _quarantine,
    Intent.RECORD: _record,
    Intent.APPLY: submit.apply,
    Intent.SAVE: submit.apply,
    Intent.CORRECT: submit.correct,
    Intent.WITHDRAW: submit.withdraw,
    Intent.ABSENCE: partial(stand_in.note_absence, absence.note),
    Intent.DECIDE: decide.decide,
    Intent.ARCHIVE_PASSWORD: help_and_forms.archive_password,
    Intent.LOOK_UP: help_and_forms.answer,
    Intent.CONFIRM: challenges.answer,
    Intent.ENQUIRE: help_and_forms.answer,
    Intent.PASS_ON: pass_on.pass_on,
    Intent.CONCERN: concerns.pass_on,
    Intent.REPLY: replies.answer,
    Intent.OPERATE: daily_list_reply.answer,
}


def _with_operators_told(request: Request, outcome: Outcome, now: datetime, context: DeskContext) -> Outcome:
    """Of a newcomer's mail that nobody is asked about the operators are told at once; it is in their daily list."""
    if outcome.reason != "newcomer":
        return outcome
    return replace(outcome, notices=newcomer_notice.tell_operators(request, now, context))


def _act(request: Request, authorization: Authorization, now: datetime, context: DeskContext) -> Outcome:
    match authorization.verdict:
        case Verdict.QUARANTINE:
            notices = alert_about(request, authorization.reason, now, context) if authorization.alert else ()
            outcome = Outcome(Disposition.QUARANTINED, authorization.reason, notices, detail=request.detail)
            return _with_operators_told(request, outcome, now, context)
        case Verdict.CHALLENGE | Verdict.CHALLENGE_ADMINISTRATOR:
            outcome = challenges.challenge(request, authorization, now, context)
            return _with_operators_told(request, outcome, now, context)
        case Verdict.EXPIRED:
            return challenges.expired(request, context)
        case Verdict.REPLY_NEEDED if request.intent is Intent.CONFIRM:
            return challenges.reply_needed(request, context)
        case Verdict.REPLY_NEEDED:
            return review_answers.reply_needed(request, now, context)
        case Verdict.ALLOWED:
            return ACTIONS[request.intent](request, now, context)
