"""The page of one application: everything the office may know of it, and one look at an issued password."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from mailbot.clock import tokyo_date
from mailbot.desk.applications.withdrawal import withdraw
from mailbot.desk.cases.case import case_of
from mailbot.desk.cases.shared_codes import waiting_for
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.alerts import alert_unprintable
from mailbot.desk.outgoing.blank_forms import form_layout
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.security import notify_administrator
from mailbot.forms.write import write_form
from mailbot.model.application import Actor, Application
from mailbot.model.audit import application_subject
from mailbot.model.calendar_entry import current
from mailbot.model.contract import Office
from mailbot.model.lifecycle import Event, State, next_state
from mailbot.model.notice import Enclosure
from mailbot.model.people import APPLICANT_SIDE, Role
from mailbot.model.receipt import ReceiptNumber
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.notices.next_step import NextStep, next_step
from mailbot.notices.page_values import ApplicationPage, ShownPassword
from mailbot.notices.unprintable import Unprintable
from mailbot.records.applications import application_store
from mailbot.records.inquiries import inquiries
from mailbot.records.log import audit
from mailbot.records.queues import outbox
from mailbot.records.register import offices
from mailbot.records.secrets.logins import Session


def application_page(session: Session, number: str, now: datetime, context: DeskContext) -> ApplicationPage | None:
    """None when the office has no such application; another's and one that does not exist look the same."""
    with context.store.reading():
        found = _find(session, number)
        return _page(*found, now, context) if found is not None else None


def _find(session: Session, number: str) -> tuple[Application, Office] | None:
    receipt = ReceiptNumber.find(number[:20])
    application = application_store.by_receipt(receipt) if receipt is not None else None
    office = offices.office(session.office)
    if application is None or office is None or application.office != office.code:
        return None
    return application, office


def _page(application: Application, office: Office, now: datetime, context: DeskContext) -> ApplicationPage:
    today, case = tokyo_date(now), case_of(application, context)
    period = application.view_period
    correctable = next_state(application.state, Event.CORRECT) is not None
    return ApplicationPage(
        office=office,
        case=case,
        next=next_of(application, office, today, context),
        ids=_viewable(application, today, context),
        over=application.state is State.COMPLETED and period is not None and today > period.last,
        seen=application.looked_at,
        sent=tuple(outbox.sent_about(application.id, APPLICANT_SIDE)),
        papers=_papers(application, today),
        has_calendar=bool(current(application)),
        approval_from=_approved_from(application),
        form=_form(application, office, context) if correctable else "",
        may_withdraw=next_state(application.state, Event.WITHDRAW) is not None,
    )


def next_of(application: Application, office: Office, today: date, context: DeskContext) -> NextStep:
    """What the application waits for, in the caller's transaction."""
    unseen = set(_viewable(application, today, context)) - application.looked_at
    waiting = [one.promised_on for one in inquiries.open_about(application.id) if not one.concern]
    procedure = context.procedure_of(application.procedure)
    in_review = application.state is State.RECEIVED
    missing = waiting_for(office, procedure.subjects(application.revision.filled)) if in_review else {}
    partners = {code for codes in missing.values() for code in codes}
    return next_step(application, unseen, min(waiting, default=None), partners)


def _viewable(application: Application, today: date, context: DeskContext) -> tuple[str, ...]:
    period = application.view_period
    if application.state is not State.COMPLETED or period is None or not period.contains(today):
        return ()
    return tuple(context.vault.ids(application.id))


def _papers(application: Application, today: date) -> tuple[PaperKind, ...]:
    start = _approved_from(application)
    if start is not None and start <= today:
        return (PaperKind.APPLICATION_FORM, PaperKind.APPROVAL)
    return (PaperKind.APPLICATION_FORM,)


def _approved_from(application: Application) -> date | None:
    """The 利用開始日 of what is approved."""
    return application.start_date if application.state is State.COMPLETED else None


def _form(application: Application, office: Office, context: DeskContext) -> str:
    procedure = context.procedure_of(application.procedure)
    layout = replace(form_layout(procedure, office), fields=procedure.fields)
    return write_form(layout, application.revision.filled).strip()


def show_password(
    session: Session, number: str, user_id: str, now: datetime, context: DeskContext
) -> tuple[ApplicationPage, ShownPassword | None] | None:
    """The page, and the password of one ID: access is recorded and reported to the 管理責任者; it is shown once.

    Without a password where the page has none of that ID; None like `application_page`.
    """
    with context.store.transaction():
        found = _find(session, number)
        if found is None:
            return None
        application, office = found
        secrets = context.vault.open(application.id, tokyo_date(now))
        secret = next((one for one in secrets if one.user_id == user_id), None)
        if secret is None or user_id not in _viewable(application, tokyo_date(now), context):
            return _page(application, office, now, context), None
        looked = application_store.apply_event(application, Event.LOOK, now, _actor(office), words=user_id)
        about = application_subject(application.receipt)
        audit.append(now, f"office {office.code}", f"password of {user_id}, {application.receipt}", about)
        case, params = case_of(looked, context), {"read": [user_id]}
        notify_administrator(office, "password_seen", now, context, case=case, params=params)
        return _page(looked, office, now, context), ShownPassword(user_id, secret.password)


def withdraw_application(
    session: Session, number: str, revision: int, now: datetime, context: DeskContext
) -> tuple[ApplicationPage, bool] | None:
    """取下げ by a logged-in office: the page as it is then, and whether this has withdrawn it.

    Not when its state does not allow it any more, or when it is another revision than the one that was shown.
    """
    with context.store.transaction():
        found = _find(session, number)
        if found is None:
            return None
        application, office = found
        possible = next_state(application.state, Event.WITHDRAW) is not None
        if not possible or application.revision.number != revision:
            return _page(application, office, now, context), False
        withdrawn, notices = withdraw(application, _actor(office), now, context)
        enqueue_notices(notices, now, context)
        about = application_subject(application.receipt)
        audit.append(now, f"office {office.code}", f"withdrew {application.receipt}", about)
        return _page(withdrawn, office, now, context), True


@dataclass(frozen=True)
class NotPrintable:
    """A PDF that could not be made; the operators were alerted and make it by hand."""

    office: Office


def paper(
    session: Session, number: str, kind: str, now: datetime, context: DeskContext
) -> Enclosure | NotPrintable | None:
    """A PDF of an application; None when there is none (yet), also like `application_page`."""
    with context.store.reading():
        found = _find(session, number)
        wanted = [one for one in _papers(found[0], tokyo_date(now)) if one.value == kind] if found is not None else []
        if found is None or not wanted:
            return None
        case, request = case_of(found[0], context), PaperRequest(wanted[0], tokyo_date(now))
    try:
        return context.papers.enclosure(request, case, found[1].language)
    except Unprintable as error:
        with context.store.transaction():
            alert_unprintable(error, request, case, now, context)
        return NotPrintable(found[1])


def calendar(session: Session, number: str, context: DeskContext) -> Enclosure | None:
    """The days of an application as a calendar file; None when there are none, also like `application_page`."""
    with context.store.reading():
        found = _find(session, number)
        case = case_of(found[0], context) if found is not None else None
    if found is None or case is None or not (entries := current(found[0])):
        return None
    return context.calendar_files.enclosures(entries, case, found[1].language)[0]


def _actor(office: Office) -> Actor:
    return Actor(Role.OFFICE, name=office.code)
