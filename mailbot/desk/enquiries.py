"""Answers that change nothing: help, forms, status, and every «not understood» with what would be.

An answer goes to the one who wrote, at the registered address, never to a Reply-To a mail brings along (T-29).
"""

from collections.abc import Mapping
from datetime import datetime

from mailbot.desk import addressees
from mailbot.desk.case import case_of
from mailbot.desk.form_back import empty_form
from mailbot.desk.outcome import Outcome, owed_to
from mailbot.desk.request import Request
from mailbot.desk.sorting import named_procedures
from mailbot.desk.tools import Tools
from mailbot.model.application import Application
from mailbot.model.lifecycle import APPLICANT_EVENTS, Event, possible_events
from mailbot.model.notice import NoticeKind
from mailbot.model.post import Disposition
from mailbot.notices.write import Case
from mailbot.records import applications

LATEST = 10  # 新着情報 shows the latest 10 (S1)


def answer(request: Request, now: datetime, tools: Tools) -> Outcome:
    """The answer to an applicant's command, or to a mail in which nobody finds one."""
    del now  # what is said depends on the records alone
    kind = request.command.kind if request.command else "none"
    match kind:
        case "help":
            return _with_form(request, tools, "help")
        case "status":
            return _status(request, tools)
        case "form":
            return answer_blank_form(request, tools, "form")
        case "several":
            return answer_to_sender(
                request, tools, "several_keywords", read=request.command.line if request.command else ""
            )
    if not request.own.text.strip():
        return _with_form(request, tools, "no_text")
    if request.application is not None:
        return answer_about(request, case_of(request.application, tools), tools, "not_understood", _read(request))
    return answer_blank_form(request, tools, "no_form")


def answer_review_enquiry(request: Request, now: datetime, tools: Tools) -> Outcome:
    """The answer to a reviewer's mail that carries no decision."""
    del now
    decision = request.decision
    kind = decision.kind if decision else "none"
    topics = {
        "help": "reviewer_help",
        "status": "review_status",
        "several": "several_keywords",
        "unclear": "unclear_keyword",
    }
    topic = topics.get(kind, "reviewer_not_understood")
    if request.application is not None:
        return answer_about(request, case_of(request.application, tools), tools, topic, _read(request))
    if topic == "review_status":
        return answer_to_sender(request, tools, "unknown_application")
    return answer_to_sender(request, tools, topic, **_read(request))


def reply_to_the_notice(request: Request, tools: Tools) -> Outcome:
    """A reviewer wrote without the token of a 審査依頼: nothing is carried out, and how to do it is told."""
    if request.decision is not None and request.decision.kind == "help":
        return answer_to_sender(request, tools, "reviewer_help")
    return answer_to_sender(request, tools, "no_token", **_read(request))


def answer_to_sender(request: Request, tools: Tools, topic: str, **params: object) -> Outcome:
    """`topic` (a template under `answers/`) to the one who wrote."""
    to = addressees.writer_of(request.sender, tools.settings.language)
    notices = owed_to(
        NoticeKind.ANSWER, [to], None, lambda reader, _reply_to: tools.writer.answer(topic, reader, params=params)
    )
    return Outcome(Disposition.ANSWERED, topic.replace("_", "-"), notices)


def answer_about(
    request: Request, case: Case, tools: Tools, topic: str, params: Mapping[str, object] | None = None
) -> Outcome:
    """`topic` to the one who wrote, about an application, answerable with a token of its own."""
    to = addressees.writer_of(request.sender, tools.settings.language)
    if request.decision is not None:
        to = addressees.reviewer_of(request.sender, tools)
    notices = owed_to(
        NoticeKind.ANSWER,
        [to],
        case.application,
        lambda reader, _reply_to: tools.writer.answer(topic, reader, params=params or {}, case=case),
    )
    return Outcome(Disposition.ANSWERED, topic.replace("_", "-"), notices, case.application)


def not_possible(request: Request, application: Application, event: Event, tools: Tools) -> Outcome:
    """The state does not allow it: nothing changes, and what is possible now is told."""
    mine = [e for e in possible_events(application.state) if (e in APPLICANT_EVENTS) == (event in APPLICANT_EVENTS)]
    params = {"event": event, "state": application.state, "possible": tuple(mine)}
    return answer_about(request, case_of(application, tools), tools, "not_possible", params)


def answer_blank_form(request: Request, tools: Tools, topic: str) -> Outcome:
    """An answer with the empty form of the procedure that is meant, pre-filled for a registered sender."""
    return _with_form(request, tools, topic)


def _with_form(request: Request, tools: Tools, topic: str) -> Outcome:
    named = named_procedures(request, tools) or tuple(tools.procedures)
    procedure = tools.procedures[named[0]]
    form = ""
    if request.sender.registrations:
        place = request.sender.registrations[0]
        form = empty_form(procedure, place.office, place.contact)
    titles = {p.name: p.titles for p in tools.procedures.values()}
    return answer_to_sender(request, tools, topic, form=form, procedure=procedure, titles=titles, **_read(request))


def _status(request: Request, tools: Tools) -> Outcome:
    """One application when the mail is about one, else the office's latest."""
    if request.application is not None:
        cases = [case_of(request.application, tools)]
    else:
        codes = {r.office.code for r in request.sender.registrations}
        found = (a for code in sorted(codes) for a in applications.listing(office=code))
        latest = sorted(found, key=lambda a: a.revision.made_at, reverse=True)[:LATEST]
        cases = [case_of(a, tools) for a in latest]
    return answer_to_sender(request, tools, "status", cases=cases)


def _read(request: Request) -> dict[str, object]:
    """What was read, for saying it back: the first lines of the person's own words."""
    lines = [line.strip() for line in request.own.text.splitlines() if line.strip()]
    return {"read": lines[:5], "more": max(0, len(lines) - 5)}
