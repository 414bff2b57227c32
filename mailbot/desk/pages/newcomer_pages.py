"""People who are not in the register and write for an office (担当者交代): looked at, then registered with their mail.

Done as by `mailbot quarantine release --register`.
"""

from dataclasses import dataclass, replace

from mailbot.desk.context import DeskContext
from mailbot.desk.operations import daily_list_items, quarantine
from mailbot.desk.operations.daily_list_items import is_vouched
from mailbot.desk.operations.quarantine import Operator
from mailbot.desk.pages.asked import Answer, Asked, NotFound, Page
from mailbot.desk.pages.audit_pages import record_look
from mailbot.desk.pages.quarantine_pages import COSTLY
from mailbot.model.audit import mail_subject
from mailbot.model.common_fields import CONTACT_FIELDS
from mailbot.model.contract import Office
from mailbot.model.daily_list import Newcomer, Refusal
from mailbot.model.people import Language
from mailbot.notices.contents.operators import NewcomerLine
from mailbot.records.queues.quarantined import QuarantinedMail
from mailbot.records.register import offices
from mailbot.text import fold_code

MOST = 25  # on the page: the header section of each mail is read
_TOO_COSTLY = Newcomer(refusal=Refusal.UNREADABLE)


@dataclass(frozen=True)
class Registered:
    """What came of one: `who`, with the office; or why nothing was done."""

    number: int
    who: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True)
class NewcomersPage:
    """Those whose mail waits, who are proven first."""

    rows: tuple[NewcomerLine, ...]
    most: int = MOST
    result: Registered | None = None


@dataclass(frozen=True)
class NewcomerPage:
    """One before somebody is registered.

    `code`: of the office, as the mail names it or as typed; `office`: None when the register has none such; `details`:
    label and value, as the register would have them; `vouched`: a provider says that the mail is from its author's
    domain; `must_ask`: the operator has to say that the office was asked, and `wrong`: that is not ticked.
    """

    mail: QuarantinedMail
    newcomer: Newcomer
    code: str
    office: Office | None
    details: tuple[tuple[str, str], ...]
    vouched: bool
    wrong: bool = False

    @property
    def must_ask(self) -> bool:
        return not self.vouched or self.code != self.mail.office


def newcomers(asked: Asked, context: DeskContext) -> Answer:
    del asked
    return Page("newcomers", _list(context))


def _list(context: DeskContext, result: Registered | None = None) -> NewcomersPage:
    return NewcomersPage(tuple(daily_list_items.newcomers(context, MOST)), result=result)


def newcomer(asked: Asked, context: DeskContext) -> Answer:
    """Who wrote the mail, as the register would have them at the office of the URL; the look is recorded."""
    page = _page(asked, context, asked.query.get("office", ""))
    if page is None:
        return NotFound()
    record_look(asked, mail_subject(page.mail.number), context)
    return Page("newcomer", page)


def _page(asked: Asked, context: DeskContext, code: str) -> NewcomerPage | None:
    number = asked.number_of_path("number")
    with context.store.reading():
        mail = quarantine.find(number)
    if mail is None:
        return None
    found = _TOO_COSTLY if mail.reason == COSTLY else quarantine.newcomer_of(number, context)
    code = fold_code(code.strip()[:20]) or mail.office
    with context.store.reading():
        office = offices.office(code) if code else None
    return NewcomerPage(mail, found, code, office, _details(found, asked.language), is_vouched(found.standing))


def _details(found: Newcomer, language: Language) -> tuple[tuple[str, str], ...]:
    if found.contact is None:
        return ()
    values = {f"contact_{name}": value for name, value in vars(found.contact).items()}
    shown = ((field.label(language), values.get(field.name, "")) for field in CONTACT_FIELDS)
    return tuple((label, value) for label, value in shown if value)


def register(asked: Asked, context: DeskContext) -> Answer:
    """Register the author at the office, and release the mail.

    Of one who is not vouched for, and at another office than the mail names, only when the office was asked.
    """
    page = _page(asked, context, asked.text("office"))
    if page is None:
        result = Registered(asked.number_of_path("number"), refusal=Refusal.DONE_BEFORE)
        return Page("newcomers", _list(context, result), 409)
    number = page.mail.number
    is_asked = bool(asked.text("checked"))
    if page.newcomer.contact is not None and page.office is not None and page.must_ask and not is_asked:
        return Page("newcomer", replace(page, wrong=True), 422)
    by = Operator(asked.login.email, asked.now)
    with context.store.transaction():
        done = quarantine.register_newcomer(number, page.newcomer, page.code, by, context, is_asked=is_asked)
    result = Registered(number, done.registered, done.refusal)
    return Page("newcomers", _list(context, result), 409 if done.problem else 200)
