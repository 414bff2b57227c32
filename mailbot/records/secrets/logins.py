"""Log-ins of offices to the website: attempts, sessions and links.  Of an id or token only the SHA-256 is stored."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import fn

from mailbot.records.schema.secret_tables import LoginLinkRow, LoginTryRow, SessionRow

IDLE = timedelta(minutes=15)  # a session without a request for this long has expired
LONGEST = timedelta(hours=8)  # a session has expired this long after its log-in
NOTED = timedelta(minutes=1)  # a use is stored only so long after the last one: not every page waits for the writer


@dataclass(frozen=True)
class Session:
    """The session of an office that has logged in with its 事業所パスワード."""

    office: str
    csrf: str  # token in every HTML form of the session, against cross-site request forgery


_BROWSER = "browser "  # how the client of an attempt begins when it is a known browser


def client_of_browser(browser_id: str) -> str:
    """The client of attempts from a known browser."""
    return f"{_BROWSER}{browser_id}"


def begin_try(account: str, peer: str, at: datetime, counted_since: datetime) -> int:
    """Store an attempt, as failed, before its password is compared: concurrent attempts then count one another.

    Failed ones from before `counted_since` are deleted.  Returns its number, for `succeeded`.
    """
    LoginTryRow.delete().where((LoginTryRow.at < counted_since) & (LoginTryRow.succeeded == False)).execute()  # noqa: E712
    return int(LoginTryRow.create(at=at, office=account, peer=peer, succeeded=False).id)


def succeeded(number: int, account: str, peer: str) -> None:
    """Mark an attempt as successful and delete the failed ones of its client for the account."""
    LoginTryRow.update(succeeded=True).where(LoginTryRow.id == number).execute()
    failed = (LoginTryRow.office == account) & (LoginTryRow.peer == peer) & (LoginTryRow.succeeded == False)  # noqa: E712
    LoginTryRow.delete().where(failed).execute()


def failures(
    since: datetime, *, account: str | None = None, peer: str | None = None, known_browsers: bool = True
) -> list[datetime]:
    """Instants of the failed attempts since an instant, for an account and of a client; oldest first.

    `known_browsers`: whether those of known browsers are among them.
    """
    wanted = (LoginTryRow.at >= since) & (LoginTryRow.succeeded == False)  # noqa: E712
    if account is not None:
        wanted &= LoginTryRow.office == account
    if peer is not None:
        wanted &= LoginTryRow.peer == peer
    if not known_browsers:
        wanted &= ~LoginTryRow.peer.startswith(_BROWSER)
    return [row.at for row in LoginTryRow.select(LoginTryRow.at).where(wanted).order_by(LoginTryRow.id)]


def clients_with_failures(most: int, since: datetime, account: str) -> dict[str, int]:
    """The clients with `most` failed attempts or more for an account since an instant, each with their number."""
    count = fn.COUNT(LoginTryRow.id)
    wanted = (LoginTryRow.at >= since) & (LoginTryRow.office == account) & (LoginTryRow.succeeded == False)  # noqa: E712
    query = LoginTryRow.select(LoginTryRow.peer, count.alias("number")).where(wanted).group_by(LoginTryRow.peer)
    return {str(peer): int(number) for peer, number in query.having(count >= most).tuples().execute()}


def begin(session_id: str, session: Session, now: datetime) -> None:
    """Store a session, and delete those that have expired."""
    SessionRow.create(id_hash=hash_of(session_id), office=session.office, csrf=session.csrf, began_at=now, used_at=now)
    SessionRow.delete().where(SessionRow.began_at < now - LONGEST).execute()


def find(session_id: str, now: datetime) -> tuple[Session, bool] | None:
    """The session with that id, and whether its use is to be stored (`use`); None when there is none or it has expired.

    In the caller's `Store.reading`.
    """
    row = SessionRow.get_or_none(SessionRow.id_hash == hash_of(session_id))
    if row is None or now - row.used_at > IDLE or now - row.began_at > LONGEST:
        return None
    return Session(row.office, row.csrf), now - row.used_at >= NOTED


def use(session_id: str, now: datetime) -> None:
    """The idle time of a session starts again, if it has not ended meanwhile."""
    SessionRow.update(used_at=now).where(SessionRow.id_hash == hash_of(session_id)).execute()


def end(session_id: str) -> None:
    """End a session, if there is one with that id."""
    SessionRow.delete().where(SessionRow.id_hash == hash_of(session_id)).execute()


def end_all(office: str) -> None:
    """End every session of an office, whose password has changed."""
    SessionRow.delete().where(SessionRow.office == office).execute()


def add_link(token: str, office: str, now: datetime, expires_at: datetime) -> bool:
    """Store a link of an office.  False, and nothing is stored, while an earlier one of it has not expired."""
    LoginLinkRow.delete().where(LoginLinkRow.expires_at <= now).execute()
    if LoginLinkRow.select().where(LoginLinkRow.office == office).exists():
        return False
    LoginLinkRow.create(token_hash=hash_of(token), office=office, expires_at=expires_at)
    return True


def link_works(token: str, now: datetime) -> bool:
    """Whether there is such a link, and it has neither been used nor expired; in the caller's `Store.reading`."""
    return _link(token, now) is not None


def use_link(token: str, now: datetime) -> str | None:
    """The office of a link; it has no effect a second time.  None when there is none, or it has expired."""
    row = _link(token, now)
    if row is None:
        return None
    LoginLinkRow.update(token_hash=f"used {row.token_hash}").where(LoginLinkRow.token_hash == row.token_hash).execute()
    return str(row.office)


def _link(token: str, now: datetime) -> LoginLinkRow | None:
    return LoginLinkRow.get_or_none((LoginLinkRow.token_hash == hash_of(token)) & (LoginLinkRow.expires_at > now))


def hash_of(session_id: str) -> str:
    """What is stored of the id of a session, or of the token of a link."""
    return hashlib.sha256(session_id.encode()).hexdigest()
