"""What a reviewer does by reply: approve, ask, hold, take; and the answer when that is not possible.

The first decision wins; one made on an older revision changes nothing and shows the new one.
"""

from datetime import datetime

from mailbot.clock import tokyo_date, tokyo_midnight
from mailbot.desk.cases.case import case_of, make_case
from mailbot.desk.cases.circumstances import circumstances
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.blank_forms import content_back, form_back
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.desk.outgoing.outcome import Outcome, combine_outcomes
from mailbot.desk.outgoing.replies import answer_about, not_possible
from mailbot.desk.review import digest_reply
from mailbot.desk.review.answers import answer_review_enquiry
from mailbot.desk.review.approval_effects import approval_of, issue_passwords
from mailbot.desk.review.review_requests import review_requests
from mailbot.model.application import Actor, Application
from mailbot.model.calendar_entry import changed
from mailbot.model.inquiry import InquiryState
from mailbot.model.lifecycle import Event, State, log_reason, next_state
from mailbot.model.people import Role
from mailbot.model.queued_mail import Disposition
from mailbot.model.reply_token import ForDigest
from mailbot.notices.contents.applicant import Completed, NeedsConfirmation
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.notices.contents.reviewers import DecisionMade
from mailbot.notices.values import Case
from mailbot.records.applications import application_store, grants
from mailbot.records.inquiries import inquiries
from mailbot.text import fold_address

_ENDS_REVIEW = (Event.APPROVE, Event.ASK, Event.WITHDRAW, Event.LAPSE)


def decide(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """Carry out the one keyword of the reply, or say why not; of a reply to the digest, each line for itself."""
    if request.grant is None or not isinstance(request.grant.scope, ForDigest):
        return _decide(request, now, context)
    lines = digest_reply.requests_by_line(request)
    if not lines:
        return digest_reply.not_understood(request, context)
    return combine_outcomes([_decide_line(line, now, context) for line in lines])


def _decide_line(line: Request, now: datetime, context: DeskContext) -> Outcome:
    if line.application is None or line.decision is None or line.decision.event is None:
        return digest_reply.line_not_understood(line, context)
    return _decide(line, now, context)


def _decide(request: Request, now: datetime, context: DeskContext) -> Outcome:
    decision, application = request.decision, request.application
    assert decision is not None  # noqa: S101 - `classify` sets it on every mail of a reviewer
    event = decision.event
    if event is None or application is None:
        return answer_review_enquiry(request, context)
    case = case_of(application, context)
    refusal = _refusal(request, case, event, now, context)
    if refusal is not None:
        return refusal
    actor = recipients.actor_of(request.sender, Role.REVIEWER)
    match event:
        case Event.APPROVE:
            return _approve(request, case, actor, now, context)
        case Event.ASK:
            return _ask(request, case, actor, now, context)
        case _:
            return _record(request, case, event, actor, now, context)


def _refusal(request: Request, case: Case, event: Event, now: datetime, context: DeskContext) -> Outcome | None:
    """Why the decision cannot be carried out, or None when it can."""
    application = case.application
    reviewer, grant = request.sender.reviewer, request.grant
    assert reviewer is not None and grant is not None  # noqa: S101 - `authorize` requires both
    if case.procedure.category not in reviewer.categories:
        return answer_about(request, case, context, "not_your_category")
    if event in (Event.APPROVE, Event.ASK) and _is_applicant(request.sender.address, application):
        return answer_about(request, case, context, "own_application")
    if request.revision != application.revision.number:
        return _superseded(request, case, now, context)
    if next_state(application.state, event) is None:
        return _too_late(request, case, event, context)
    if not grant.is_live(now):
        if application.state is State.NEEDS_CONFIRMATION:
            return _too_late(request, case, event, context)
        return answer_about(request, case, context, "reply_expired")
    if event is Event.ASK and not _words(request):
        return answer_about(request, case, context, "empty_words")
    return None


def _is_applicant(address: str, application: Application) -> bool:
    """Nobody decides on what is applied for in their own name, or was sent by them."""
    applicants = {fold_address(application.revision.contact.email)}
    applicants |= {fold_address(s.actor.email) for s in application.steps if s.actor.role is not Role.REVIEWER}
    return fold_address(address) in applicants


def _too_late(request: Request, case: Case, event: Event, context: DeskContext) -> Outcome:
    """Somebody has decided, withdrawn it or let it lapse: say who did what and when."""
    application = case.application
    made = [s for s in application.steps if s.event in _ENDS_REVIEW and s.state is application.state]
    if made:
        last = made[-1]
        params = {"by": last.actor, "at": last.at, "event": last.event}
        return answer_about(request, case, context, "already_decided", params)
    return not_possible(request, application, event, context)


def _superseded(request: Request, case: Case, now: datetime, context: DeskContext) -> Outcome:
    """The content has changed since this reviewer was asked: a new 審査依頼 shows the present content."""
    event = Event.REOPEN if case.application.taken_back else Event.CORRECT
    answer = answer_about(request, case, context, "superseded", {"event": event})
    to = recipients.reviewer_of(request.sender, context)
    again: tuple[Notice, ...] = ()
    if case.application.state is State.RECEIVED:
        again = review_requests(case, [to], now, context, superseded=True)
    return Outcome(answer.disposition, "superseded", answer.notices + again, case.application)


def _approve(request: Request, case: Case, actor: Actor, now: datetime, context: DeskContext) -> Outcome:
    """The rules once more (the register may have changed), the effects, then the notices."""
    application, filled = case.application, case.application.revision.filled
    known = circumstances(case.procedure, filled, case.office, application, now, context)
    problems = [f for f in case.procedure.check(filled, known) if f.blocks_approval]
    if problems:
        return answer_about(request, case, context, "checks_failed", {"findings": problems})
    if context.settings.four_eyes:
        endorsed = _endorsed_by(application)
        if fold_address(actor.email) in endorsed:
            return answer_about(request, case, context, "second_reviewer")
        if not endorsed:
            return _record(request, case, Event.ENDORSE, actor, now, context)
    approval, words = approval_of(case.procedure, filled, known, context), _words(request)
    completed = application_store.apply_event(
        application, Event.APPROVE, now, actor, words=words, mail_id=request.item.id, approval=approval
    )
    issue_passwords(completed, approval, case.office, now, context)
    grants.void(application.id, now)
    case = make_case(completed, case.office, case.procedure)
    # What changes nothing of the contract has no 申込書.
    starts = case.procedure.starts
    paper = PaperRequest(PaperKind.APPLICATION_FORM, tokyo_date(now)) if starts else None
    to = recipients.of_application(completed, case.office)
    notices = notices_to(
        to, Completed(case=case, words=words, paper=paper, calendar=changed(application, completed)), completed
    )
    return _carried_out(request, case, Event.APPROVE, actor, now, context, notices)


def _endorsed_by(application: Application) -> set[str]:
    """Who has approved the present content; after a correction, both approvals are needed again (T-40)."""
    number = application.revision.number
    made = (s for s in application.steps if s.event is Event.ENDORSE and s.revision == number)
    return {fold_address(s.actor.email) for s in made}


def _ask(request: Request, case: Case, actor: Actor, now: datetime, context: DeskContext) -> Outcome:
    """確認依頼: the reviewer's words to the applicant side, the content as a form, and a date to answer by."""
    last_day = context.calendar.add(tokyo_date(now), context.settings.lapse_business_days)
    asked = application_store.apply_event(
        case.application,
        Event.ASK,
        now,
        actor,
        words=_words(request),
        mail_id=request.item.id,
        answer_by=tokyo_midnight(last_day),
    )
    # The first decision wins: what was asked before this one decides no more, a later notice does.
    grants.void(asked.id, now, role=Role.REVIEWER)
    entries = changed(case.application, asked)
    case = make_case(asked, case.office, case.procedure)
    content = NeedsConfirmation(
        case=case,
        words=_words(request),
        form=form_back(case.procedure, case.office, asked.revision.filled),
        answer_by=last_day,
        correction=content_back(case),
        calendar=entries,
    )
    notices = notices_to(recipients.of_application(asked, case.office), content, asked)
    return _carried_out(request, case, Event.ASK, actor, now, context, notices)


def _record(request: Request, case: Case, event: Event, actor: Actor, now: datetime, context: DeskContext) -> Outcome:
    """保留, 担当 and the first of two approvals: recorded in the history; the applicant gets no mail."""
    noted = application_store.apply_event(
        case.application, event, now, actor, words=_words(request), mail_id=request.item.id
    )
    return _carried_out(request, make_case(noted, case.office, case.procedure), event, actor, now, context, ())


def _carried_out(
    request: Request,
    case: Case,
    event: Event,
    actor: Actor,
    now: datetime,
    context: DeskContext,
    notices: tuple[Notice, ...],
) -> Outcome:
    """Each decision that was carried out is confirmed to the reviewer and copied to the others.

    What the applicant side is told by a decision answers its open inquiries; not its concerns.
    """
    if event in (Event.APPROVE, Event.ASK):
        for one in inquiries.open_about(case.application.id):
            if not one.concern:
                inquiries.finish(one.mail_id, InquiryState.ANSWERED, actor.email, now)
    content = DecisionMade(case=case, event=event, by=actor, words=_words(request))
    to = recipients.reviewers_of(case.procedure.category, context)
    notices += notices_to(to, content, case.application)
    return Outcome(Disposition.CARRIED_OUT, log_reason(event), notices, case.application)


def _words(request: Request) -> str:
    return request.decision.words.strip() if request.decision else ""
