"""The morning mail to the operators and to the people of `desk.inquiries`: one each, with all that waits for them.

Operators read besides the inquiries for them those that nobody has answered by the promised day, the reviews that are
late, and the newcomers.  It is said again each business day until it is done.  Reviewers have the daily digest.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
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
    newcomers = _newcomers(context) if due else []
    done = 0
    for to in due:
        mine = fold_address(to.email)
        with context.store.transaction():
            params = _of_operator(mine, now, context) if mine in run_the_desk else _of_reader(mine, now, context)
            if mine in run_the_desk:
                params["newcomers"] = newcomers
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


def _of_reader(address: str, now: datetime, context: DeskContext) -> dict[str, list[object]]:
    return {"inquiries": [*open_lines(now, lambda one: _reads(address, one, context))]}


def _of_operator(address: str, now: datetime, context: DeskContext) -> dict[str, list[object]]:
    mine = open_lines(now, lambda one: _reads(address, one, context) or tokyo_date(now) > one.promised_on)
    return {"inquiries": [*mine], "cases": [*islice(_late_reviews(now, context), MOST_LINES)]}


def _reads(address: str, inquiry: Inquiry, context: DeskContext) -> bool:
    return any(fold_address(to.email) == address for to in readers_of(inquiry, context))


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
