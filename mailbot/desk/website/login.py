"""Log-in of an office on the web page: 事業所コード and 事業所パスワード."""

from dataclasses import dataclass
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.security import notify_administrator
from mailbot.desk.website.attempts import (
    Client,
    begin_attempt,
    begins_pause,
    counted_as,
    hash_of,
    is_password,
    known_browser_cookie,
    random_secret,
)
from mailbot.model.session_id import session_id as new_session_id
from mailbot.records.inquiries import login_pauses
from mailbot.records.register import offices
from mailbot.records.secrets import logins
from mailbot.records.secrets.logins import Session
from mailbot.text import fold_code

SHORTEST, LONGEST = 8, 64  # characters of a 事業所パスワード


@dataclass(frozen=True)
class LoggedIn:
    """`session_id` and `browser_cookie` go into the cookies and nowhere else."""

    session_id: str
    session: Session
    browser_cookie: str


@dataclass(frozen=True)
class Refused:
    """`wait_seconds`: how long no try is allowed; 0: code or password were wrong (which of them is not disclosed)."""

    wait_seconds: int = 0
    paused: bool = False  # the password was right, and the office's log-in is paused until an operator resumes it


def office_code_of(text: str) -> str:
    """The 事業所コード that somebody has typed, as it is compared."""
    return fold_code(text)[:20]


def log_in(code: str, password: str, client: Client, now: datetime, context: DeskContext) -> LoggedIn | Refused:
    """A session for the office, if the password is its own.  It takes as long when there is no such office."""
    office_code = office_code_of(code)
    number, wait = begin_attempt(office_code, client, now, context)
    if wait:
        return Refused(wait)
    if not _is_right(office_code, password, context):
        _failed(office_code, now, context)
        return Refused()
    session_id = new_session_id(context.token_keys[0], random_secret(context))
    session = Session(office_code, random_secret(context))
    with context.store.transaction():
        logins.succeeded(number, office_code, counted_as(office_code, client, now, context))
        if login_pauses.is_paused(office_code):
            return Refused(paused=True)
        logins.begin(session_id, session, now)
    return LoggedIn(session_id, session, known_browser_cookie(office_code, client, now, context))


def _is_right(office_code: str, password: str, context: DeskContext) -> bool:
    with context.store.reading():
        office = offices.office(office_code)
    return is_password(office.password_hash if office is not None else "", password)


def _failed(office_code: str, now: datetime, context: DeskContext) -> None:
    """The first pause of a client, and that of all unknown ones, is reported to the 管理責任者."""
    with context.store.transaction():
        pauses, office = begins_pause(office_code, now, context), offices.office(office_code)
        if office is not None and pauses:
            notify_administrator(office, "login_paused", now, context)


def change_password(session: Session, old: str, new: str, client: Client, now: datetime, context: DeskContext) -> str:
    """A new 事業所パスワード; "" when it was changed, else why not: wait, wrong, short, same, code.

    Every session of the office ends with it.
    """
    number, wait = begin_attempt(session.office, client, now, context)
    if wait:
        return "wait"
    if not _is_right(session.office, old, context):
        _failed(session.office, now, context)
        return "wrong"
    problem = _weakness(session.office, old, new)
    new_hash = hash_of(new) if not problem else ""
    with context.store.transaction():
        logins.succeeded(number, session.office, counted_as(session.office, client, now, context))
        office = offices.office(session.office)
        if new_hash and office is not None:
            offices.set_password_hash(office.code, new_hash, now)
            logins.end_all(office.code)
            notify_administrator(office, "password_changed", now, context)
    return problem


def _weakness(office: str, old: str, new: str) -> str:
    if not SHORTEST <= len(new) <= LONGEST:
        return "short"
    if new == old:
        return "same"
    return "code" if office.casefold() in new.casefold() else ""
