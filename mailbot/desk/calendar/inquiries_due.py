"""Open inquiries: each morning a list to the people who answer them, and once an alert about those that are overdue.

Reviewers read theirs in the daily digest.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import islice

from mailbot.clock import tokyo_date
from mailbot.desk.calendar.reminders import is_morning
from mailbot.desk.context import DeskContext
from mailbot.desk.inquiries.readers import people_of_the_desk, readers_of
from mailbot.desk.outgoing.alerts import alert
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.model.inquiry import Inquiry, InquiryState
from mailbot.notices.contents.inquiries import InquiryLine, inquiry_line
from mailbot.records.applications import application_store
from mailbot.records.applications.reminders import is_recorded, record_once
from mailbot.records.inquiries import inquiries
from mailbot.text import fold_address

MOST_LINES = 100  # of one list; `mailbot inquiries list` has all of them


def send_due(now: datetime, context: DeskContext) -> int:
    """The list of the day, and the alert; on a business day, from the morning on.  Returns how many were enqueued."""
    if not is_morning(now, context):
        return 0
    return _list_of_the_day(now, context) + _escalate(now, context)


def open_lines(now: datetime, wanted: Callable[[Inquiry], bool]) -> list[InquiryLine]:
    """The open inquiries that are `wanted`, as lines, oldest first; at most MOST_LINES."""
    found = (one for one in inquiries.listing(InquiryState.OPEN) if wanted(one))
    return [_line(one, now) for one in islice(found, MOST_LINES)]


def _list_of_the_day(now: datetime, context: DeskContext) -> int:
    done = 0
    for person in people_of_the_desk(context):
        key = f"inquiries:{tokyo_date(now)}:{person.email}"
        if is_recorded(key):
            continue
        mine = fold_address(person.email)
        with context.store.transaction():
            lines = open_lines(now, partial(_reads, mine, context))
            if record_once(key, now) and lines:
                enqueue_notices(
                    alert("open_inquiries", context, params={"inquiries": lines}, to=[person]), now, context
                )
                done += 1
    return done


def _reads(address: str, context: DeskContext, inquiry: Inquiry) -> bool:
    return any(fold_address(to.email) == address for to in readers_of(inquiry, context))


def _escalate(now: datetime, context: DeskContext) -> int:
    """To the operators, once for each inquiry that waits as long as a review that is escalated."""
    due = [one for one in inquiries.listing(InquiryState.OPEN) if _is_late(one, now, context)]
    fresh = [one for one in due if not is_recorded(f"inquiry-overdue:{one.mail_id}")]
    if not fresh:
        return 0
    with context.store.transaction():
        for one in fresh:
            record_once(f"inquiry-overdue:{one.mail_id}", now)
        lines = [_line(one, now) for one in fresh[:MOST_LINES]]
        enqueue_notices(alert("inquiries_overdue", context, params={"inquiries": lines}), now, context)
    return len(fresh)


def _is_late(inquiry: Inquiry, now: datetime, context: DeskContext) -> bool:
    waited = context.calendar.between(tokyo_date(inquiry.received_at), tokyo_date(now))
    return waited >= context.settings.escalation_business_days and tokyo_date(now) > inquiry.promised_on


def _line(inquiry: Inquiry, now: datetime) -> InquiryLine:
    about = application_store.get(inquiry.application_id) if inquiry.application_id is not None else None
    return inquiry_line(inquiry, str(about.receipt or "") if about is not None else "", tokyo_date(now))
