"""ID通知内容 on the web page: what a logged-in office sees, and one look at an issued password."""

from dataclasses import dataclass, field
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.security import notify_administrator
from mailbot.model.application import Actor
from mailbot.model.contract import Office
from mailbot.model.lifecycle import Event, State
from mailbot.model.people import Role
from mailbot.model.receipt import ReceiptNumber
from mailbot.notices.contract_view import NewsRow, news_row
from mailbot.notices.values import Case
from mailbot.records.applications import application_queries, application_store
from mailbot.records.log import audit
from mailbot.records.register import offices
from mailbot.records.secrets.logins import Session

LATEST = 10  # 新着情報 shows the latest 10 (S1)


@dataclass(frozen=True)
class Overview:
    """The office's applications, newest first, and what is new about them."""

    office: Office
    cases: tuple[Case, ...]
    news: tuple[NewsRow, ...]


@dataclass(frozen=True)
class Issued:
    """ID通知内容 of one application.

    `ids`: 利用者ID and メールボックスID; empty before the approval, and after the view period for good.
    """

    office: Office
    case: Case
    ids: tuple[str, ...]
    over: bool  # there were passwords, and their view period has ended


@dataclass(frozen=True)
class ShownPassword:
    """One password that a page shows.  Its `repr` does not show it."""

    issued: Issued
    user_id: str  # or メールボックスID
    password: str = field(repr=False)


def overview(session: Session, context: DeskContext) -> Overview | None:
    """None when the office has left the register meanwhile."""
    with context.store.reading():
        office = offices.office(session.office)
        if office is None:
            return None
        found = sorted(application_store.listing(office=office.code), key=lambda a: a.id, reverse=True)
        cases = tuple(case_of(a, context) for a in found if a.receipt is not None)
        steps = application_queries.latest_steps([office.code], LATEST)
        news = (news_row(a, step, context.procedure_of(a.procedure), office.language) for a, step in steps)
        return Overview(office, cases, tuple(news))


def issued(session: Session, number: str, now: datetime, context: DeskContext) -> Issued | None:
    """None when the office has no such application; another's and one that does not exist look the same."""
    with context.store.reading():
        return _issued(session, number, now, context)


def _issued(session: Session, number: str, now: datetime, context: DeskContext) -> Issued | None:
    receipt = ReceiptNumber.find(number)
    application = application_store.by_receipt(receipt) if receipt is not None else None
    office = offices.office(session.office)
    if application is None or office is None or application.office != office.code:
        return None
    open_now = context.vault.open(application.id, tokyo_date(now))
    period = application.view_period
    over = application.state is State.COMPLETED and period is not None and tokyo_date(now) > period.last
    return Issued(office, case_of(application, context), tuple(one.user_id for one in open_now), over)


def show_password(
    session: Session, number: str, user_id: str, now: datetime, context: DeskContext
) -> ShownPassword | Issued | None:
    """The password of one ID: access is recorded and reported to the 管理責任者; it is shown once."""
    with context.store.transaction():
        page = _issued(session, number, now, context)
        if page is None or user_id not in page.ids:
            return page
        application = page.case.application
        secret = next(s for s in context.vault.open(application.id, tokyo_date(now)) if s.user_id == user_id)
        actor = Actor(Role.OFFICE, name=page.office.code)
        application_store.apply_event(application, Event.LOOK, now, actor, words=user_id)
        audit.append(now, f"office {page.office.code}", f"password of {user_id}, {application.receipt}")
        params = {"read": [user_id]}
        notify_administrator(page.office, "password_seen", now, context, case=page.case, params=params)
        return ShownPassword(page, user_id, secret.password)
