"""What an applicant does: apply, save, correct, withdraw."""

from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.applications import withdrawal
from mailbot.desk.applications.checked_form import CheckedForm, check_form
from mailbot.desk.cases.case import case_of, make_case, office_of
from mailbot.desk.cases.shared_codes import partners, waiting_for
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.form import RequestForm
from mailbot.desk.incoming.request import Intent, Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.blank_forms import content_back, form_back
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.desk.outgoing.outcome import Outcome, combine_outcomes
from mailbot.desk.outgoing.replies import answer_to_sender, not_possible
from mailbot.desk.review.review_requests import ask_all_again, ask_reviewers
from mailbot.model.application import Actor, Application
from mailbot.model.calendar_entry import CalendarEntry, changed
from mailbot.model.common_fields import CONTACT_FIELDS
from mailbot.model.contract import Office
from mailbot.model.lifecycle import Event, State, next_state
from mailbot.model.people import Role
from mailbot.model.procedure import Severity
from mailbot.model.queued_mail import Disposition
from mailbot.notices.contents.applicant import Draft, DraftSaved, Received, Withdrawn
from mailbot.notices.display import display
from mailbot.notices.values import Case, Change
from mailbot.records.applications import application_store, grants


def apply(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """A form, new or the corrected form of a draft: submitted if it is complete, else kept and asked about.

    A mail that asks for two procedures becomes two applications, in one thread.
    """
    return combine_outcomes([_apply(request, form, now, context) for form in request.forms])


def _apply(request: Request, form: RequestForm, now: datetime, context: DeskContext) -> Outcome:
    if form.procedure is None:
        return _which_procedure(request, form, context)
    checked = check_form(request, form, form.procedure, request.application, now, context)
    procedure, content, mail_id = checked.procedure, (checked.filled, checked.contact), request.item.id
    actor = _actor(request, checked.office)
    draft = request.application or application_store.create(procedure.name, checked.office.code, content, now)
    if request.intent is Intent.SAVE or not checked.complete:
        # Nothing that was typed is lost, whatever comes next.
        saved = application_store.apply_event(draft, Event.SAVE, now, actor, mail_id=mail_id, revision=content)
        if request.intent is Intent.SAVE:
            return Outcome(Disposition.ANSWERED, "saved", _saved(request, saved, checked, context), saved)
        return Outcome(Disposition.ANSWERED, "incomplete", _problems(saved, checked), saved)
    application = application_store.apply_event(
        draft,
        Event.SUBMIT,
        now,
        actor,
        mail_id=mail_id,
        revision=content,
        category=procedure.category,
        subjects=checked.subjects,
    )
    application = _waiting(application, checked, now)
    notices = _accepted(request, application, checked, (), now, context)
    return Outcome(Disposition.CARRIED_OUT, "submitted", notices, application)


def correct(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """修正: the changed lines only, or the whole form.  One that fails its checks changes nothing but is kept."""
    application = request.application
    if application is None:
        return answer_to_sender(request, context, "unknown_application")
    if next_state(application.state, Event.CORRECT) is None:
        return not_possible(request, application, Event.CORRECT, context)
    procedure = context.procedure_of(application.procedure)
    checked = check_form(request, request.form, procedure, application, now, context)
    if not checked.complete:
        pending = application_store.store_pending_correction(application, checked.filled)
        return Outcome(Disposition.ANSWERED, "incomplete", _problems(pending, checked), pending)
    changes = _changes(application, checked)
    if not changes:
        return answer_to_sender(request, context, "empty_correction")
    corrected = application_store.apply_event(
        application,
        Event.CORRECT,
        now,
        _actor(request, checked.office),
        mail_id=request.item.id,
        revision=(checked.filled, checked.contact),
        subjects=checked.subjects,
    )
    grants.void(application.id, now, role=Role.REVIEWER)
    gone = changed(application, corrected)  # the day by which an answer was asked for
    corrected = _waiting(corrected, checked, now)
    notices = _accepted(request, corrected, checked, changes, now, context, gone)
    return Outcome(Disposition.CARRIED_OUT, "corrected", notices, corrected)


def withdraw(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """取下げ, while the application is open; of a draft nobody else was told, and nobody is."""
    application = request.application
    if application is None:
        return answer_to_sender(request, context, "unknown_application")
    if next_state(application.state, Event.WITHDRAW) is None:
        return not_possible(request, application, Event.WITHDRAW, context)
    actor, mail_id = _actor(request, office_of(application)), request.item.id
    if application.state is not State.DRAFT:
        withdrawn, notices = withdrawal.withdraw(application, actor, now, context, mail_id)
        return Outcome(Disposition.CARRIED_OUT, "withdrawn", notices, withdrawn)
    dropped = application_store.apply_event(application, Event.WITHDRAW, now, actor, mail_id=mail_id)
    to = recipients.author_of(request.sender, context.settings.language)
    content = Withdrawn(case=case_of(dropped, context), by=actor)
    return Outcome(Disposition.CARRIED_OUT, "withdrawn", notices_to([to], content, dropped), dropped)


def _accepted(
    request: Request,
    application: Application,
    checked: CheckedForm,
    changes: tuple[Change, ...],
    now: datetime,
    context: DeskContext,
    entries: tuple[CalendarEntry, ...] = (),
) -> tuple[Notice, ...]:
    """受付完了 to 申込担当者 and 管理責任者, 審査依頼 to the reviewers; also those that waited for this one."""
    case = make_case(application, checked.office, checked.procedure)
    remarks = [f for f in checked.findings if f.severity is not Severity.PROBLEM]
    received = notices_to(
        recipients.of_application(application, case.office),
        Received(
            case=case,
            findings=remarks,
            changes=changes,
            calendar=entries,
            answer_from=None if checked.circumstances.waiting_for else context.calendar.add(tokyo_date(now), 1),
            correction=content_back(case),
        ),
        application,
    )
    asked = ask_reviewers(case, request, checked.findings, now, context, changes)
    return received + asked + _partners(case, checked, now, context)


def _waiting(application: Application, checked: CheckedForm, now: datetime) -> Application:
    """A shared 利用者コード waits for the other offices: the history says for whom (S2)."""
    offices = sorted({code for codes in checked.circumstances.waiting_for.values() for code in codes})
    if not offices:
        return application
    return application_store.apply_event(application, Event.WAIT, now, recipients.DESK, words="、".join(offices))


def _partners(case: Case, checked: CheckedForm, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """The reviewers are asked again about applications of other offices that waited for this one only."""
    notices: tuple[Notice, ...] = ()
    for partner in partners(case.application, case.office, checked.subjects):
        other = case_of(partner, context)
        if not waiting_for(other.office, other.procedure.subjects(partner.revision.filled)):
            notices += ask_all_again(other, now, context)
    return notices


def _which_procedure(request: Request, form: RequestForm, context: DeskContext) -> Outcome:
    """A form that names no procedure and might be for several: it comes back with a line to name it on."""
    titles = {p.name: p.titles for p in context.procedures.values()}
    text = f"手続：\n{form.text.strip()}" if form.text.strip() else ""
    found = request.attached_problems
    return answer_to_sender(request, context, "which_form", titles=titles, form=text, findings=found)


def _actor(request: Request, office: Office) -> Actor:
    registration = request.sender.registration_at(office.code)
    return recipients.actor_of(request.sender, registration.role if registration else Role.CONTACT)


def _problems(application: Application, checked: CheckedForm) -> tuple[Notice, ...]:
    """入力不備: every problem at once, with the form as it was typed to correct and send back."""
    to = recipients.applicant_side(checked.office, checked.contact)
    return notices_to(to, _draft(Draft, application, checked), application)


def _saved(
    request: Request, application: Application, checked: CheckedForm, context: DeskContext
) -> tuple[Notice, ...]:
    """一時保存, to the writer alone: nothing is applied for yet."""
    to = recipients.author_of(request.sender, context.settings.language)
    return notices_to([to], _draft(DraftSaved, application, checked), application)


def _draft(kind: type[Draft], application: Application, checked: CheckedForm) -> Draft:
    return kind(
        case=make_case(application, checked.office, checked.procedure),
        findings=checked.findings,
        form=form_back(checked.procedure, checked.office, checked.filled),
        unknown_lines=checked.unknown_lines,
        other_words=checked.filled.other_words,
    )


def _changes(application: Application, checked: CheckedForm) -> tuple[Change, ...]:
    """変更前 / 変更後, field by field, as people read them."""
    language, office = checked.office.language, checked.office
    before, after = application.revision.filled, checked.filled
    changes = []
    for field in (*CONTACT_FIELDS, *checked.procedure.fields):
        old, new = before.values.get(field.name, ""), after.values.get(field.name, "")
        if old != new:
            shown = (display(field, value, language, office) for value in (old, new))
            changes.append(Change(field, *shown))
    return tuple(changes)
