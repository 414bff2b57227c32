"""A challenge: the registered address is asked whether it wrote a mail, and a reply of its own is the proof.

One short mail, valid for a day, used once.  It holds nothing that a stranger wrote, but for a newcomer's address.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.desk import addressees
from mailbot.desk.alerts import alert
from mailbot.desk.answering import answer_to_sender, read_back
from mailbot.desk.outcome import Outcome, owed_to
from mailbot.desk.request import Request
from mailbot.desk.tools import Tools
from mailbot.desk.trust import Judgement, Verdict
from mailbot.forms.keywords import confirmation
from mailbot.forms.read import read_form
from mailbot.model.common_fields import COMMON_FIELDS, contact_of
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.model.post import Disposition
from mailbot.records import contracts, inbox, outbox, tokens
from mailbot.text import fold_address


def challenge(request: Request, judgement: Judgement, now: datetime, tools: Tools) -> Outcome:
    """Ask back, at most a few times a day: with forged senders every question is a nuisance (T-66)."""
    newcomer = judgement.verdict is Verdict.CHALLENGE_ADMINISTRATOR
    if newcomer and request.office is not None:
        to = addressees.administrator_of(request.office)
    else:
        to = _registered(request, tools)
    a_day_ago = now - timedelta(days=1)
    if outbox.answers_to(to.email, a_day_ago, [NoticeKind.CHALLENGE]) >= tools.settings.challenges_per_day:
        return Outcome(Disposition.QUARANTINED, "too-many-challenges", detail=judgement.reason)
    params = {
        "asked": request.ask.value,
        "received_at": request.item.received_at,
        "receipt": str(request.application.receipt or "") if request.application is not None else "",
        "sender": request.sender.address,
        "newcomer": newcomer,
        "hours": tools.settings.challenge_hours,
    }
    notices = owed_to(
        NoticeKind.CHALLENGE,
        [to],
        None,
        lambda reader, reply_to: tools.writer.challenge(reader, params=params, reply_address=reply_to),
    )
    bound = tuple(replace(owed, challenge=request.item.id) for owed in notices)
    return Outcome(Disposition.CHALLENGED, judgement.reason, bound, request.application)


def _registered(request: Request, tools: Tools) -> Addressee:
    if request.decision is not None and request.sender.reviewer is not None:
        return addressees.reviewer_of(request.sender, tools)
    return addressees.writer_of(request.sender, tools.settings.language)


def answer(request: Request, now: datetime, tools: Tools) -> Outcome:
    """The reply to a challenge: yes, no, or words that are neither and change nothing."""
    grant = request.grant
    item = inbox.get(grant.revision) if grant is not None else None
    if grant is None or item is None:
        return expired(request, tools)
    match confirmation(request.own.text):
        case "yes":
            tokens.use(grant.token_id, now)
            inbox.keep_evidence(item.id, replace(item.evidence, confirmed=True))
            return Outcome(Disposition.CARRIED_OUT, "confirmed", detail=f"mail #{item.id}", resume=item.id)
        case "no":
            tokens.use(grant.token_id, now)
            told = answer_to_sender(request, tools, "challenge_denied")
            params = {"reason": "challenge-denied", "sender": request.sender.address, "inbox_id": item.id}
            notices = told.notices + alert("alert", tools, params=params)
            detail = f"mail #{item.id} is nobody's"
            return Outcome(Disposition.CARRIED_OUT, "challenge-denied", notices, detail=detail)
        case _:
            return answer_to_sender(request, tools, "challenge_unclear", **read_back(request))


def expired(request: Request, tools: Tools) -> Outcome:
    """Too late, or a second time: what was asked for has to be sent again."""
    return answer_to_sender(request, tools, "challenge_expired")


def register_newcomer(request: Request, tools: Tools) -> None:
    """The 管理責任者 has confirmed the writer of a first application: a contact of the office from now on."""
    office = request.office
    if office is None or request.sender.registrations:
        return
    filled = read_form(request.form_text, COMMON_FIELDS).filled
    contact = replace(contact_of(filled), email=fold_address(request.sender.address))
    contracts.add_contact(office.code, replace(contact, name=contact.name or request.sender.name))
