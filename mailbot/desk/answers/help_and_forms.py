"""Answers that change nothing: help, forms, status, and every «not understood» with what would be.

An answer goes to the one who wrote, at the registered address, never to a Reply-To a mail brings along (T-29).
"""

from collections.abc import Sequence
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.answers.guides import GUIDES, procedures_meant
from mailbot.desk.answers.look_ups import LOOK_UPS
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.blank_forms import empty_form
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.replies import answer_about, answer_to_sender, file_names, not_possible, read_back
from mailbot.model.applicant_commands import ApplicantCommand
from mailbot.model.lifecycle import Event, State, next_state, possible_events


def answer(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """The answer to an applicant's command, or to a mail without one."""
    kind = request.command.kind if request.command else "none"
    if kind in LOOK_UPS:
        return LOOK_UPS[kind](request, now, context)
    if kind in GUIDES and request.sender.is_registered:
        return GUIDES[kind](request, now, context)
    match kind:
        case "help":
            titles = {p.name: p.titles for p in context.procedures.values()}
            return answer_to_sender(request, context, "help", titles=titles)
        case "form":
            named = request.form.named or len(context.procedures) == 1
            return _with_form(request, context, "form" if named else "which_form")
        case "several":
            return answer_to_sender(
                request, context, "several_keywords", read=request.command.line if request.command else ""
            )
        case "meant" | "in_doubt":
            return _in_doubt(request, context)
    if not request.own.text.strip():
        return _with_form(request, context, "no_text")
    return _with_form(request, context, "no_form")


def _in_doubt(request: Request, context: DeskContext) -> Outcome:
    """A command in a sentence or below what may be a quote: the applicant is asked for it."""
    command, application = request.command, request.application
    if application is None:
        return answer_to_sender(request, context, "unknown_application")
    withdraws = command is not None and command.meant is ApplicantCommand.WITHDRAW
    asked = Event.WITHDRAW if withdraws else Event.CORRECT
    if next_state(application.state, asked) is None and application.state is not State.DRAFT:
        return not_possible(request, application, asked, context)
    params = {**read_back(request), "possible": possible_events(application.state)}
    case = case_of(application, context)
    return answer_about(request, case, context, "withdrawal_meant" if withdraws else "command_in_doubt", params)


def _with_form(request: Request, context: DeskContext, topic: str) -> Outcome:
    """An answer with the empty form of the procedure that is meant, pre-filled for a registered sender."""
    named = procedures_meant(request, context)
    procedure = context.procedures[named[0]] if named else None
    form = _form_for(named, request, context)
    titles = {p.name: p.titles for p in context.procedures.values()}
    return answer_to_sender(
        request,
        context,
        topic,
        form=form,
        procedure=procedure,
        titles=titles,
        files=file_names(request),
        **read_back(request),
    )


def form_that_is_meant(request: Request, context: DeskContext) -> str:
    """The empty form of the procedure that the mail names or hints at, pre-filled; "" for none."""
    return _form_for(procedures_meant(request, context), request, context)


def _form_for(named: Sequence[str], request: Request, context: DeskContext) -> str:
    """The empty form of the first of these procedures, pre-filled for a registered sender; "" otherwise."""
    if not (request.sender.registrations and named):
        return ""
    place, procedure = request.sender.registrations[0], context.procedures[named[0]]
    return empty_form(procedure, place.office, place.contact, tokyo_date(request.item.received_at))


def archive_password(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """The password of an encrypted file: it is neither stored nor repeated, and not needed."""
    del now
    return answer_to_sender(request, context, "archive_password")
