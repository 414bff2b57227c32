"""Carrying out what a reviewer decides, by reply or on a page: approve, ask, hold, take; or why that is not possible.

The first decision wins; one made on an older revision changes nothing and shows the new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mailbot.clock import tokyo_date, tokyo_midnight
from mailbot.desk.cases.case import case_of, make_case
from mailbot.desk.cases.circumstances import circumstances
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.blank_forms import content_back, form_back
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.replies import possible_instead
from mailbot.desk.review.approval_effects import approval_of, issue_passwords
from mailbot.desk.review.review_requests import review_requests
from mailbot.model.application import Actor, Application
from mailbot.model.calendar_entry import changed
from mailbot.model.inquiry import InquiryState
from mailbot.model.lifecycle import Event, State, log_reason, next_state
from mailbot.model.people import Reviewer, Role
from mailbot.model.queued_mail import Disposition
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.applicant import Completed, NeedsConfirmation
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.notices.contents.reviewers import DecisionMade
from mailbot.notices.values import Case
from mailbot.records.applications import application_store, grants
from mailbot.records.inquiries import inquiries
from mailbot.text import fold_address

_ENDS_REVIEW = (Event.APPROVE, Event.ASK, Event.WITHDRAW, Event.LAPSE)


@dataclass(frozen=True)
class ReviewAnswer:
    """What a reviewer decides about an application, however it came."""

    reviewer: Reviewer
    address: str  # from which, or with whose log-in, it came
    application: Application  # in its present state
    revision: int | None  # of the content that the reviewer was shown
    event: Event
    words: str  # 通知内容
    mail_id: int | None = None  # of the reply; None: on a page
    expired: bool = False  # the reply address cannot be used any more

    @property
    def actor(self) -> Actor:
        return Actor(Role.REVIEWER, self.address, self.reviewer.name)


def carry_out(answer: ReviewAnswer, now: datetime, context: DeskContext) -> Outcome:
    """Carry the decision out, or say why not, in the caller's transaction.

    The notices of the outcome are not enqueued yet.  What is refused has the disposition ANSWERED, and nothing changes.
    """
    case = case_of(answer.application, context)
    refusal = _refusal(answer, case, now, context)
    if refusal is not None:
        return refusal
    match answer.event:
        case Event.APPROVE:
            return _approve(answer, case, now, context)
        case Event.ASK:
            return _ask(answer, case, now, context)
        case _:
            return _record(answer, case, answer.event, now, context)


def _refusal(answer: ReviewAnswer, case: Case, now: datetime, context: DeskContext) -> Outcome | None:
    """Why the decision cannot be carried out, or None when it can."""
    application, event = case.application, answer.event
    if case.procedure.category not in answer.reviewer.categories:
        return _refused(answer, case, context, "not_your_category")
    if event in (Event.APPROVE, Event.ASK) and _is_applicant(answer.address, application):
        return _refused(answer, case, context, "own_application")
    if answer.revision != application.revision.number:
        return _superseded(answer, case, now, context)
    if next_state(application.state, event) is None:
        return _too_late(answer, case, context)
    if answer.expired:
        if application.state is State.NEEDS_CONFIRMATION:
            return _too_late(answer, case, context)
        return _refused(answer, case, context, "reply_expired")
    if event is Event.ASK and not answer.words:
        return _refused(answer, case, context, "empty_words")
    return None


def _refused(
    answer: ReviewAnswer, case: Case, context: DeskContext, topic: str, params: Mapping[str, object] | None = None
) -> Outcome:
    """`topic` (a template under `answers/`) to the reviewer."""
    to = recipients.reviewer_addressee(answer.reviewer, context.settings.language)
    notices = notices_to([to], Answer(topic=topic, case=case, params=params or {}), case.application)
    return Outcome(Disposition.ANSWERED, topic.replace("_", "-"), notices, case.application)


def _is_applicant(address: str, application: Application) -> bool:
    """Nobody decides on what is applied for in their own name, or was sent by them."""
    applicants = {fold_address(application.revision.contact.email)}
    applicants |= {fold_address(s.actor.email) for s in application.steps if s.actor.role is not Role.REVIEWER}
    return fold_address(address) in applicants


def _too_late(answer: ReviewAnswer, case: Case, context: DeskContext) -> Outcome:
    """Somebody has decided, withdrawn it or let it lapse: say who did what and when."""
    application = case.application
    made = [s for s in application.steps if s.event in _ENDS_REVIEW and s.state is application.state]
    if made:
        last = made[-1]
        params = {"by": last.actor, "at": last.at, "event": last.event}
        return _refused(answer, case, context, "already_decided", params)
    return _refused(answer, case, context, "not_possible", possible_instead(application, answer.event))


def _superseded(answer: ReviewAnswer, case: Case, now: datetime, context: DeskContext) -> Outcome:
    """The content has changed since this reviewer was asked: a new 審査依頼 shows the present content."""
    event = Event.REOPEN if case.application.taken_back else Event.CORRECT
    told = _refused(answer, case, context, "superseded", {"event": event})
    to = recipients.reviewer_addressee(answer.reviewer, context.settings.language)
    again: tuple[Notice, ...] = ()
    if case.application.state is State.RECEIVED:
        again = review_requests(case, [to], now, context, superseded=True)
    return Outcome(told.disposition, "superseded", told.notices + again, case.application)


def _approve(answer: ReviewAnswer, case: Case, now: datetime, context: DeskContext) -> Outcome:
    """The rules once more (the register may have changed), the effects, then the notices."""
    application, filled = case.application, case.application.revision.filled
    known = circumstances(case.procedure, filled, case.office, application, now, context)
    problems = [f for f in case.procedure.check(filled, known) if f.blocks_approval]
    if problems:
        return _refused(answer, case, context, "checks_failed", {"findings": problems})
    if context.settings.four_eyes:
        endorsed = _endorsed_by(application)
        if fold_address(answer.address) in endorsed:
            return _refused(answer, case, context, "second_reviewer")
        if not endorsed:
            return _record(answer, case, Event.ENDORSE, now, context)
    approval, words = approval_of(case.procedure, filled, known, context), answer.words
    completed = application_store.apply_event(
        application, Event.APPROVE, now, answer.actor, words=words, mail_id=answer.mail_id, approval=approval
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
    return _carried_out(answer, case, Event.APPROVE, now, context, notices)


def _endorsed_by(application: Application) -> set[str]:
    """Who has approved the present content; after a correction, both approvals are needed again (T-40)."""
    number = application.revision.number
    made = (s for s in application.steps if s.event is Event.ENDORSE and s.revision == number)
    return {fold_address(s.actor.email) for s in made}


def _ask(answer: ReviewAnswer, case: Case, now: datetime, context: DeskContext) -> Outcome:
    """確認依頼: the reviewer's words to the applicant side, the content as a form, and a date to answer by."""
    last_day = context.calendar.add(tokyo_date(now), context.settings.lapse_business_days)
    asked = application_store.apply_event(
        case.application,
        Event.ASK,
        now,
        answer.actor,
        words=answer.words,
        mail_id=answer.mail_id,
        answer_by=tokyo_midnight(last_day),
    )
    # The first decision wins: what was asked before this one decides no more, a later notice does.
    grants.void(asked.id, now, role=Role.REVIEWER)
    entries = changed(case.application, asked)
    case = make_case(asked, case.office, case.procedure)
    content = NeedsConfirmation(
        case=case,
        words=answer.words,
        form=form_back(case.procedure, case.office, asked.revision.filled),
        answer_by=last_day,
        correction=content_back(case),
        calendar=entries,
    )
    notices = notices_to(recipients.of_application(asked, case.office), content, asked)
    return _carried_out(answer, case, Event.ASK, now, context, notices)


def _record(answer: ReviewAnswer, case: Case, event: Event, now: datetime, context: DeskContext) -> Outcome:
    """保留, 担当 and the first of two approvals: recorded in the history; the applicant gets no mail."""
    noted = application_store.apply_event(
        case.application, event, now, answer.actor, words=answer.words, mail_id=answer.mail_id
    )
    return _carried_out(answer, make_case(noted, case.office, case.procedure), event, now, context, ())


def _carried_out(
    answer: ReviewAnswer,
    case: Case,
    event: Event,
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
                inquiries.finish(one.mail_id, InquiryState.ANSWERED, answer.address, now)
    content = DecisionMade(case=case, event=event, by=answer.actor, words=answer.words)
    to = recipients.reviewers_of(case.procedure.category, context)
    notices += notices_to(to, content, case.application)
    return Outcome(Disposition.CARRIED_OUT, log_reason(event), notices, case.application)
