"""The morning mail to the operators and to the people of `desk.inquiries`: one each, with all that waits for them.

Operators read besides the inquiries for them those that nobody has answered by the promised day, the reviews that are
late, and the newcomers.  It is said again each business day until it is done.  Reviewers have the daily digest.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from mailbot.clock import tokyo_date
from mailbot.desk.calendar.reminders import is_morning, waited
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.inquiries.readers import people_of_the_desk, readers_of
from mailbot.desk.outgoing.alerts import alert
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.recipients import one_copy_each, operators
from mailbot.mail.message import read_head
from mailbot.model.inquiry import Inquiry, InquiryState
from mailbot.model.lifecycle import State
from mailbot.model.notice import Addressee
from mailbot.notices.contents.inquiries import InquiryLine, NewcomerLine, inquiry_line
from mailbot.notices.display import short_day
from mailbot.notices.values import Case
from mailbot.records.applications import application_store
from mailbot.records.applications.reminders import is_recorded, record_once
from mailbot.records.inquiries import inquiries
from mailbot.records.queues import quarantined, received
from mailbot.records.queues.quarantined import QuarantinedMail
from mailbot.text import fold_address

MOST_LINES = 100  # of one list; the commands `inquiries list`, `applications list` and `quarantine list` have all


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
                enqueue_notices(alert("daily_list", context, params=params, to=[to]), now, context)
                done += 1
    return done


def open_lines(now: datetime, wanted: Callable[[Inquiry], bool]) -> list[InquiryLine]:
    """The open inquiries that are `wanted`, as lines, oldest first; at most MOST_LINES."""
    found = (one for one in inquiries.listing(InquiryState.OPEN) if wanted(one))
    return [_line(one, now) for one in islice(found, MOST_LINES)]


def _key(to: Addressee, now: datetime) -> str:
    return f"daily-list:{tokyo_date(now)}:{to.email}"


def _is_for(address: str, now: datetime, context: DeskContext, inquiry: Inquiry, *, late_too: bool) -> bool:
    """Whether an inquiry is in the list of `address`: as one of its readers; `late_too`: or beyond its promised day."""
    late = late_too and tokyo_date(now) > inquiry.promised_on
    return late or any(fold_address(to.email) == address for to in readers_of(inquiry, context))


def _of_operators(now: datetime, context: DeskContext) -> dict[str, Sequence[object]]:
    """What every operator reads: once for all of them, and before their transactions."""
    with context.store.reading():
        cases = [*islice(_late_reviews(now, context), MOST_LINES)]
    return {"cases": cases, "newcomers": _newcomers(context)}


def _late_reviews(now: datetime, context: DeskContext) -> Iterator[Case]:
    """What nobody has decided on in `review.escalation_business_days`, unless it is held."""
    for application in application_store.listing(state=State.RECEIVED):
        if not application.held and waited(application, now, context) >= context.settings.escalation_business_days:
            yield case_of(application, context)


def _newcomers(context: DeskContext) -> list[object]:
    """Who is not registered and writes for an office, newest first: one line for each address, with its latest mail."""
    with context.store.reading():
        mails = quarantined.select(reason="newcomer")
    latest: dict[tuple[str, str], QuarantinedMail] = {}
    for mail in reversed(mails):
        latest.setdefault((mail.office, mail.author), mail)
    return [_newcomer_line(mail, context) for mail in islice(latest.values(), MOST_LINES)]


def _newcomer_line(mail: QuarantinedMail, context: DeskContext) -> NewcomerLine:
    with context.store.reading():
        name = read_head(received.content(context.store, mail.number)).author.display_name
    return NewcomerLine(mail.number, short_day(mail.received_at), mail.office, name, mail.author)


def _line(inquiry: Inquiry, now: datetime) -> InquiryLine:
    about = application_store.get(inquiry.application_id) if inquiry.application_id is not None else None
    return inquiry_line(inquiry, str(about.receipt or "") if about is not None else "", tokyo_date(now))
