"""A challenge: the registered address is asked whether it wrote a mail, and a reply of its own is the proof.

One short mail, answerable once, until the end of a business day.  It names the mail in question by what the desk knows
itself (time, procedure, number) and repeats nothing from it, except the address of a newcomer (a sender who is not
registered).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.authorization import Authorization, Verdict
from mailbot.desk.incoming.newcomer import contact_of_newcomer, is_colleague
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.notice import AboutMail, Notice
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.rate_limit import alert_about
from mailbot.desk.outgoing.replies import answer_to_sender, read_back
from mailbot.forms.confirmation import confirmation
from mailbot.model.contract import Office
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.model.people import REGISTERED_ADDRESS, Language
from mailbot.model.queued_mail import Disposition
from mailbot.model.reply_token import ForChallenge
from mailbot.notices.contents.answers import Challenge
from mailbot.records.applications import grants
from mailbot.records.applications.reminders import record_at_most
from mailbot.records.queues import inbox, outbox
from mailbot.records.register import offices

_DAY = timedelta(days=1)


def challenge(request: Request, authorization: Authorization, now: datetime, context: DeskContext) -> Outcome:
    """Ask back, at most a few times a day: the address may be forged, and its owner gets the question (T-66).

    Mails of each standing are counted apart, so that a stranger's use up no question about the owner's own.  Beyond the
    limit a newcomer's mail is quarantined as any other newcomer's, which the operators have in their daily list.
    """
    office = request.office if authorization.verdict is Verdict.CHALLENGE_ADMINISTRATOR else None
    if office is not None:
        to = recipients.administrator_of(office)
        if not _may_ask_about_newcomer(request, office, now, context):
            return Outcome(Disposition.QUARANTINED, "newcomer", detail="too-many-challenges")
    else:
        to = _registered(request, context)
        standing = request.standing(proof_required=context.settings.proof_required)
        asked = outbox.count_sent(to.email, now - _DAY, [NoticeKind.CHALLENGE], [standing])
        if asked >= context.settings.challenges_per_day:
            alerts = alert_about(request, "too-many-challenges", now, context)
            return Outcome(Disposition.QUARANTINED, "too-many-challenges", alerts, detail=authorization.reason)
    content = Challenge(
        asked=request.intent.value,
        received_at=request.item.received_at,
        mail_id=request.item.id,
        answer_by=context.calendar.add(tokyo_date(now), context.settings.challenge_business_days),
        titles=_titles(request, context),
        receipt=str(request.application.receipt or "") if request.application is not None else "",
        sender=request.sender.address,
        newcomer=office is not None,
    )
    notice = Notice(content, to, AboutMail(request.item.id))
    return Outcome(Disposition.CHALLENGED, authorization.reason, (notice,), request.application)


def _may_ask_about_newcomer(request: Request, office: Office, now: datetime, context: DeskContext) -> bool:
    """Newcomers of the office's own domains are counted apart: domains with a signature cost a stranger nothing."""
    of = "colleague" if is_colleague(request.sender, office) else "stranger"
    return record_at_most(context.settings.challenges_per_day, f"newcomer-challenge:{office.code}:{of}", now, _DAY)


def _titles(request: Request, context: DeskContext) -> tuple[Mapping[Language, str], ...]:
    """The titles of the procedures that the mail is about, as the desk calls them."""
    application = request.application
    if application is not None:
        about = [(context.procedure_of(application.procedure), application.revision.filled)]
    else:
        about = [(form.procedure, form.reading.filled) for form in request.forms if form.procedure is not None]
    return tuple({language: one.title(language, filled) for language in Language} for one, filled in about)


def _registered(request: Request, context: DeskContext) -> Addressee:
    if request.decision is not None and request.sender.reviewer is not None:
        return recipients.reviewer_of(request.sender, context)
    return recipients.author_of(request.sender, context.settings.language)


def answer(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """The reply to a challenge: yes, no, or words that are neither and change nothing."""
    grant = request.grant
    asked = grant.scope.mail_id if grant is not None and isinstance(grant.scope, ForChallenge) else None
    evidence = inbox.evidence_of(asked) if asked is not None else None
    if grant is None or asked is None or evidence is None:
        return expired(request, context)
    match confirmation(request.own.text):
        case "yes":
            grants.use(grant.token_id, now)
            inbox.update_evidence(asked, replace(evidence, confirmed=True))
            return Outcome(Disposition.CARRIED_OUT, "confirmed", detail=f"mail #{asked}", confirms_challenge=True)
        case "no":
            grants.use(grant.token_id, now)
            denied = answer_to_sender(request, context, "challenge_denied")
            alerts = alert_about(request, "challenge-denied", now, context, {"inbox_id": asked})
            detail = f"mail #{asked} was not written by its registered author"
            return Outcome(Disposition.CARRIED_OUT, "challenge-denied", denied.notices + alerts, detail=detail)
        case _:
            return answer_to_sender(request, context, "challenge_unclear", **read_back(request))


def reply_needed(request: Request, context: DeskContext) -> Outcome:
    """The answer did not come to the reply address of the question, which alone shows that it was read there."""
    return answer_to_sender(request, context, "challenge_no_token")


def expired(request: Request, context: DeskContext) -> Outcome:
    """Too late, or a second time: what was asked for has to be sent again."""
    return answer_to_sender(request, context, "challenge_expired")


def register_newcomer(request: Request, now: datetime) -> bool:
    """The 管理責任者 has confirmed the author of a first application: from now on a contact of the office.

    Returns whether the register has changed.
    """
    office = request.office
    if office is None or request.sender.registrations:
        return False
    contact = contact_of_newcomer(request.sender, request.form)
    if not REGISTERED_ADDRESS.fullmatch(contact.email):
        return False
    offices.add_contact(office.code, contact, now)
    return True
