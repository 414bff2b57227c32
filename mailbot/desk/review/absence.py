"""不在通知 of a reviewer: never a decision; what waits for that reviewer goes to the deputy.

The reviewer is away until the next mail of his own.
"""

from datetime import datetime

from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import AlertCause, alert_at_most
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.review.review_requests import review_requests
from mailbot.model.application import Application
from mailbot.model.lifecycle import Event, State
from mailbot.model.people import Reviewer
from mailbot.model.queued_mail import Disposition
from mailbot.records.applications import application_store
from mailbot.records.register import absences, offices
from mailbot.text import fold_address


def note(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """Note that the reviewer is away, and move what waits for him.  What was known changes nothing."""
    away = request.sender.reviewer
    assert away is not None  # noqa: S101 - `classify` chooses this intent only for a reviewer
    before = offices.reviewer(away.deputy) if away.deputy else None
    if not absences.begin(away.email, now, request.item.id):
        return Outcome(Disposition.RECORDED, "reviewer-absent", detail="known already")
    deputy = offices.reviewer(away.deputy) if before is not None else None
    if deputy is None or fold_address(deputy.email) in absences.absent():
        return Outcome(Disposition.RECORDED, "reviewer-absent", _no_deputy(away, now, context), detail="no deputy")
    notices: tuple[Notice, ...] = ()
    for waiting in application_store.listing(state=State.RECEIVED):
        application, category = waiting, context.procedure_of(waiting.procedure).category
        if fold_address(waiting.taken_by) == fold_address(away.email):
            application = _to_deputy(waiting, deputy, request, now)
        elif before is None or category not in away.categories or category in before.categories:
            continue  # not his, or the deputy was asked already
        to = recipients.reviewer_addressee(deputy, context.settings.language)
        notices += review_requests(case_of(application, context), [to], now, context, stands_in=True)
    return Outcome(Disposition.RECORDED, "reviewer-absent", notices, detail=f"to the deputy: {deputy.email}")


def _to_deputy(application: Application, deputy: Reviewer, request: Request, now: datetime) -> Application:
    """An application that the reviewer had taken is the deputy's now: a step of its history."""
    actor = recipients.actor_of_reviewer(deputy)
    return application_store.apply_event(application, Event.DEPUTIZE, now, actor, mail_id=request.item.id)


def _no_deputy(away: Reviewer, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """To the operators: nobody receives what waits for this reviewer."""
    params = {"sender": f"{away.name} <{away.email}>"}
    return alert_at_most(AlertCause("reviewer_absent", away.email), "reviewer_absent", now, context, params=params)
