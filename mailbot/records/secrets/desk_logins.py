"""Log-ins of the desk's own people, and their sessions.  Of a session identifier only the SHA-256 is stored."""

from base64 import b32decode, b32encode
from datetime import datetime
from typing import Any

from mailbot.model.desk_login import IDLE, DeskLogin, DeskRole, DeskSession
from mailbot.records.schema.desk_login_tables import DeskLoginRow, DeskSessionRow
from mailbot.records.secrets.logins import LONGEST, NOTED, hash_of
from mailbot.text import fold_address


def find(email: str) -> DeskLogin | None:
    """The log-in of an address, whose domain may be in any case; None when there is none."""
    row = DeskLoginRow.get_or_none(DeskLoginRow.email == fold_address(email))
    return _login(row) if row is not None else None


def listing() -> list[DeskLogin]:
    """Every log-in, by address."""
    return [_login(row) for row in DeskLoginRow.select().order_by(DeskLoginRow.email)]


def add(email: str, name: str, roles: frozenset[DeskRole], password_hash: str, totp_key: bytes, now: datetime) -> None:
    """Store a log-in of an address that has none, in the caller's transaction."""
    DeskLoginRow.create(
        email=fold_address(email),
        name=name,
        roles=",".join(sorted(role.value for role in roles)),
        password_hash=password_hash,
        totp_key=_base32(totp_key),
        created_at=now,
    )


def remove(login: DeskLogin) -> None:
    """Delete a log-in, and end its sessions, in the caller's transaction."""
    end_all(login.id)
    DeskLoginRow.delete().where(DeskLoginRow.id == login.id).execute()


def set_password_hash(login: DeskLogin, password_hash: str) -> None:
    """A new password; every session of the log-in ends.  In the caller's transaction."""
    DeskLoginRow.update(password_hash=password_hash).where(DeskLoginRow.id == login.id).execute()
    end_all(login.id)


def set_totp_key(login: DeskLogin, totp_key: bytes) -> None:
    """A new second factor; every session of the log-in ends.  In the caller's transaction."""
    DeskLoginRow.update(totp_key=_base32(totp_key), totp_step=0).where(DeskLoginRow.id == login.id).execute()
    end_all(login.id)


def use_step(login: DeskLogin, step: int) -> bool:
    """Note the time step of an accepted code, in the caller's transaction; False when it was used meanwhile."""
    later = (DeskLoginRow.id == login.id) & (DeskLoginRow.totp_step < step)
    return bool(DeskLoginRow.update(totp_step=step).where(later).execute())


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def begin(session_id: str, login: DeskLogin, csrf: str, client: str, now: datetime) -> None:
    """Store a session, and delete those that have expired; in the caller's transaction."""
    DeskSessionRow.delete().where(DeskSessionRow.began_at < now - LONGEST).execute()
    DeskSessionRow.create(
        id_hash=hash_of(session_id), login_id=login.id, csrf=csrf, began_at=now, used_at=now, client=client
    )


def find_session(session_id: str, now: datetime) -> tuple[DeskSession, DeskLogin] | None:
    """The session with that id, with its log-in as it is now; None when there is none, or it has expired.

    In the caller's `Store.reading`.
    """
    row = DeskSessionRow.get_or_none(DeskSessionRow.id_hash == hash_of(session_id))
    if row is None or now - row.used_at > IDLE or now - row.began_at > LONGEST:
        return None
    login = DeskLoginRow.get_or_none(DeskLoginRow.id == row.login_id)
    return (_session(row), _login(login)) if login is not None else None


def is_use_noted(session: DeskSession, now: datetime) -> bool:
    """Whether the use of a session at `now` is to be stored (`use`)."""
    return now - session.used_at >= NOTED


def use(session: DeskSession, now: datetime) -> None:
    """The idle time of a session starts again, if it has not ended meanwhile."""
    DeskSessionRow.update(used_at=now).where(DeskSessionRow.id == session.number).execute()


def sessions(now: datetime) -> list[DeskSession]:
    """The sessions that have not expired, the latest used first."""
    alive = (DeskSessionRow.used_at >= now - IDLE) & (DeskSessionRow.began_at >= now - LONGEST)
    return [_session(row) for row in DeskSessionRow.select().where(alive).order_by(DeskSessionRow.used_at.desc())]


def end(number: int) -> bool:
    """End a session, in the caller's transaction; False when there is none with that number."""
    return bool(DeskSessionRow.delete().where(DeskSessionRow.id == number).execute())


def end_all(login_id: int) -> None:
    """End every session of a log-in, in the caller's transaction."""
    DeskSessionRow.delete().where(DeskSessionRow.login_id == login_id).execute()


def _base32(key: bytes) -> str:
    return b32encode(key).decode("ascii")


def _login(row: Any) -> DeskLogin:
    return DeskLogin(
        id=row.id,
        email=row.email,
        name=row.name,
        roles=frozenset(DeskRole(one) for one in row.roles.split(",")),
        created_at=row.created_at,
        password_hash=row.password_hash,
        totp_key=b32decode(row.totp_key),
        totp_step=row.totp_step,
    )


def _session(row: Any) -> DeskSession:
    return DeskSession(row.id, row.login_id, row.csrf, row.began_at, row.used_at, row.client)
