"""Queries on reply-token grants: what each token authorises.  Of the secret only the SHA-256 is stored."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mailbot.model.daily_list import ItemKind, ListItem
from mailbot.model.people import Role
from mailbot.model.reply_token import (
    ForApplication,
    ForChallenge,
    ForDailyList,
    ForDigest,
    ForInquiry,
    Grant,
    ReplyToken,
    Scope,
)
from mailbot.records.database.prepared import Prepared, PreparedInsert
from mailbot.records.schema.application_tables import DailyListItemRow, DigestLineRow, GrantRow

_ISSUE = PreparedInsert(GrantRow)
_OF_TOKEN = Prepared(lambda token: GrantRow.select().where(GrantRow.token_id == token))
_VOID = Prepared(
    lambda application, roles, now: GrantRow.update(void_at=now).where(
        (GrantRow.application_id == application) & GrantRow.void_at.is_null() & GrantRow.role.in_(roles)
    ),
    lists=("roles",),
)


def issue(grants: Iterable[Grant]) -> None:
    """Store grants, in the transaction that queues the notices with their tokens."""
    _ISSUE.run([_values(grant) for grant in grants])


def _values(grant: Grant) -> dict[str, object]:
    none = {"application_id": None, "revision": None, "mail_id": None}
    return {
        "token_id": grant.token_id,
        "secret_hash": grant.secret_hash,
        "email": grant.email,
        "role": grant.role.value,
        "expires_at": grant.expires_at,
        "void_at": grant.void_at,
        "disclosed": grant.disclosed,
        **(none | _columns(grant.scope)),
    }


def _columns(scope: Scope) -> dict[str, object]:
    match scope:
        case ForApplication(application_id, revision):
            return {"scope": "application", "application_id": application_id, "revision": revision}
        case ForChallenge(mail_id):
            return {"scope": "challenge", "mail_id": mail_id}
        case ForInquiry(mail_id, application_id, revision):
            about = {"application_id": application_id, "revision": revision}
            return {"scope": "inquiry", "mail_id": mail_id, **about}
        case ForDigest():
            return {"scope": "digest"}
        case ForDailyList():
            return {"scope": "daily_list"}


def _scope(row: Any) -> Scope:
    match row.scope:
        case "application":
            return ForApplication(row.application_id, row.revision)
        case "challenge":
            return ForChallenge(row.mail_id)
        case "inquiry":
            return ForInquiry(row.mail_id, row.application_id, row.revision)
        case "daily_list":
            return ForDailyList()
        case _:
            return ForDigest()


def add_digest_lines(token_id: str, applications: Iterable[tuple[int, int]]) -> None:
    """Store the applications, as (id, revision), that the digest with this token lists."""
    rows = [{"token_id": token_id, "application_id": one, "revision": revision} for one, revision in applications]
    if rows:
        DigestLineRow.insert_many(rows).execute()


def digest_lines(token_id: str) -> list[tuple[int, int]]:
    """(application id, revision) of each line of a digest, in order."""
    rows = DigestLineRow.select().where(DigestLineRow.token_id == token_id).order_by(DigestLineRow.id)
    return [(row.application_id, row.revision) for row in rows]


def add_list_items(token_id: str, items: Iterable[ListItem], at: datetime) -> None:
    """Store the items that the daily list with this token names, as they were at that moment."""
    rows = [{"token_id": token_id, "kind": one.kind.value, "number": one.number, "listed_at": at} for one in items]
    if rows:
        DailyListItemRow.insert_many(rows).execute()


def list_items(token_id: str) -> tuple[ListItem, ...]:
    """The items of a daily list, in order."""
    rows = DailyListItemRow.select().where(DailyListItemRow.token_id == token_id).order_by(DailyListItemRow.id)
    return tuple(ListItem(ItemKind(row.kind), row.number) for row in rows)


def listed_at(token_id: str) -> datetime | None:
    """When a daily list was made; None of one without items."""
    row = DailyListItemRow.get_or_none(DailyListItemRow.token_id == token_id)
    return row.listed_at if row is not None else None


def find(token: ReplyToken) -> Grant | None:
    """The grant of a token, valid or not; None when no such token was issued."""
    row = _OF_TOKEN.first(token=token.id)
    grant = _grant(row) if row is not None else None
    return grant if grant is not None and grant.matches(token) else None


def readers_of_inquiry(mail_id: int) -> list[str]:
    """The addresses of those who were sent an inquiry with a reply token, in the order of the addresses."""
    rows: Any = GrantRow.select(GrantRow.email).distinct().order_by(GrantRow.email)
    return [row.email for row in rows.where((GrantRow.mail_id == mail_id) & (GrantRow.scope == "inquiry"))]


def use(token_id: str, now: datetime) -> None:
    """Mark a token as used: it is void from `now` on."""
    GrantRow.update(void_at=now).where((GrantRow.token_id == token_id) & GrantRow.void_at.is_null()).execute()


def void(application_id: int, now: datetime, *, role: Role | None = None) -> int:
    """Make the valid tokens of an application void, or those of one role; returns how many."""
    return _VOID.run(application=application_id, roles=[one.value for one in ([role] if role else Role)], now=now)


def void_all(now: datetime) -> int:
    """Make every valid token void; returns how many."""
    return int(GrantRow.update(void_at=now).where(GrantRow.void_at.is_null()).execute())


def _grant(row: Any) -> Grant:
    return Grant(
        token_id=row.token_id,
        secret_hash=row.secret_hash,
        scope=_scope(row),
        email=row.email,
        role=Role(row.role),
        expires_at=row.expires_at,
        void_at=row.void_at,
        disclosed=bool(row.disclosed),
    )
