"""The papers and the calendar file of an application, for download on the office's page."""

from datetime import date, datetime

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.alerts import alert_once
from mailbot.desk.website import pages
from mailbot.model.calendar_entry import current
from mailbot.model.notice import Enclosure
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.notices.papers import Unprintable
from mailbot.notices.values import Case
from mailbot.records.secrets.logins import Session

APPLICATION_FORM, APPROVAL, CALENDAR = "application.pdf", "approval.pdf", "calendar.ics"


def available(case: Case, today: date) -> tuple[str, ...]:
    """What there is to download: 申込書 of what changes the contract, 承認通知 from the 利用開始日 on (S4)."""
    application = case.application
    names = {
        APPLICATION_FORM: case.procedure.starts,
        APPROVAL: application.start_date is not None and application.start_date <= today,
        CALENDAR: bool(current(application)),
    }
    return tuple(name for name, there in names.items() if there)


class NotPrintable:
    """A paper that a person has to make; the operators are told once, as for a notice."""


def download(
    session: Session, number: str, name: str, now: datetime, context: DeskContext
) -> Enclosure | NotPrintable | None:
    """The file, or None when there is none of that name; another office's looks the same."""
    page = pages.issued(session, number, now, context)
    if page is None or name not in available(page.case, tokyo_date(now)):
        return None
    case, language = page.case, page.office.language
    if name == CALENDAR:
        return context.calendar_files.enclosures(current(case.application), case, language)[0]
    kind = PaperKind.APPROVAL if name == APPROVAL else PaperKind.APPLICATION_FORM
    try:
        return context.papers.enclosure(PaperRequest(kind, tokyo_date(now)), case, language)
    except Unprintable as error:
        with context.store.transaction():
            key = f"paper:{case.application.id}:{kind}"
            alert_once(key, "paper_failed", now, context, case=case, params={"read": error.what})
        return NotPrintable()
