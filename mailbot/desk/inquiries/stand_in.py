"""An open inquiry to people who have not got its mail: who stands in for a reviewer, or an operator who asks."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from mailbot.desk.cases.case import case_about
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.inquiries.pass_on import inquiry_notices
from mailbot.desk.inquiries.readers import readers_of
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.model.application import Application
from mailbot.model.inquiry import Audience, Inquiry, InquiryState
from mailbot.model.notice import Addressee
from mailbot.model.queued_mail import Disposition
from mailbot.notices.contents.inquiries import NOTHING_DONE, InquiryNotice, Measures
from mailbot.records.applications import application_store
from mailbot.records.inquiries import inquiries, login_pauses
from mailbot.records.log import mail_log
from mailbot.records.register import offices
from mailbot.text import fold_address


def note_absence(
    note: Callable[[Request, datetime, DeskContext], Outcome], request: Request, now: datetime, context: DeskContext
) -> Outcome:
    """A reviewer is away: `note` moves the reviews; what waits for an answer goes to those who answer it now."""
    before = {one.mail_id: _addresses(readers_of(one, context)) for one in _open()}
    outcome = note(request, now, context)
    passed: tuple[Notice, ...] = ()
    for inquiry in _open():
        others = [to for to in readers_of(inquiry, context) if fold_address(to.email) not in before[inquiry.mail_id]]
        passed += to_others(inquiry, others, context)
    return replace(outcome, notices=outcome.notices + passed)


def to_others(inquiry: Inquiry, readers: Iterable[Addressee], context: DeskContext) -> tuple[Notice, ...]:
    """The inquiry as it was passed on before, with a token for each.

    Not said again: the names of the files that came with it, and why the desk did not process the mail itself.
    """
    application = application_store.get(inquiry.application_id) if inquiry.application_id is not None else None
    logged = mail_log.latest_of(inquiry.mail_id, [Disposition.PASSED_ON.value]) if application is None else None
    shown = InquiryNotice(
        case=case_about(application, context),
        inquiry=inquiry,
        subject=logged.subject if logged is not None else "",
        measures=measures_now(inquiry, application),
    )
    return inquiry_notices(shown, offices.office(inquiry.office), readers, application)


def measures_now(inquiry: Inquiry, application: Application | None) -> Measures:
    """What is still in force of what was done about a concern; whether its sender is proven says its audience."""
    if not inquiry.concern:
        return NOTHING_DONE
    return Measures(
        held=application is not None and application.held,
        paused=bool(inquiry.office) and login_pauses.is_paused(inquiry.office),
        proven=inquiry.audience is Audience.EVERYBODY,
    )


def _open() -> list[Inquiry]:
    return inquiries.listing(InquiryState.OPEN)


def _addresses(people: Iterable[Addressee]) -> set[str]:
    return {fold_address(to.email) for to in people}
