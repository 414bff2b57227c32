"""Changes of the log-ins of the desk's own people: made by an operator at the shell, told to everybody with one."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import alert
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.website.attempts import hash_of, random_secret
from mailbot.errors import UsageError
from mailbot.model.audit import login_subject
from mailbot.model.desk_login import DeskLogin, DeskRole
from mailbot.model.notice import Addressee
from mailbot.model.people import REGISTERED_ADDRESS, Role
from mailbot.model.totp import KEY_OCTETS, key_text, key_uri
from mailbot.records.log import audit
from mailbot.records.register import offices
from mailbot.records.secrets import desk_logins
from mailbot.text import fold_address, one_line


@dataclass(frozen=True)
class Secrets:
    """What is told once to the person of a log-in; "" for what stays as it was.  Its `repr` shows nothing of it."""

    password: str = field(repr=False, default="")
    totp_key: str = field(repr=False, default="")  # base32, in groups
    totp_uri: str = field(repr=False, default="")


def add_login(
    email: str, name: str, roles: Collection[DeskRole], who: str, now: datetime, context: DeskContext
) -> Secrets:
    """A new log-in.  Raises UsageError, saying what is wrong."""
    account, wanted = fold_address(email.strip()), frozenset(roles)
    if REGISTERED_ADDRESS.fullmatch(account) is None:
        raise UsageError(f"{email!r} is no e-mail address; expected one such as ops@desk.example")
    password, key = _new_password(context), context.random_bytes(KEY_OCTETS)
    password_hash = hash_of(password)
    with context.store.transaction():
        if desk_logins.find(account) is not None:
            raise UsageError(f"{account} has a log-in already; run `mailbot login list` to see it")
        reviewer = offices.reviewer(account)
        if DeskRole.REVIEWER in wanted and reviewer is None:
            raise UsageError(
                f"{account} is the address of no reviewer of the register: a reviewer's log-in has the address in the"
                " register; run `mailbot register export` to see the reviewers"
            )
        known_name = one_line(name) or (reviewer.name if reviewer is not None else account)
        desk_logins.add(account, known_name, wanted, password_hash, key, now)
        login = _found(account)
        words = ", ".join(sorted(role.value for role in wanted))
        audit.append(now, who, f"added the log-in of {account}: {words}", login_subject(account))
        tell_others(login, "added", who, now, context)
    return Secrets(password, key_text(key), key_uri(key, account, context.settings.name))


def remove_login(email: str, who: str, now: datetime, context: DeskContext) -> None:
    """Remove a log-in; its sessions end at once.  Raises UsageError when there is none."""
    with context.store.transaction():
        login = _found(email)
        tell_others(login, "removed", who, now, context)
        desk_logins.remove(login)
        audit.append(now, who, f"removed the log-in of {login.email}", login_subject(login.email))


def new_password(email: str, who: str, now: datetime, context: DeskContext) -> Secrets:
    """A new password; the sessions end.  Raises UsageError when there is no such log-in."""
    password = _new_password(context)
    password_hash = hash_of(password)
    with context.store.transaction():
        login = _found(email)
        desk_logins.set_password_hash(login, password_hash)
        audit.append(now, who, f"gave a new password to {login.email}", login_subject(login.email))
        tell_others(login, "password", who, now, context)
    return Secrets(password=password)


def reset_second_factor(email: str, who: str, now: datetime, context: DeskContext) -> Secrets:
    """A new key for codes, after the old one was lost; the sessions end.  Raises UsageError without such a log-in."""
    key = context.random_bytes(KEY_OCTETS)
    with context.store.transaction():
        login = _found(email)
        desk_logins.set_totp_key(login, key)
        audit.append(now, who, f"reset the second factor of {login.email}", login_subject(login.email))
        tell_others(login, "reset", who, now, context)
    return Secrets(totp_key=key_text(key), totp_uri=key_uri(key, login.email, context.settings.name))


def end_session(number: int, who: str, now: datetime, context: DeskContext) -> bool:
    """End a session; False when it has ended already."""
    with context.store.transaction():
        ended = desk_logins.end(number)
        if ended:
            audit.append(now, who, f"ended session {number}")
    return ended


def tell_others(login: DeskLogin, event: str, who: str, now: datetime, context: DeskContext) -> None:
    """A notice to everybody with a log-in and to the operators, in the caller's transaction.

    `event`: added | removed | password | reset | paused; `who` did it, "" for nobody of the desk.
    """
    language = context.settings.language
    others = [Addressee(Role.OPERATOR, one.email, one.name, language=language) for one in desk_logins.listing()]
    to = recipients.one_copy_each([*others, *recipients.operators(context)])
    params = {"reason": event, "sender": login.email, "name": login.name, "words": who, "at": now}
    enqueue_notices(alert("desk_login", context, params=params, to=to), now, context)


def _found(email: str) -> DeskLogin:
    found = desk_logins.find(email)
    if found is None:
        raise UsageError(f"{email} has no log-in; run `mailbot login list` to see those there are")
    return found


def _new_password(context: DeskContext) -> str:
    """100 random bits, in groups that can be read aloud."""
    text = random_secret(context)[:20]
    return "-".join(text[at : at + 5] for at in range(0, len(text), 5))
