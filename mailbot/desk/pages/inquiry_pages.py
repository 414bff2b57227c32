"""Inquiries as pages: who waits for an answer, in the order of promise; answered or closed as by a reply."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.case import case_about
from mailbot.desk.context import DeskContext
from mailbot.desk.inquiries.others import NotPassedOn, pass_to
from mailbot.desk.inquiries.readers import everybody, have_it, is_asked
from mailbot.desk.inquiries.replies import AnswerGiven, finish, name_of, without_private_addresses
from mailbot.desk.inquiries.stand_in import measures_now
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.recipients import reviewer_addressee
from mailbot.desk.pages.asked import Answer, Asked, NotFound, Page
from mailbot.desk.pages.audit_pages import record_look
from mailbot.desk.pages.list_urls import ListUrl, Parts, links, list_url, place_of
from mailbot.desk.pages.review_actions import reviewer_of
from mailbot.model.application import Actor
from mailbot.model.audit import mail_subject
from mailbot.model.desk_login import OPERATORS, DeskLogin
from mailbot.model.inquiry import Inquiry, InquiryState
from mailbot.model.lifecycle import OPEN_STATES
from mailbot.model.notice import Addressee
from mailbot.model.people import Reviewer, Role
from mailbot.notices.contents.inquiries import Measures
from mailbot.notices.view import CaseView, view
from mailbot.records.applications import application_store
from mailbot.records.inquiries import inquiries
from mailbot.records.log import audit, mail_log
from mailbot.records.register import offices

MOST_OPEN = 200  # inquiries on the page of those that wait
LONGEST_ANSWER = 5_000  # characters


@dataclass(frozen=True)
class InquiryShown:
    """An inquiry in the list.  `mine`: whoever asks was asked to answer it."""

    inquiry: Inquiry
    receipt: str
    subject: str
    late: bool
    mine: bool


@dataclass(frozen=True)
class InquiriesPage:
    """Those that wait, the earliest promise first; or a part of those that are done.  `number`, `late`: that wait."""

    rows: tuple[InquiryShown, ...]
    waiting: bool
    number: int
    late: int
    url: ListUrl
    parts: Parts | None
    today: date


@dataclass(frozen=True)
class InquiryPage:
    """One inquiry.

    `readers`: who have its mail; `others`: whom it can be passed on to; `passed_to`: just now; `may_answer`: by whoever
    asks; `problem`: of what was asked for: "" | empty | too_long | nobody | late.
    """

    inquiry: Inquiry
    case: CaseView | None
    is_open_case: bool
    subject: str
    company: str
    measures: Measures
    readers: tuple[Addressee, ...]
    others: tuple[Addressee, ...]
    answered_by: str  # name, "" while it is open
    late: bool
    may_answer: bool
    done: bool = False
    passed_to: Addressee | None = None
    problem: str = ""
    words: str = ""  # as typed
    longest: int = LONGEST_ANSWER


def inquiry_count(login: DeskLogin, now: datetime, context: DeskContext) -> tuple[int, bool]:
    """How many wait for an answer, and whether some are late, in the caller's `Store.reading`."""
    del login, context
    number = inquiries.count_open()
    return number, bool(number) and inquiries.count_open(tokyo_date(now)) > 0


def listing(asked: Asked, context: DeskContext) -> Answer:
    """Those that wait; with `state=done` those that are done."""
    url, today = list_url("/desk/inquiries", asked.query, ("state",)), tokyo_date(asked.now)
    waiting = url.filters.get("state") != "done"
    with context.store.reading():
        part = None if waiting else inquiries.done(place_of(asked.query))
        found = inquiries.listing(InquiryState.OPEN, limit=MOST_OPEN) if part is None else list(part.rows)
        reviewer = reviewer_of(asked.login)
        rows = [_shown(one, today, reviewer, context) for one in found]
        number, late = inquiries.count_open(), inquiries.count_open(today)
    if waiting:
        rows.sort(key=lambda one: (not one.inquiry.concern, one.inquiry.promised_on, one.inquiry.mail_id))
    parts = links(url, part) if part is not None else None
    return Page("inquiries", InquiriesPage(tuple(rows), waiting, number, late, url, parts, today))


def _shown(one: Inquiry, today: date, reviewer: Reviewer | None, context: DeskContext) -> InquiryShown:
    about = application_store.get(one.application_id) if one.application_id is not None else None
    mine = one.is_open and reviewer is not None and is_asked(reviewer, one, context)
    receipt = str(about.receipt or "") if about is not None else ""
    return InquiryShown(one, receipt, _subject(one), one.is_late(today), mine)


def _subject(one: Inquiry) -> str:
    logged = mail_log.latest_of(one.mail_id, ["passed_on"])
    return logged.subject if logged is not None else ""


def inquiry(asked: Asked, context: DeskContext) -> Answer:
    """One inquiry; the look at its mail is recorded."""
    found = _find(asked, context)
    if found is None:
        return NotFound()
    record_look(asked, mail_subject(found.mail_id), context)
    return Page("inquiry", _page(found, asked, context))


def _find(asked: Asked, context: DeskContext) -> Inquiry | None:
    with context.store.reading():
        return inquiries.get(asked.number_of_path("number"))


def _page(
    one: Inquiry, asked: Asked, context: DeskContext, *, done: bool = False, problem: str = "", words: str = ""
) -> InquiryPage:
    with context.store.reading():
        about = application_store.get(one.application_id) if one.application_id is not None else None
        case = case_about(about, context)
        office = offices.office(one.office) if one.office else None
        readers = have_it(one, context) if one.is_open else ()
        return InquiryPage(
            inquiry=one,
            case=view(case, asked.language) if case is not None and about is not None and about.receipt else None,
            is_open_case=about is not None and about.state in OPEN_STATES,
            subject=_subject(one),
            company=office.company if office is not None else "",
            measures=measures_now(one, about),
            readers=readers,
            others=tuple(to for to in everybody(context) if to not in readers) if one.is_open else (),
            answered_by=name_of(one.answered_by) if one.answered_by else "",
            late=one.is_late(tokyo_date(asked.now)),
            may_answer=one.is_open and _answerer(one, asked.login, context) is not None,
            done=done,
            problem=problem,
            words=words,
        )


def _answerer(one: Inquiry, login: DeskLogin, context: DeskContext) -> tuple[Actor, Addressee] | None:
    """Who answers, in the caller's `Store.reading`: a reviewer who has its mail, or an operator; None for others."""
    language = context.settings.language
    reviewer = reviewer_of(login)
    if reviewer is not None and is_asked(reviewer, one, context):
        return Actor(Role.REVIEWER, login.email, reviewer.name), reviewer_addressee(reviewer, language)
    if not login.may(OPERATORS):
        return None
    return Actor(Role.OPERATOR, login.email, login.name), Addressee(
        Role.OPERATOR, login.email, login.name, language=language
    )


def answer(asked: Asked, context: DeskContext) -> Answer:
    """Send an answer, or close the inquiry without one, as by a reply; once, whoever is first."""
    found = _find(asked, context)
    if found is None:
        return NotFound()
    words = asked.text("words").replace("\r\n", "\n").strip()
    closes = asked.text("do") == "close"
    problem = "" if closes else "empty" if not words else "too_long" if len(words) > LONGEST_ANSWER else ""
    if problem:
        return Page("inquiry", _page(found, asked, context, problem=problem, words=words), 422)
    with context.store.transaction():
        who = _answerer(found, asked.login, context)
        if who is None:
            return NotFound()
        actor, reader = who
        sent = "" if closes else without_private_addresses(words, asked.login.email, context)
        outcome = finish(AnswerGiven(sent, actor, reader), found, asked.now, context)
        if outcome is not None:
            enqueue_notices(outcome.notices, asked.now, context)
            done = "closed" if closes else "answered"
            audit.append(asked.now, asked.login.email, f"inquiry {found.mail_id} {done}", mail_subject(found.mail_id))
    again = _find(asked, context) or found
    if outcome is None:
        return Page("inquiry", _page(again, asked, context, problem="late", words=words), 409)
    return Page("inquiry", _page(again, asked, context, done=True))


def passed_on(asked: Asked, context: DeskContext) -> Answer:
    """Send its mail to one more person behind the desk, as 送付 does in reply to the daily list."""
    found = _find(asked, context)
    if found is None:
        return NotFound()
    with context.store.transaction():
        if found.is_open and _answerer(found, asked.login, context) is None:
            return NotFound()
        to = pass_to(found.mail_id, asked.text("to"), asked.login.email, asked.now, context)
    again = _find(asked, context) or found
    if isinstance(to, NotPassedOn):
        status = 422 if to is NotPassedOn.NOBODY else 409
        return Page("inquiry", _page(again, asked, context, problem=to.value), status)
    return Page("inquiry", replace(_page(again, asked, context), passed_to=to))
