"""The audit log as a page, and the rows that the pages add to it."""

from dataclasses import dataclass

from mailbot.desk.context import DeskContext
from mailbot.desk.pages.asked import Answer, Asked, Page
from mailbot.desk.pages.list_urls import ListUrl, Parts, links, list_url, place_of
from mailbot.model.audit import AuditKind, AuditRow
from mailbot.records.log import audit


@dataclass(frozen=True)
class AuditPage:
    """Some rows of the audit log."""

    rows: tuple[AuditRow, ...]
    url: ListUrl
    parts: Parts


def record_look(asked: Asked, subject: str, context: DeskContext) -> None:
    """Record that somebody looks at a mail or an application; every handler that shows one calls this.

    In a transaction of its own, before the page is shown.  `subject`: in the notation of model.audit.
    """
    with context.store.transaction():
        audit.look(asked.now, asked.login.email, subject)


def audit_page(asked: Asked, context: DeskContext) -> Answer:
    """Who looked at what and did what, the newest first."""
    url = list_url("/desk/audit", asked.query, ("who", "kind", "subject"))
    given = dict(url.filters)
    kind = AuditKind(given["kind"]) if given.get("kind") in list(AuditKind) else None
    with context.store.reading():
        part = audit.select(
            who=given.get("who", ""), kind=kind, subject=given.get("subject", ""), place=place_of(asked.query)
        )
    return Page("audit", AuditPage(part.rows, url, links(url, part)))
