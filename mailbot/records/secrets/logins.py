"""Log-ins of offices to the website: attempts and sessions.  Of a session's id only the SHA-256 is stored."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.records.schema.secret_tables import LoginTryRow, SessionRow

IDLE = timedelta(minutes=15)  # a session without a request for this long has expired
LONGEST = timedelta(hours=8)  # a session has expired this long after its log-in


@dataclass(frozen=True)
class Session:
    """The session of an office that has logged in with its 事業所パスワード."""

    office: str
    csrf: str  # token in every HTML form of the session, against cross-site request forgery


def begin_try(office: str, peer: str, at: datetime) -> int:
    """Store an attempt, as failed, before its password is compared: concurrent attempts then count one another.

    Returns its number, for `succeeded`.
    """
    return int(LoginTryRow.create(at=at, office=office, peer=peer, succeeded=False).id)


def succeeded(number: int, office: str) -> None:
    """Mark an attempt as successful and delete the failed ones of the office."""
    LoginTryRow.update(succeeded=True).where(LoginTryRow.id == number).execute()
    LoginTryRow.delete().where((LoginTryRow.office == office) & (LoginTryRow.succeeded == False)).execute()  # noqa: E712


def failures(since: datetime, *, office: str | None = None, peer: str | None = None) -> list[datetime]:
    """Instants of the failed attempts since an instant, of an office and from an address; oldest first."""
    wanted = (LoginTryRow.at >= since) & (LoginTryRow.succeeded == False)  # noqa: E712
    if office is not None:
        wanted &= LoginTryRow.office == office
    if peer is not None:
        wanted &= LoginTryRow.peer == peer
    return [row.at for row in LoginTryRow.select(LoginTryRow.at).where(wanted).order_by(LoginTryRow.id)]


def begin(session_id: str, session: Session, now: datetime) -> None:
    """Store a session, and delete those that have expired."""
    SessionRow.create(id_hash=_hash(session_id), office=session.office, csrf=session.csrf, began_at=now, used_at=now)
    SessionRow.delete().where(SessionRow.began_at < now - LONGEST).execute()


def find(session_id: str, now: datetime) -> Session | None:
    """The session with that id, its idle time starting again; None when there is none or it has expired."""
    row = SessionRow.get_or_none(SessionRow.id_hash == _hash(session_id))
    if row is None or now - row.used_at > IDLE or now - row.began_at > LONGEST:
        return None
    SessionRow.update(used_at=now).where(SessionRow.id_hash == row.id_hash).execute()
    return Session(row.office, row.csrf)


def end(session_id: str) -> None:
    """End a session, if there is one with that id."""
    SessionRow.delete().where(SessionRow.id_hash == _hash(session_id)).execute()


def end_all(office: str) -> None:
    """End every session of an office, whose password has changed."""
    SessionRow.delete().where(SessionRow.office == office).execute()


def _hash(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
