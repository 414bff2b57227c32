"""Log-in of an office on the web page: 事業所コード and 事業所パスワード (argon2id)."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mailbot.desk.context import DeskContext
from mailbot.desk.website.notices import notify_administrator
from mailbot.model.login_limits import WINDOW, seconds_to_wait, starts_lockout
from mailbot.records.register import offices
from mailbot.records.secrets import logins
from mailbot.records.secrets.logins import Session
from mailbot.text import fold_code

SHORTEST, LONGEST = 8, 64  # characters of a 事業所パスワード


@dataclass(frozen=True)
class LoggedIn:
    """`session_id` goes into the cookie and nowhere else."""

    session_id: str
    session: Session


@dataclass(frozen=True)
class Refused:
    """`wait_seconds`: how long no try is allowed; 0: code or password were wrong (which of them is not disclosed)."""

    wait_seconds: int = 0


def log_in(code: str, password: str, peer: str, now: datetime, context: DeskContext) -> LoggedIn | Refused:
    """A session for the office, if the password is its own.  It takes as long when there is no such office."""
    office_code = fold_code(code)[:20]
    number, wait = _begin(office_code, peer, now, context)
    if wait:
        return Refused(wait)
    if not _is_right(office_code, password, context):
        _failed(office_code, now, context)
        return Refused()
    session_id, session = _secret(context), Session(office_code, _secret(context))
    with context.store.transaction():
        logins.succeeded(number, office_code)
        logins.begin(session_id, session, now)
    return LoggedIn(session_id, session)


def _begin(office: str, peer: str, now: datetime, context: DeskContext) -> tuple[int, int]:
    """The number of this try, or the seconds to wait.  One transaction: two at once cannot both be the last allowed."""
    with context.store.transaction():
        since = now - WINDOW
        wait = seconds_to_wait(logins.failures(since, office=office), logins.failures(since, peer=peer), now)
        return (0, wait) if wait else (logins.begin_try(office, peer, now), 0)


def _is_right(office_code: str, password: str, context: DeskContext) -> bool:
    with context.store.reading():
        office = offices.office(office_code)
    known = office.password_hash if office is not None else ""
    try:
        return PasswordHasher().verify(known or _dummy_hash(), password[: 4 * LONGEST]) and bool(known)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    """Verified when there is no such office, so that the answer takes as long."""
    return PasswordHasher().hash("nobody's password")


def _failed(office_code: str, now: datetime, context: DeskContext) -> None:
    """The tenth failure in a quarter of an hour begins a pause, and the 管理責任者 is notified."""
    with context.store.transaction():
        if starts_lockout(logins.failures(now - WINDOW, office=office_code)):
            office = offices.office(office_code)
            if office is not None:
                notify_administrator(office, "login_paused", now, context)


def change_password(session: Session, old: str, new: str, peer: str, now: datetime, context: DeskContext) -> str:
    """A new 事業所パスワード; "" when it was changed, else why not: wait, wrong, short, same, code.

    Every session of the office ends with it.
    """
    number, wait = _begin(session.office, peer, now, context)
    if wait:
        return "wait"
    if not _is_right(session.office, old, context):
        _failed(session.office, now, context)
        return "wrong"
    problem = _weakness(session.office, old, new)
    new_hash = PasswordHasher().hash(new) if not problem else ""
    with context.store.transaction():
        logins.succeeded(number, session.office)
        office = offices.office(session.office)
        if new_hash and office is not None:
            offices.set_password_hash(office.code, new_hash)
            logins.end_all(office.code)
            notify_administrator(office, "password_changed", now, context)
    return problem


def _weakness(office: str, old: str, new: str) -> str:
    if not SHORTEST <= len(new) <= LONGEST:
        return "short"
    if new == old:
        return "same"
    return "code" if office.casefold() in new.casefold() else ""


def _secret(context: DeskContext) -> str:
    return b32encode(context.random_bytes(20)).decode("ascii").lower()
