"""The log-ins of offices on the web page: tries, and sessions.  A session's id is kept as its SHA-256 only."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.records.schema.secret_tables import LoginTryRow, SessionRow

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)


@dataclass(frozen=True)
class Session:
    """Somebody who has logged in with a 事業所パスワード."""

    office: str
    csrf: str  # stands in every form of the session's pages


def begin_try(office: str, peer: str, at: datetime) -> int:
    """Note a try before its password is looked at: tries at the same moment count one another."""
    return int(LoginTryRow.create(at=at, office=office, peer=peer, succeeded=False).id)


def succeeded(number: int, office: str) -> None:
    """The password was right: the office's failures are forgotten."""
    LoginTryRow.update(succeeded=True).where(LoginTryRow.id == number).execute()
    LoginTryRow.delete().where((LoginTryRow.office == office) & (LoginTryRow.succeeded == False)).execute()  # noqa: E712


def failures(since: datetime, *, office: str | None = None, peer: str | None = None) -> list[datetime]:
    """When an office's password, or from an address, was tried in vain; oldest first."""
    wanted = (LoginTryRow.at >= since) & (LoginTryRow.succeeded == False)  # noqa: E712
    if office is not None:
        wanted &= LoginTryRow.office == office
    if peer is not None:
        wanted &= LoginTryRow.peer == peer
    return [row.at for row in LoginTryRow.select(LoginTryRow.at).where(wanted).order_by(LoginTryRow.id)]


def begin(session_id: str, session: Session, now: datetime) -> None:
    SessionRow.create(id_hash=_hash(session_id), office=session.office, csrf=session.csrf, began_at=now, used_at=now)
    SessionRow.delete().where(SessionRow.began_at < now - LONGEST).execute()


def find(session_id: str, now: datetime) -> Session | None:
    """The live session with that id, its idle time beginning anew; None when there is none."""
    row = SessionRow.get_or_none(SessionRow.id_hash == _hash(session_id))
    if row is None or now - row.used_at > IDLE or now - row.began_at > LONGEST:
        return None
    SessionRow.update(used_at=now).where(SessionRow.id_hash == row.id_hash).execute()
    return Session(row.office, row.csrf)


def end(session_id: str) -> None:
    SessionRow.delete().where(SessionRow.id_hash == _hash(session_id)).execute()


def end_all(office: str) -> None:
    """Every session of an office: its password has changed."""
    SessionRow.delete().where(SessionRow.office == office).execute()


def _hash(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
