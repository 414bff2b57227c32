"""An open inquiry is passed on to somebody else behind the desk: on a page, or by 送付 in reply to the daily list."""

from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.inquiries import stand_in
from mailbot.desk.inquiries.readers import people_of_the_desk, readers_of
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.model.audit import mail_subject
from mailbot.model.inquiry import Inquiry
from mailbot.model.notice import Addressee
from mailbot.model.people import Reviewer
from mailbot.records.applications import grants
from mailbot.records.inquiries import inquiries
from mailbot.records.log import audit
from mailbot.records.register import offices
from mailbot.text import fold_address


def everybody(context: DeskContext) -> tuple[Addressee, ...]:
    """Whom an inquiry can be passed on to, in the caller's `Store.reading`: reviewers, operators, `desk.inquiries`."""
    language = context.settings.language
    reviewers = [recipients.reviewer_addressee(one, language) for one in offices.all_reviewers()]
    return recipients.one_copy_each([*reviewers, *people_of_the_desk(context), *recipients.operators(context)])


def have_it(inquiry: Inquiry, context: DeskContext) -> tuple[Addressee, ...]:
    """Who answers it, or was sent it since, in the caller's `Store.reading`."""
    sent = {fold_address(one) for one in grants.readers_of_inquiry(inquiry.mail_id)}
    others = [to for to in everybody(context) if fold_address(to.email) in sent]
    return recipients.one_copy_each([*readers_of(inquiry, context), *others])


def is_asked(reviewer: Reviewer, inquiry: Inquiry, context: DeskContext) -> bool:
    """Whether a reviewer is to answer it, or was sent it since, in the caller's `Store.reading`."""
    key = fold_address(reviewer.email)
    return any(fold_address(to.email) == key for to in have_it(inquiry, context))


def pass_to(number: int, email: str, who: str, now: datetime, context: DeskContext) -> Addressee | None:
    """The mail of an open inquiry to one more person, whose reply to it is an answer; in the caller's transaction.

    `who`: passes it on.  Nobody else is told.  None, and nothing is done, when it is not open, or for an address of
    nobody behind the desk.
    """
    inquiry = inquiries.get(number)
    found = [to for to in everybody(context) if fold_address(to.email) == fold_address(email)]
    if inquiry is None or not inquiry.is_open or not found:
        return None
    enqueue_notices(stand_in.to_others(inquiry, found, context), now, context)
    audit.append(now, who, f"inquiry {number} passed on to {found[0].email}", mail_subject(number))
    return found[0]
