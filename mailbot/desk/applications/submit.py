"""What an applicant does: apply, save, correct, withdraw."""

from dataclasses import replace
from datetime import datetime

from mailbot.desk.applications.checked_form import Submission, read_submission
from mailbot.desk.cases.case import case_of, make_case, office_of
from mailbot.desk.cases.shared_codes import partners, waiting_for
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.classify import named_procedures, titles_of
from mailbot.desk.incoming.request import Intent, Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.blank_forms import form_back
from mailbot.desk.outgoing.outcome import Notice, Outcome, combine_outcomes, notices_to
from mailbot.desk.outgoing.replies import answer_to_sender, not_possible
from mailbot.desk.review.review_requests import ask_reviewers, review_requests, tell_reviewers
from mailbot.forms.procedures import split_by_procedure
from mailbot.forms.read import read_form
from mailbot.mail.quoting import OwnWords
from mailbot.model.application import Actor, Application
from mailbot.model.common_fields import COMMON_FIELDS, CONTACT_FIELDS
from mailbot.model.contract import Office
from mailbot.model.lifecycle import Event, next_state
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.procedure import Procedure, Severity
from mailbot.model.queued_mail import Disposition
from mailbot.notices.display import display
from mailbot.notices.write import Case, Change
from mailbot.records.applications import applications, grants

_COMMON_NAMES = frozenset(field.name for field in COMMON_FIELDS)


def apply(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """A form, new or the corrected form of a draft: submitted if it is complete, else kept and asked about.

    A mail that asks for two procedures becomes two applications, in one thread.
    """
    parts = _parts(request, context)
    return combine_outcomes([_apply(part, now, context) for part in parts])


def _parts(request: Request, context: DeskContext) -> list[Request]:
    """One request for each procedure that a new mail asks for."""
    if request.application is not None or len(named_procedures(request, context)) < 2:
        return [request]
    texts = split_by_procedure(request.form_text, titles_of(context))
    # Without a command: of these, only 一時保存 asks for an application, and that is in `request.ask` already.
    return [replace(request, own=OwnWords(text), command=None, attached=()) for text in texts]


def _apply(request: Request, now: datetime, context: DeskContext) -> Outcome:
    procedure = _procedure(request, context)
    if procedure is None:
        return _which_procedure(request, context)
    form = read_submission(request, procedure, request.application, now, context)
    actor, content, mail_id = _actor(request, form.office), (form.filled, form.contact), request.item.id
    draft = request.application or applications.create(procedure.name, form.office.code, content, now)
    if request.intent is Intent.SAVE or not form.complete:
        # Nothing that was typed is lost, whatever comes next.
        saved = applications.advance(draft, Event.SAVE, now, actor, mail_id=mail_id, revision=content)
        reason = "saved" if request.intent is Intent.SAVE else "incomplete"
        return Outcome(Disposition.ANSWERED, reason, _problems(saved, form, context), saved)
    application = applications.advance(
        draft,
        Event.SUBMIT,
        now,
        actor,
        mail_id=mail_id,
        revision=content,
        category=procedure.category,
        subjects=form.subjects,
    )
    application = _waiting(application, form, now)
    case = make_case(application, form.office, procedure)
    notices = _received(case, form, (), context) + ask_reviewers(case, request, now, context)
    return Outcome(Disposition.CARRIED_OUT, "submitted", notices + _partners(case, form, now, context), application)


def correct(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """修正: the changed lines only, or the whole form.  One that fails its checks changes nothing but is kept."""
    application = request.application
    if application is None:
        return answer_to_sender(request, context, "unknown_application")
    if next_state(application.state, Event.CORRECT) is None:
        return not_possible(request, application, Event.CORRECT, context)
    procedure = context.procedure_of(application.procedure)
    form = read_submission(request, procedure, application, now, context)
    if not form.complete:
        pending = applications.keep_pending(application, form.filled)
        return Outcome(Disposition.ANSWERED, "incomplete", _problems(pending, form, context), pending)
    changes = _changes(application, form)
    if not changes:
        return answer_to_sender(request, context, "empty_correction")
    corrected = applications.advance(
        application,
        Event.CORRECT,
        now,
        _actor(request, form.office),
        mail_id=request.item.id,
        revision=(form.filled, form.contact),
        subjects=form.subjects,
    )
    grants.void(application.id, now, role=Role.REVIEWER)
    corrected = _waiting(corrected, form, now)
    case = make_case(corrected, form.office, procedure)
    notices = _received(case, form, changes, context) + ask_reviewers(case, request, now, context, changes)
    return Outcome(Disposition.CARRIED_OUT, "corrected", notices + _partners(case, form, now, context), corrected)


def _waiting(application: Application, form: Submission, now: datetime) -> Application:
    """A shared 利用者コード waits for the other offices: the history says for whom (S2)."""
    offices = sorted({code for codes in waiting_for(form.office, form.subjects).values() for code in codes})
    if not offices:
        return application
    return applications.advance(application, Event.WAIT, now, recipients.DESK, words="、".join(offices))


def _partners(case: Case, form: Submission, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """The reviewers are asked again about applications of other offices that waited for this one only."""
    notices: tuple[Notice, ...] = ()
    for partner in partners(case.application, case.office, form.subjects):
        other = case_of(partner, context)
        if not waiting_for(other.office, other.procedure.subjects(partner.revision.filled)):
            to = recipients.reviewers_of(other.procedure.category, context)
            notices += review_requests(other, to, now, context)
    return notices


def withdraw(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """取下げ, while the application is open."""
    application = request.application
    if application is None:
        return answer_to_sender(request, context, "unknown_application")
    if next_state(application.state, Event.WITHDRAW) is None:
        return not_possible(request, application, Event.WITHDRAW, context)
    actor = _actor(request, office_of(application))
    withdrawn = applications.advance(application, Event.WITHDRAW, now, actor, mail_id=request.item.id)
    grants.void(application.id, now, role=Role.REVIEWER)
    case = case_of(withdrawn, context)
    notices = notices_to(
        NoticeKind.WITHDRAWN,
        recipients.of_application(withdrawn, case.office),
        withdrawn,
        lambda to, _reply_to: context.writer.withdrawn(case, to, by=actor),
    )
    return Outcome(
        Disposition.CARRIED_OUT, "withdrawn", notices + tell_reviewers(case, Event.WITHDRAW, actor, context), withdrawn
    )


def _procedure(request: Request, context: DeskContext) -> Procedure | None:
    """The procedure of the draft, the one the mail names, or the only one that its form can be meant for."""
    if request.application is not None:
        return context.procedure_of(request.application.procedure)
    named = named_procedures(request, context)
    if len(named) == 1:
        return context.procedures[named[0]]
    return None if named else _only_fitting(request, context)


def _which_procedure(request: Request, context: DeskContext) -> Outcome:
    """A form that names no procedure and might be for several: it comes back with a line to name it on."""
    titles = {p.name: p.titles for p in context.procedures.values()}
    form = f"手続：\n{request.form_text.strip()}" if request.form_text.strip() else ""
    found = request.attached_problems
    return answer_to_sender(request, context, "which_form", titles=titles, form=form, findings=found)


def _only_fitting(request: Request, context: DeskContext) -> Procedure | None:
    """Of all procedures the one that knows every field of the form and finds its own required ones in it."""
    fitting = []
    for procedure in context.procedures.values():
        reading = read_form(request.form_text, COMMON_FIELDS + procedure.fields)
        needed = {field.name for field in procedure.fields if field.required}
        if not reading.unknown_lines and needed <= reading.given and reading.given - _COMMON_NAMES:
            fitting.append(procedure)
    return fitting[0] if len(fitting) == 1 else None


def _actor(request: Request, office: Office) -> Actor:
    place = request.sender.registration_at(office.code)
    return recipients.actor_of(request.sender, place.role if place else Role.CONTACT)


def _problems(application: Application, form: Submission, context: DeskContext) -> tuple[Notice, ...]:
    """入力不備: every problem at once, with the form as it was typed to correct and send back."""
    case = make_case(application, form.office, form.procedure)
    back = form_back(form.procedure, form.office, form.filled)
    return notices_to(
        NoticeKind.DRAFT,
        recipients.applicant_side(form.office, form.contact),
        application,
        lambda to, reply_to: context.writer.draft(
            case,
            to,
            findings=form.findings,
            form=back,
            unknown_lines=form.unknown_lines,
            reply_address=reply_to,
        ),
    )


def _received(case: Case, form: Submission, changes: tuple[Change, ...], context: DeskContext) -> tuple[Notice, ...]:
    remarks = [f for f in form.findings if f.severity is not Severity.PROBLEM]
    return notices_to(
        NoticeKind.RECEIVED,
        recipients.of_application(case.application, case.office),
        case.application,
        lambda to, reply_to: context.writer.received(
            case, to, findings=remarks, changes=changes, reply_address=reply_to
        ),
    )


def _changes(application: Application, form: Submission) -> tuple[Change, ...]:
    """変更前 / 変更後, field by field, as people read them."""
    language, office = form.office.language, form.office
    before, after = application.revision.filled, form.filled
    changes = []
    for field in (*CONTACT_FIELDS, *form.procedure.fields):
        old, new = before.values.get(field.name, ""), after.values.get(field.name, "")
        if old != new:
            shown = (display(field, value, language, office) for value in (old, new))
            changes.append(Change(field, *shown))
    return tuple(changes)
