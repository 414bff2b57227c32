"""Notices that were not delivered: which of them are to be tried again, and with which address."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import OutboxItem, OutboxState
from mailbot.records.keyset import Part, Place, count_some, part
from mailbot.records.queues import outbox
from mailbot.records.queues.attempts import last_attempts, numbers_of_last_attempts
from mailbot.records.register import offices
from mailbot.records.schema.application_tables import ApplicationRow, GrantRow
from mailbot.records.schema.queue_tables import DeliveryRow, OutboxRow
from mailbot.records.schema.sealed_columns import UNREADABLE
from mailbot.text import fold_address

HELD_BY_RESTORE = "not sent again after a restore; mailbot outbox retry ID sends it"


def select(
    *,
    numbers: Collection[int] | None = None,
    recipient: str | None = None,
    office: str | None = None,
    since: datetime | None = None,
    restored: bool = False,
) -> list[int]:
    """The notices that failed, wait, or are not written, oldest first, in the caller's `Store.reading`.

    Without `numbers`, those that an operator has stopped are left out; those that a restore has held back, too, unless
    `restored`: they may have been sent before.  `recipient`: part of the address; `office`: of its applications or to
    its people; `since`: when decided.
    """
    states = [OutboxState.FAILED.value, OutboxState.WAITING.value, OutboxState.UNWRITTEN.value]
    query = OutboxRow.select(OutboxRow.id).order_by(OutboxRow.id)
    if numbers is not None:
        possible = OutboxRow.state.in_([*states, OutboxState.STOPPED.value])
        deleted = without_content(numbers)
        return [row.id for row in query.where(possible & OutboxRow.id.in_(list(numbers))) if row.id not in deleted]
    query = _filtered(query.where(OutboxRow.state.in_(states)), recipient, office, since)
    if not restored:
        query = query.where(OutboxRow.id.not_in(_held()))
    return [row.id for row in query]


_SEALED = ("content", "text", "notice")  # columns that cost time to read
_WITHOUT_CONTENT = [field for field in OutboxRow._meta.sorted_fields if field.name not in _SEALED]


class Undone(StrEnum):
    """Notices that are not delivered, by what they need."""

    FAILED = "failed"  # somebody
    AGAIN = "again"  # were tried, and are tried again by themselves
    WAITING = "waiting"  # were not tried yet
    STOPPED = "stopped"  # nothing: an operator has stopped them


def page(
    undone: Undone,
    place: Place,
    *,
    recipient: str | None = None,
    office: str | None = None,
    since: datetime | None = None,
) -> Part[OutboxItem]:
    """A part of them without their content, the newest first, in the caller's `Store.reading`.

    The filters are those of `select`.
    """
    query = _filtered(OutboxRow.select(*_WITHOUT_CONTENT).where(_is(undone)), recipient, office, since)
    return part(query, (OutboxRow.id,), place, outbox.items, newest=True)


def count(undone: Undone, since: datetime | None = None) -> int:
    """How many, as `count_some`; of those decided since an instant."""
    return count_some(_filtered(OutboxRow.select(OutboxRow.id).where(_is(undone)), since=since))


def _filtered(
    query: Any, recipient: str | None = None, office: str | None = None, since: datetime | None = None
) -> Any:
    if recipient is not None:
        query = query.where(OutboxRow.recipient.contains(recipient))
    if since is not None:
        query = query.where(OutboxRow.created_at >= since)
    return query if office is None else query.where(_of_office(office))


def _is(undone: Undone) -> Any:
    match undone:
        case Undone.FAILED:
            return OutboxRow.state == OutboxState.FAILED.value
        case Undone.AGAIN:
            return (OutboxRow.state == OutboxState.WAITING.value) & (OutboxRow.attempts > 0)
        case Undone.WAITING:
            new = (OutboxRow.state == OutboxState.WAITING.value) & (OutboxRow.attempts == 0)
            return new | OutboxRow.state.in_([OutboxState.UNWRITTEN.value, OutboxState.SENDING.value])
        case Undone.STOPPED:
            return OutboxRow.state == OutboxState.STOPPED.value


@dataclass(frozen=True)
class FailedNotice:
    """A notice that was not delivered.  `reply`: the last answer of the relay, or why it was not sent."""

    number: int
    decided_at: datetime
    recipient: str
    subject: str
    reply: str


def failed(since: datetime, limit: int) -> list[FailedNotice]:
    """The latest `limit` notices that failed, oldest first, of those decided since then; alerts are left out.

    In the caller's `Store.reading`.
    """
    lost = (OutboxRow.state == OutboxState.FAILED.value) & (OutboxRow.created_at >= since)
    of_people = OutboxRow.kind != NoticeKind.ALERT.value
    rows = list(OutboxRow.select().where(lost & of_people).order_by(OutboxRow.id.desc()).limit(limit))
    last = last_attempts([row.id for row in rows])
    return [
        FailedNotice(row.id, row.created_at, row.recipient, row.subject, last[row.id].reply if row.id in last else "")
        for row in reversed(rows)
    ]


def _held() -> Any:
    return DeliveryRow.select(DeliveryRow.outbox).where(
        DeliveryRow.id.in_(numbers_of_last_attempts()) & (DeliveryRow.reply == HELD_BY_RESTORE)
    )


def _of_office(code: str) -> Any:
    applications = ApplicationRow.select(ApplicationRow.id).where(ApplicationRow.office == code)
    office = offices.office(code)
    people = [office.administrator.email, *(one.email for one in office.contacts)] if office is not None else []
    theirs = OutboxRow.recipient_key.in_([fold_address(one) for one in people])
    return OutboxRow.application_id.in_(applications) | (OutboxRow.application_id.is_null() & theirs)


def value_of(number: int) -> Mapping[str, Any] | None:
    """The value of a notice that is not written (`notices.codec`); None of one that is."""
    value: Mapping[str, Any] | None = OutboxRow.get_by_id(number).notice
    return value


def without_content(numbers: Collection[int]) -> set[int]:
    """Those of the stopped notices with these numbers whose content was deleted by age: they cannot be sent any more.

    In the caller's `Store.reading`.
    """
    stopped = (OutboxRow.state == OutboxState.STOPPED.value) & OutboxRow.id.in_(list(numbers))
    emptied = (OutboxRow.content == b"") & OutboxRow.notice.is_null()
    return {row.id for row in OutboxRow.select(OutboxRow.id).where(stopped & emptied)}


def is_readable(number: int) -> bool:
    """Whether the mail, or the value of a notice that is not written, can be decrypted."""
    row = OutboxRow.get_by_id(number)
    return bool(row.content != UNREADABLE and row.notice != {})


def readdress(number: int, recipient: str, content: bytes, value: Mapping[str, Any] | None) -> None:
    """Another recipient, with the mail or the value that names it, in the caller's transaction."""
    changes = {"recipient": recipient, "recipient_key": fold_address(recipient), "content": content, "notice": value}
    OutboxRow.update(**changes).where(OutboxRow.id == number).execute()


def readdress_grant(token_id: str, email: str) -> None:
    """The reply token in a notice is now of another address, in the caller's transaction."""
    GrantRow.update(email=email).where(GrantRow.token_id == token_id).execute()
