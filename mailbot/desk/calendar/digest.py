"""The reviewers' daily digest: what waits, how long, what is overdue; and the reply that decides line by line."""

from dataclasses import replace
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.calendar.reminders import is_morning
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.enqueue import enqueue_notice
from mailbot.desk.outgoing.outcome import Notice, Outcome
from mailbot.desk.outgoing.replies import answer_to_sender
from mailbot.forms.keywords import decisions_by_line
from mailbot.model.application import Application
from mailbot.model.lifecycle import State
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Reviewer
from mailbot.notices.reviewers import Waiting
from mailbot.records.applications import applications, grants
from mailbot.records.applications.reminders import first_time, said
from mailbot.records.register import offices


def send_due(now: datetime, context: DeskContext) -> int:
    """One digest a business-day morning to each reviewer for whom something waits; missed mornings are not made up."""
    if not is_morning(now, context):
        return 0
    done = 0
    for reviewer in offices.all_reviewers():
        key = f"digest:{tokyo_date(now)}:{reviewer.email}"
        if not said(key):
            with context.store.transaction():
                done += first_time(key, now) and _send(reviewer, now, context)
    return done


def _send(reviewer: Reviewer, now: datetime, context: DeskContext) -> bool:
    waiting = [a for a in applications.listing(state=State.RECEIVED) if _is_for(reviewer, a, context)]
    if not waiting:
        return False
    rows = [Waiting(case_of(a, context), _days(a, now, context), _is_overdue(a, now, context)) for a in waiting]
    to = recipients.reviewer_addressee(reviewer, context.settings.language)
    owed = Notice(
        NoticeKind.DIGEST,
        to,
        lambda reply_to: context.writer.digest(to, waiting=rows, reply_address=reply_to),
        lines=tuple(waiting),
    )
    enqueue_notice(owed, now, context)
    return True


def _is_for(reviewer: Reviewer, application: Application, context: DeskContext) -> bool:
    return context.procedure_of(application.procedure).category in reviewer.categories


def _days(application: Application, now: datetime, context: DeskContext) -> int:
    return context.calendar.between(tokyo_date(application.revision.made_at), tokyo_date(now))


def _is_overdue(application: Application, now: datetime, context: DeskContext) -> bool:
    return not application.held and _days(application, now, context) >= context.settings.reminder_business_days


def requests_by_line(request: Request) -> list[Request]:
    """One request for each line of the reply that decides on an application the digest listed."""
    grant = request.grant
    if grant is None:
        return []
    listed = {}
    for application_id, revision in grants.lines(grant.token_id):
        application = applications.get(application_id)
        if application is not None and application.receipt is not None:
            listed[str(application.receipt)] = (application, revision)
    found = []
    for receipt, decision in decisions_by_line(request.own.text):
        if receipt in listed:
            application, revision = listed[receipt]
            own = replace(grant, application_id=application.id, revision=revision)
            found.append(replace(request, application=application, grant=own, decision=decision))
    return found


def not_understood(request: Request, context: DeskContext) -> Outcome:
    """A reply to the digest in which no line decides on anything that it listed."""
    lines = [line.strip() for line in request.own.text.splitlines() if line.strip()]
    return answer_to_sender(request, context, "digest_not_understood", read=lines[:5], more=max(0, len(lines) - 5))
