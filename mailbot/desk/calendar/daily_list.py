"""The morning mail to the operators and to the people of `desk.inquiries`: one each, with all that waits for them.

Operators read besides the inquiries for them those that nobody has answered by the promised day, the reviews that are
late, the mails that wait in the quarantine, the newcomers, and the notices that failed.  It is said again each business
day until it is done.  A reply acts line by line (`operations/daily_list_reply.py`).  Reviewers have the daily digest.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from mailbot.clock import tokyo_date
from mailbot.desk.calendar.reminders import is_morning
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.inquiries.readers import have_it, people_of_the_desk
from mailbot.desk.operations import daily_list_items
from mailbot.desk.operations.daily_list_items import MOST_LINES
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.recipients import one_copy_each, operators
from mailbot.desk.review.review_requests import waited
from mailbot.model.inquiry import Inquiry, InquiryState
from mailbot.model.lifecycle import State
from mailbot.model.notice import Addressee
from mailbot.notices.contents.answers import Alert
from mailbot.notices.contents.inquiries import InquiryLine, inquiry_line
from mailbot.notices.values import Case
from mailbot.records.applications import application_store
from mailbot.records.applications.reminders import is_recorded, record_once
from mailbot.records.inquiries import inquiries
from mailbot.text import fold_address


def send_due(now: datetime, context: DeskContext) -> int:
    """The list of the day; on a business day, from the morning on.  Returns how many were enqueued."""
    if not is_morning(now, context):
        return 0
    run_the_desk = {fold_address(to.email) for to in operators(context)}
    people = one_copy_each([*operators(context), *people_of_the_desk(context)])
    due = [to for to in people if not is_recorded(_key(to, now))]
    of_operators = _of_operators(now, context) if due else {}
    done = 0
    for to in due:
        mine = fold_address(to.email)
        runs_it = mine in run_the_desk
        with context.store.transaction():
            lines = open_lines(now, partial(_is_for, mine, now, context, late_too=runs_it))
            params: dict[str, Sequence[object]] = {"inquiries": lines, **(of_operators if runs_it else {})}
            if record_once(_key(to, now), now) and any(params.values()):
                content = Alert(topic="daily_list", params=params)
                enqueue_notices([Notice(content, to, daily_list_items.about(params))], now, context)
                done += 1
    return done


def open_lines(now: datetime, wanted: Callable[[Inquiry], bool]) -> list[InquiryLine]:
    """The open inquiries that are `wanted`, as lines, oldest first; at most MOST_LINES."""
    found = (one for one in inquiries.listing(InquiryState.OPEN) if wanted(one))
    return [_line(one, now) for one in islice(found, MOST_LINES)]


def _key(to: Addressee, now: datetime) -> str:
    return f"daily-list:{tokyo_date(now)}:{to.email}"


def _is_for(address: str, now: datetime, context: DeskContext, inquiry: Inquiry, *, late_too: bool) -> bool:
    """Whether an inquiry is in the list of `address`: as one who was sent it; `late_too`: or one that is late."""
    late = late_too and inquiry.is_late(tokyo_date(now))
    return late or any(fold_address(to.email) == address for to in have_it(inquiry, context))


def _of_operators(now: datetime, context: DeskContext) -> dict[str, Sequence[object]]:
    """What every operator reads: once for all of them, and before their transactions."""
    with context.store.reading():
        cases = [*islice(_late_reviews(now, context), MOST_LINES)]
    return {
        "cases": cases,
        "quarantined": daily_list_items.quarantined_mails(context),
        "newcomers": daily_list_items.newcomers(context),
        "failed": daily_list_items.failed(now, context),
    }


def _late_reviews(now: datetime, context: DeskContext) -> Iterator[Case]:
    """What nobody has decided on in `review.escalation_business_days`, unless it is held."""
    for application in application_store.listing(state=State.RECEIVED):
        if not application.held and waited(application, now, context) >= context.settings.escalation_business_days:
            yield case_of(application, context)


def _line(inquiry: Inquiry, now: datetime) -> InquiryLine:
    about = application_store.get(inquiry.application_id) if inquiry.application_id is not None else None
    return inquiry_line(inquiry, str(about.receipt or "") if about is not None else "", tokyo_date(now))
