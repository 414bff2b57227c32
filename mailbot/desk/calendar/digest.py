"""The reviewers' daily digest: what waits, how long, what is overdue.  Replies to it: `review/digest_reply.py`."""

from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.calendar.daily_list import open_lines
from mailbot.desk.calendar.reminders import is_morning
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.inquiries.readers import is_asked
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import AboutDigest, Notice
from mailbot.desk.review.review_requests import is_overdue, waited
from mailbot.model.application import Application
from mailbot.model.lifecycle import State
from mailbot.model.people import Reviewer
from mailbot.notices.contents.reviewers import Digest
from mailbot.notices.values import Waiting
from mailbot.records.applications import application_store
from mailbot.records.applications.reminders import is_recorded, record_once
from mailbot.records.register import offices


def send_due(now: datetime, context: DeskContext) -> int:
    """One digest a business-day morning to each reviewer for whom something waits; missed mornings are not made up."""
    if not is_morning(now, context):
        return 0
    done = 0
    for reviewer in offices.all_reviewers():
        key = f"digest:{tokyo_date(now)}:{reviewer.email}"
        if not is_recorded(key):
            with context.store.transaction():
                done += record_once(key, now) and _send(reviewer, now, context)
    return done


def _send(reviewer: Reviewer, now: datetime, context: DeskContext) -> bool:
    waiting = tuple(a for a in application_store.listing(state=State.RECEIVED) if _is_for(reviewer, a, context))
    asked = open_lines(now, lambda inquiry: is_asked(reviewer, inquiry, context))
    if not waiting and not asked:
        return False
    rows = [Waiting(case_of(a, context), waited(a, now, context), is_overdue(a, now, context)) for a in waiting]
    to = recipients.reviewer_addressee(reviewer, context.settings.language)
    enqueue_notices([Notice(Digest(waiting=rows, inquiries=asked), to, AboutDigest(waiting))], now, context)
    return True


def _is_for(reviewer: Reviewer, application: Application, context: DeskContext) -> bool:
    return context.procedure_of(application.procedure).category in reviewer.categories
