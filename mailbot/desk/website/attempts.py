"""Attempts to log in, of offices and of the desk's own people: passwords (argon2id), known browsers, rate limit.

An account is a 事業所コード, or what was typed as the address of one of the desk's people, with an @: no code has one.
"""

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mailbot.desk.context import DeskContext
from mailbot.model.client_address import address_prefix
from mailbot.model.known_browser import browser_cookie, browser_id_in
from mailbot.model.login_limits import WINDOW, seconds_to_wait
from mailbot.records.secrets import logins

_MOST = 256  # characters of a password that are compared


@dataclass(frozen=True)
class Client:
    """Whoever tries: IP address, and the cookie of a known browser, "" without one."""

    address: str
    cookie: str = ""


def known_browser_cookie(account: str, client: Client, now: datetime, context: DeskContext) -> str:
    """The cookie that makes the browser of `client` a known one of the account; one that is known keeps its id."""
    browser_id = browser_id_in(client.cookie, account, now, *context.token_keys) or random_secret(context)
    expires_at = now + timedelta(days=context.settings.known_browser_days)
    return browser_cookie(context.token_keys[0], account, browser_id, expires_at)


def counted_as(account: str, client: Client, now: datetime, context: DeskContext) -> str:
    """The client that an attempt is counted for: a known browser, or an address prefix."""
    browser_id = browser_id_in(client.cookie, account, now, *context.token_keys)
    return logins.client_of_browser(browser_id) if browser_id else address_prefix(client.address)


def begin_attempt(account: str, client: Client, now: datetime, context: DeskContext) -> tuple[int, int]:
    """The number of this try, or the seconds to wait.  One transaction: two at once cannot both be the last allowed."""
    peer = counted_as(account, client, now, context)
    with context.store.reading():  # who has to wait keeps no writer waiting
        wait = wait_of(account, client, now, context)
    if wait:
        return 0, wait
    with context.store.transaction():
        wait = wait_of(account, client, now, context)
        return (0, wait) if wait else (logins.begin_try(account, peer, now, now - WINDOW), 0)


def begins_pause(account: str, now: datetime, context: DeskContext) -> bool:
    """Whether the failure just stored is the one with which a client of the account has to wait, the first of its
    clients, or with which all unknown ones have to; in the caller's transaction."""
    limits, since = context.settings.login_limits, now - WINDOW
    paused = logins.clients_with_failures(limits.of_client, since, account)
    of_unknown = logins.failures(since, account=account, known_browsers=False)
    is_first = len(paused) == 1 and next(iter(paused.values())) == limits.of_client
    return is_first or len(of_unknown) == limits.of_office


def wait_of(account: str, client: Client, now: datetime, context: DeskContext) -> int:
    """The seconds until `client` may try to log in to the account, in the caller's transaction or `Store.reading`."""
    since, peer = now - WINDOW, counted_as(account, client, now, context)
    is_known = peer != address_prefix(client.address)
    return seconds_to_wait(
        logins.failures(since, account=account, peer=peer),
        logins.failures(since, peer=peer),
        [] if is_known else logins.failures(since, account=account, known_browsers=False),
        context.settings.login_limits,
        now,
    )


def is_password(password_hash: str, password: str) -> bool:
    """Whether it is the password with that hash.  It takes as long for "", where there is no such account."""
    try:
        return PasswordHasher().verify(password_hash or _dummy_hash(), password[:_MOST]) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def hash_of(password: str) -> str:
    """What is stored of a password."""
    return PasswordHasher().hash(password)


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    return PasswordHasher().hash("nobody's password")


def random_secret(context: DeskContext) -> str:
    """160 random bits in base32, in small letters."""
    return b32encode(context.random_bytes(20)).decode("ascii").lower()
