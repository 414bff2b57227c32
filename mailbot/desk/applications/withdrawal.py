"""取下げ of an application that is under review: by a mail, or on the office's page."""

from datetime import datetime

from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.desk.review.review_requests import notify_reviewers
from mailbot.model.application import Actor, Application
from mailbot.model.calendar_entry import changed
from mailbot.model.lifecycle import Event
from mailbot.model.people import Role
from mailbot.notices.contents.applicant import Withdrawn
from mailbot.records.applications import application_store, grants


def withdraw(
    application: Application, by: Actor, now: datetime, context: DeskContext, mail_id: int | None = None
) -> tuple[Application, tuple[Notice, ...]]:
    """The application as withdrawn, and the notices to both sides of the office and to the reviewers.

    In the caller's transaction.  Raises NotAllowed when its state has no 取下げ, Stale when it has changed meanwhile.
    """
    withdrawn = application_store.apply_event(application, Event.WITHDRAW, now, by, mail_id=mail_id)
    grants.void(application.id, now, role=Role.REVIEWER)
    case = case_of(withdrawn, context)
    to_office = recipients.of_application(withdrawn, case.office)
    notices = notices_to(to_office, Withdrawn(case=case, by=by, calendar=changed(application, withdrawn)), withdrawn)
    return withdrawn, notices + notify_reviewers(case, Event.WITHDRAW, by, context)
