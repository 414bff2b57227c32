"""A mail that a person has to answer: stored as an inquiry, sent to its readers, and promised to its sender."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.answers.help_and_forms import form_that_is_meant
from mailbot.desk.cases.case import case_about
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.inquiries.readers import readers_of
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.notice import AboutInquiry, Notice, notices_to
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.replies import file_names
from mailbot.model.application import Application
from mailbot.model.contract import Office
from mailbot.model.inquiry import Audience, Inquiry
from mailbot.model.lifecycle import OPEN_STATES, Event, State, possible_events
from mailbot.model.notice import Addressee
from mailbot.model.people import Role
from mailbot.model.queued_mail import Disposition
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.inquiries import NOTHING_DONE, InquiryNotice, Measures
from mailbot.notices.view import company
from mailbot.records.applications import application_store
from mailbot.records.inquiries import inquiries
from mailbot.text import one_line

MOST_WORDS = 10_000  # characters that are passed on; the mail log has the whole mail


def pass_on(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """What was written reaches a person, and its sender learns until when the answer comes."""
    application = request.application
    is_open = application is not None and application.state in OPEN_STATES
    inquiry = store(request, Audience.REVIEWERS if is_open else Audience.DESK, now, context)
    application = add_step(request, inquiry, Event.INQUIRE, now)
    notices = to_readers(request, inquiry, application, context)
    return Outcome(
        Disposition.PASSED_ON, "passed-on", notices + _promise(request, inquiry, application, context), application
    )


def store(
    request: Request, audience: Audience, now: datetime, context: DeskContext, *, concern: bool = False
) -> Inquiry:
    """The inquiry that a mail makes, in the caller's transaction."""
    application, sender = request.application, request.sender
    actor = recipients.actor_of(sender, sender.role)
    inquiry = Inquiry(
        mail_id=request.item.id,
        received_at=request.item.received_at,
        sender=sender.address,
        name=one_line(actor.name),
        words=words_of(request),
        audience=audience,
        promised_on=context.calendar.add(tokyo_date(now), context.settings.answer_business_days),
        application_id=application.id if application is not None else None,
        office=_office_code(request),
        concern=concern,
        days_left=_days_left(application, now, context),
    )
    inquiries.insert(inquiry)
    return inquiry


def add_step(request: Request, inquiry: Inquiry, event: Event, now: datetime) -> Application | None:
    """The application with what was written in its history; None without one."""
    application = request.application
    if application is None:
        return None
    actor = recipients.actor_of(request.sender, request.sender.role)
    return application_store.apply_event(application, event, now, actor, words=inquiry.words, mail_id=request.item.id)


def to_readers(
    request: Request,
    inquiry: Inquiry,
    application: Application | None,
    context: DeskContext,
    measures: Measures = NOTHING_DONE,
) -> tuple[Notice, ...]:
    """The inquiry to each of its readers, with a reply token of its own."""
    place = request.sender.registration_at(inquiry.office) if inquiry.office else None
    shown = InquiryNotice(
        case=case_about(application, context),
        inquiry=inquiry,
        subject=one_line(request.message.subject) if application is None else "",
        attached=file_names(request),
        because=request.reason,
        measures=measures,
    )
    office = place.office if place is not None else None
    return inquiry_notices(shown, office, readers_of(inquiry, context), application)


def inquiry_notices(
    shown: InquiryNotice, office: Office | None, readers: Iterable[Addressee], application: Application | None
) -> tuple[Notice, ...]:
    """`shown` to each reader: with the office in the reader's language, and whether the reader may decide."""
    is_open = application is not None and application.state in OPEN_STATES
    about = AboutInquiry(shown.inquiry.mail_id, application)
    return tuple(
        Notice(
            replace(
                shown,
                office=company(office, to.language) if office is not None else "",
                may_decide=to.role is Role.REVIEWER and is_open,
            ),
            to,
            about,
        )
        for to in readers
    )


def _promise(
    request: Request, inquiry: Inquiry, application: Application | None, context: DeskContext
) -> tuple[Notice, ...]:
    """To the sender: a person answers until that day; and what can be done by mail meanwhile."""
    to = recipients.author_of(request.sender, context.settings.language)
    case = case_about(application, context)
    params: dict[str, object] = {"promised": inquiry.promised_on, "files": file_names(request)}
    if application is None:
        params["form"] = form_that_is_meant(request, context)
    else:
        params["possible"] = possible_events(application.state)
        params["state"] = application.state
    return notices_to([to], Answer(topic="passed_on", case=case, params=params), application)


def words_of(request: Request) -> str:
    """The sender's own words; below them what was forwarded, or answers that stand inside our quoted notice.

    Nothing of a mail whose text must not be stored (the password of an archive).
    """
    if request.withheld:
        return ""
    own, quoted = request.own.text.strip(), request.own.quoted.strip()
    is_ours = request.grant is not None or request.own.inline or request.message.in_reply_to
    below = request.own.answered_inside if is_ours else quoted
    words = f"{own}\n\n----------\n{below}" if own and below else own or below
    return words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]}…"


def _office_code(request: Request) -> str:
    """That of the application; else the only one the sender is registered for."""
    if request.application is not None:
        return request.application.office
    codes = {one.office.code for one in request.sender.registrations}
    return codes.pop() if len(codes) == 1 else ""


def _days_left(application: Application | None, now: datetime, context: DeskContext) -> int | None:
    """The business days that the applicant side still has for its answer: they stand still from now on."""
    if application is None or application.state is not State.NEEDS_CONFIRMATION or application.answer_by is None:
        return None
    waiting = [one.days_left for one in inquiries.open_about(application.id) if one.days_left is not None]
    if waiting:
        return waiting[0]
    return context.calendar.between(tokyo_date(now), tokyo_date(application.answer_by))
