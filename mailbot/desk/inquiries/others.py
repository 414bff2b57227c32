"""An open inquiry is passed on to somebody else behind the desk: on a page, or by 送付 in reply to the daily list."""

from datetime import datetime
from enum import StrEnum

from mailbot.desk.context import DeskContext
from mailbot.desk.inquiries import stand_in
from mailbot.desk.inquiries.readers import everybody, have_it
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import Notice
from mailbot.model.audit import mail_subject
from mailbot.model.inquiry import Inquiry
from mailbot.model.notice import Addressee
from mailbot.records.inquiries import inquiries
from mailbot.records.log import audit
from mailbot.text import fold_address


class NotPassedOn(StrEnum):
    """Why an inquiry is not passed on."""

    LATE = "late"  # it is not open any more
    NOBODY = "nobody"  # the address is of nobody behind the desk
    HAS_IT = "has_it"  # that person was sent it before


def pass_to(number: int, email: str, who: str, now: datetime, context: DeskContext) -> Addressee | NotPassedOn:
    """Queue the mail of an open inquiry to one more person, once; in the caller's transaction.

    `who`: passes it on.  Nobody else is told.
    """
    inquiry = inquiries.get(number)
    if inquiry is None or not inquiry.is_open:
        return NotPassedOn.LATE
    to = _at(email, everybody(context))
    if to is None:
        return NotPassedOn.NOBODY
    if _at(email, have_it(inquiry, context)) is not None:
        return NotPassedOn.HAS_IT
    enqueue_notices(passed_on(inquiry, to, who, now, context), now, context)
    return to


def passed_on(inquiry: Inquiry, to: Addressee, who: str, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """The mail of an open inquiry for `to`, whose reply to it is an answer, and a row in the audit log.

    In the caller's transaction, also to somebody who was sent it before: an operator may ask for it again.
    """
    audit.append(now, who, f"inquiry {inquiry.mail_id} passed on to {to.email}", mail_subject(inquiry.mail_id))
    return stand_in.to_others(inquiry, [to], context)


def _at(email: str, people: tuple[Addressee, ...]) -> Addressee | None:
    return next((to for to in people if fold_address(to.email) == fold_address(email)), None)
