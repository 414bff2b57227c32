"""Answers that change nothing: help, forms, status, and every «not understood» with what would be.

An answer goes to the one who wrote, at the registered address, never to a Reply-To a mail brings along (T-29).
"""

from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.answering import answer_about, answer_to_sender, read_back
from mailbot.desk.case import case_of
from mailbot.desk.form_back import empty_form
from mailbot.desk.look_ups import LOOK_UPS
from mailbot.desk.outcome import Outcome
from mailbot.desk.request import Request
from mailbot.desk.sorting import named_procedures
from mailbot.desk.tools import Tools
from mailbot.text import fold_word


def answer(request: Request, now: datetime, tools: Tools) -> Outcome:
    """The answer to an applicant's command, or to a mail in which nobody finds one."""
    kind = request.command.kind if request.command else "none"
    if kind in LOOK_UPS:
        return LOOK_UPS[kind](request, now, tools)
    match kind:
        case "help":
            return _with_form(request, tools, "help")
        case "form":
            named = named_procedures(request, tools) or len(tools.procedures) == 1
            return answer_blank_form(request, tools, "form" if named else "which_form")
        case "several":
            return answer_to_sender(
                request, tools, "several_keywords", read=request.command.line if request.command else ""
            )
    if not request.own.text.strip():
        return _with_form(request, tools, "no_text")
    if request.application is not None:
        return answer_about(request, case_of(request.application, tools), tools, "not_understood", read_back(request))
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
        return answer_about(request, case_of(request.application, tools), tools, topic, read_back(request))
    if topic == "review_status":
        return answer_to_sender(request, tools, "unknown_application")
    return answer_to_sender(request, tools, topic, **read_back(request))


def reply_to_the_notice(request: Request, tools: Tools) -> Outcome:
    """A reviewer wrote without the token of a 審査依頼: nothing is carried out, and how to do it is told."""
    if request.decision is not None and request.decision.kind == "help":
        return answer_to_sender(request, tools, "reviewer_help")
    return answer_to_sender(request, tools, "no_token", **read_back(request))


def _hinted(request: Request, tools: Tools) -> tuple[str, ...]:
    """The one procedure that the words are about, as far as words tell; where the desk has only one, that one."""
    said = fold_word(f"{request.message.subject}\n{request.own.text[:2000]}")
    found = tuple(p.name for p in tools.procedures.values() if any(fold_word(clue) in said for clue in p.clues))
    return found if len(found) == 1 else tuple(tools.procedures) if len(tools.procedures) == 1 else ()


def answer_blank_form(request: Request, tools: Tools, topic: str) -> Outcome:
    """An answer with the empty form of the procedure that is meant, pre-filled for a registered sender."""
    return _with_form(request, tools, topic)


def _with_form(request: Request, tools: Tools, topic: str) -> Outcome:
    named = named_procedures(request, tools) or _hinted(request, tools)
    procedure = tools.procedures[named[0]] if named else None
    form = ""
    if request.sender.registrations and procedure is not None:
        place = request.sender.registrations[0]
        form = empty_form(procedure, place.office, place.contact, tokyo_date(request.item.received_at))
    titles = {p.name: p.titles for p in tools.procedures.values()}
    return answer_to_sender(request, tools, topic, form=form, procedure=procedure, titles=titles, **read_back(request))


def archive_password(request: Request, now: datetime, tools: Tools) -> Outcome:
    """The password of an encrypted file: it is kept nowhere, said back to nobody, and not needed."""
    del now
    return answer_to_sender(request, tools, "archive_password")
