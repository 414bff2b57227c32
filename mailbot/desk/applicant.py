"""What an applicant does: apply, save, correct, withdraw."""

from dataclasses import replace
from datetime import datetime

from mailbot.desk import addressees
from mailbot.desk.answering import answer_to_sender, not_possible
from mailbot.desk.case import case_of, make_case, office_of
from mailbot.desk.form_back import form_back
from mailbot.desk.outcome import Outcome, Owed, owed_to, together
from mailbot.desk.request import Ask, Request
from mailbot.desk.review.review_requests import ask_reviewers, review_requests, tell_reviewers
from mailbot.desk.sharing import partners, waiting_for
from mailbot.desk.sorting import named_procedures, titles_of
from mailbot.desk.submission import Submission, read_submission
from mailbot.desk.tools import Tools
from mailbot.forms.procedures import split_by_procedure
from mailbot.forms.read import read_form
from mailbot.mail.quoting import OwnWords
from mailbot.model.application import Actor, Application
from mailbot.model.common_fields import COMMON_FIELDS, CONTACT_FIELDS
from mailbot.model.contract import Office
from mailbot.model.lifecycle import Event, next_state
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.post import Disposition
from mailbot.model.procedure import Procedure, Severity
from mailbot.notices.display import display
from mailbot.notices.write import Case, Change
from mailbot.records import applications, tokens

_COMMON_NAMES = frozenset(field.name for field in COMMON_FIELDS)


def apply(request: Request, now: datetime, tools: Tools) -> Outcome:
    """A form, new or the corrected form of a draft: submitted if it is complete, else kept and asked about.

    A mail that asks for two procedures becomes two applications, in one thread.
    """
    parts = _parts(request, tools)
    return together([_apply(part, now, tools) for part in parts])


def _parts(request: Request, tools: Tools) -> list[Request]:
    """One request for each procedure that a new mail asks for."""
    if request.application is not None or len(named_procedures(request, tools)) < 2:
        return [request]
    texts = split_by_procedure(request.form_text, titles_of(tools))
    # Without a command: of these, only 一時保存 asks for an application, and that is in `request.ask` already.
    return [replace(request, own=OwnWords(text), command=None, attached=()) for text in texts]


def _apply(request: Request, now: datetime, tools: Tools) -> Outcome:
    procedure = _procedure(request, tools)
    if procedure is None:
        return _which_procedure(request, tools)
    form = read_submission(request, procedure, request.application, now, tools)
    actor, content, mail_id = _actor(request, form.office), (form.filled, form.contact), request.item.id
    draft = request.application or applications.create(procedure.name, form.office.code, content, now)
    if request.ask is Ask.SAVE or not form.complete:
        # Nothing that was typed is lost, whatever comes next.
        saved = applications.advance(draft, Event.SAVE, now, actor, mail_id=mail_id, revision=content)
        reason = "saved" if request.ask is Ask.SAVE else "incomplete"
        return Outcome(Disposition.ANSWERED, reason, _problems(saved, form, tools), saved)
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
    notices = _received(case, form, (), tools) + ask_reviewers(case, request, now, tools)
    return Outcome(Disposition.CARRIED_OUT, "submitted", notices + _partners(case, form, now, tools), application)


def correct(request: Request, now: datetime, tools: Tools) -> Outcome:
    """修正: the changed lines only, or the whole form.  One that fails its checks changes nothing but is kept."""
    application = request.application
    if application is None:
        return answer_to_sender(request, tools, "unknown_application")
    if next_state(application.state, Event.CORRECT) is None:
        return not_possible(request, application, Event.CORRECT, tools)
    procedure = tools.procedure_of(application.procedure)
    form = read_submission(request, procedure, application, now, tools)
    if not form.complete:
        pending = applications.keep_pending(application, form.filled)
        return Outcome(Disposition.ANSWERED, "incomplete", _problems(pending, form, tools), pending)
    changes = _changes(application, form)
    if not changes:
        return answer_to_sender(request, tools, "empty_correction")
    corrected = applications.advance(
        application,
        Event.CORRECT,
        now,
        _actor(request, form.office),
        mail_id=request.item.id,
        revision=(form.filled, form.contact),
        subjects=form.subjects,
    )
    tokens.void(application.id, now, role=Role.REVIEWER)
    corrected = _waiting(corrected, form, now)
    case = make_case(corrected, form.office, procedure)
    notices = _received(case, form, changes, tools) + ask_reviewers(case, request, now, tools, changes)
    return Outcome(Disposition.CARRIED_OUT, "corrected", notices + _partners(case, form, now, tools), corrected)


def _waiting(application: Application, form: Submission, now: datetime) -> Application:
    """A shared 利用者コード waits for the other offices: the history says for whom (S2)."""
    offices = sorted({code for codes in waiting_for(form.office, form.subjects).values() for code in codes})
    if not offices:
        return application
    return applications.advance(application, Event.WAIT, now, addressees.DESK, words="、".join(offices))


def _partners(case: Case, form: Submission, now: datetime, tools: Tools) -> tuple[Owed, ...]:
    """The reviewers are asked again about applications of other offices that waited for this one only."""
    notices: tuple[Owed, ...] = ()
    for partner in partners(case.application, case.office, form.subjects):
        other = case_of(partner, tools)
        if not waiting_for(other.office, other.procedure.subjects(partner.revision.filled)):
            to = addressees.reviewers_of(other.procedure.category, tools)
            notices += review_requests(other, to, now, tools)
    return notices


def withdraw(request: Request, now: datetime, tools: Tools) -> Outcome:
    """取下げ, while the application is open."""
    application = request.application
    if application is None:
        return answer_to_sender(request, tools, "unknown_application")
    if next_state(application.state, Event.WITHDRAW) is None:
        return not_possible(request, application, Event.WITHDRAW, tools)
    actor = _actor(request, office_of(application))
    withdrawn = applications.advance(application, Event.WITHDRAW, now, actor, mail_id=request.item.id)
    tokens.void(application.id, now, role=Role.REVIEWER)
    case = case_of(withdrawn, tools)
    notices = owed_to(
        NoticeKind.WITHDRAWN,
        addressees.of_application(withdrawn, case.office),
        withdrawn,
        lambda to, _reply_to: tools.writer.withdrawn(case, to, by=actor),
    )
    return Outcome(
        Disposition.CARRIED_OUT, "withdrawn", notices + tell_reviewers(case, Event.WITHDRAW, actor, tools), withdrawn
    )


def _procedure(request: Request, tools: Tools) -> Procedure | None:
    """The procedure of the draft, the one the mail names, or the only one that its form can be meant for."""
    if request.application is not None:
        return tools.procedure_of(request.application.procedure)
    named = named_procedures(request, tools)
    if len(named) == 1:
        return tools.procedures[named[0]]
    return None if named else _only_fitting(request, tools)


def _which_procedure(request: Request, tools: Tools) -> Outcome:
    """A form that names no procedure and might be for several: it comes back with a line to name it on."""
    titles = {p.name: p.titles for p in tools.procedures.values()}
    form = f"手続：\n{request.form_text.strip()}" if request.form_text.strip() else ""
    found = request.attached_problems
    return answer_to_sender(request, tools, "which_form", titles=titles, form=form, findings=found)


def _only_fitting(request: Request, tools: Tools) -> Procedure | None:
    """Of all procedures the one that knows every field of the form and finds its own required ones in it."""
    fitting = []
    for procedure in tools.procedures.values():
        reading = read_form(request.form_text, COMMON_FIELDS + procedure.fields)
        needed = {field.name for field in procedure.fields if field.required}
        if not reading.unknown_lines and needed <= reading.given and reading.given - _COMMON_NAMES:
            fitting.append(procedure)
    return fitting[0] if len(fitting) == 1 else None


def _actor(request: Request, office: Office) -> Actor:
    place = request.sender.registration_at(office.code)
    return addressees.actor_of(request.sender, place.role if place else Role.CONTACT)


def _problems(application: Application, form: Submission, tools: Tools) -> tuple[Owed, ...]:
    """入力不備: every problem at once, with the form as it was typed to correct and send back."""
    case = make_case(application, form.office, form.procedure)
    back = form_back(form.procedure, form.office, form.filled)
    return owed_to(
        NoticeKind.DRAFT,
        addressees.applicant_side(form.office, form.contact),
        application,
        lambda to, reply_to: tools.writer.draft(
            case,
            to,
            findings=form.findings,
            form=back,
            unknown_lines=form.unknown_lines,
            reply_address=reply_to,
        ),
    )


def _received(case: Case, form: Submission, changes: tuple[Change, ...], tools: Tools) -> tuple[Owed, ...]:
    remarks = [f for f in form.findings if f.severity is not Severity.PROBLEM]
    return owed_to(
        NoticeKind.RECEIVED,
        addressees.of_application(case.application, case.office),
        case.application,
        lambda to, reply_to: tools.writer.received(case, to, findings=remarks, changes=changes, reply_address=reply_to),
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
