"""Log-in of the desk's own people: address, password and a code of the second factor, with one answer to all errors."""

from dataclasses import dataclass
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.pages.log_ins import tell_others
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
from mailbot.model.audit import login_subject
from mailbot.model.client_address import address_prefix
from mailbot.model.desk_login import LONGEST_PASSWORD, SHORTEST_PASSWORD, DeskLogin
from mailbot.model.session_id import session_id as new_session_id
from mailbot.model.totp import accepted_step
from mailbot.records.applications.reminders import record_once
from mailbot.records.log import audit
from mailbot.records.secrets import desk_logins, logins
from mailbot.text import fold_address

_LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3


@dataclass(frozen=True)
class DeskLoggedIn:
    """`session_id` and `browser_cookie` go into the cookies and nowhere else."""

    session_id: str
    login: DeskLogin
    browser_cookie: str


@dataclass(frozen=True)
class DeskRefused:
    """`wait_seconds`: how long no try is allowed; 0: address, password or code were wrong; which is not disclosed."""

    wait_seconds: int = 0


def account_of(email: str) -> str:
    """The account for which attempts with an address are counted; what is no address is no office code either."""
    account = fold_address(email.strip()[:_LONGEST_ADDRESS])
    return account if "@" in account else f"{account}@"


def log_in(
    email: str, password: str, code: str, client: Client, now: datetime, context: DeskContext
) -> DeskLoggedIn | DeskRefused:
    """A session, if all three are right.  It takes as long when there is no such log-in."""
    account = account_of(email)
    number, wait = begin_attempt(account, client, now, context)
    if wait:
        return DeskRefused(wait)
    login = _proven(account, password, code, now, context)
    if login is None:
        _failed(account, now, context)
        return DeskRefused()
    session_id = new_session_id(context.token_keys[0], random_secret(context))
    csrf, peer = random_secret(context), address_prefix(client.address)
    with context.store.transaction():
        logins.succeeded(number, account, counted_as(account, client, now, context))
        desk_logins.begin(session_id, login, csrf, peer, now)
        audit.append(now, login.email, f"logged in from {peer or 'an unknown address'}", login_subject(login.email))
    return DeskLoggedIn(session_id, login, known_browser_cookie(account, client, now, context))


def _proven(account: str, password: str, code: str, now: datetime, context: DeskContext) -> DeskLogin | None:
    """The log-in whose password and code these are; the code is used then."""
    with context.store.reading():
        login = desk_logins.find(account)
    right = is_password(login.password_hash if login is not None else "", password)
    if login is None or not right:
        return None
    step = accepted_step(login.totp_key, code, now.timestamp(), login.totp_step)
    if step is None:
        return None
    with context.store.transaction():
        return login if desk_logins.use_step(login, step) else None


def _failed(account: str, now: datetime, context: DeskContext) -> None:
    """The first pause of a client, and that of all unknown ones, is told to everybody with a log-in, once a day.

    The same is read whether there is such a log-in or not, so that no answer takes longer.
    """
    with context.store.transaction():
        pauses, login = begins_pause(account, now, context), desk_logins.find(account)
        if login is None or not pauses:
            return
        if record_once(f"desk-login-paused:{account}:{tokyo_date(now)}", now):  # anybody can cause it
            tell_others(login, "paused", "", now, context)


def change_password(
    login: DeskLogin, old: str, code: str, new: str, client: Client, now: datetime, context: DeskContext
) -> str:
    """A new password; "" when it was changed, else why not: wait, wrong, short, same.

    Every session of the log-in ends with it.
    """
    number, wait = begin_attempt(login.email, client, now, context)
    if wait:
        return "wait"
    if _proven(login.email, old, code, now, context) is None:
        _failed(login.email, now, context)
        return "wrong"
    problem = _weakness(login, old, new)
    new_hash = hash_of(new) if not problem else ""
    with context.store.transaction():
        logins.succeeded(number, login.email, counted_as(login.email, client, now, context))
        if new_hash:
            desk_logins.set_password_hash(login, new_hash)
            audit.append(now, login.email, "changed the password", login_subject(login.email))
            tell_others(login, "password", login.email, now, context)
    return problem


def _weakness(login: DeskLogin, old: str, new: str) -> str:
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD or login.email.partition("@")[0] in new.casefold():
        return "short"
    return "same" if new == old else ""
