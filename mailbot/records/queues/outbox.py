"""The durable way out: notices that were written, every attempt to deliver them, and every answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import DeliveryResult, OutboxItem, OutboxState, OutgoingMail
from mailbot.records.database import Store
from mailbot.records.schema.queue_tables import DeliveryRow, OutboxRow
from mailbot.text import fold_address


@dataclass(frozen=True)
class Attempt:
    """One attempt as it is kept.  `ended_at` stays None when the process died in it."""

    started_at: datetime
    ended_at: datetime | None
    accepted: bool | None
    code: int | None
    reply: str


def put(mail: OutgoingMail, now: datetime) -> int:
    """Keep a notice, in the transaction of what it tells; returns its number."""
    row = OutboxRow.create(
        created_at=now,
        message_id=mail.message_id,
        kind=mail.kind.value,
        role=mail.role.value,
        recipient=mail.recipient,
        recipient_key=fold_address(mail.recipient),
        envelope_sender=mail.envelope_sender,
        content=mail.raw,
        subject=mail.subject,
        text=mail.text,
        application_id=mail.application_id,
        caused_by=mail.caused_by,
        state=OutboxState.WAITING.value,
        next_attempt_at=now,
    )
    return int(row.id)


def claim(store: Store, now: datetime, limit: int) -> list[OutboxItem]:
    """Up to `limit` notices that are due, oldest first; an attempt is recorded and committed for each."""
    with store.queue_transaction():
        due = (OutboxRow.state == OutboxState.WAITING.value) & (OutboxRow.next_attempt_at <= now)
        rows = list(store.skip_locked(OutboxRow.select().where(due).order_by(OutboxRow.id).limit(limit)))
        for row in rows:
            row.state = OutboxState.SENDING.value
            row.attempts += 1
            row.claimed_by = store.owner
            row.claimed_at = now
            row.save(only=[OutboxRow.state, OutboxRow.attempts, OutboxRow.claimed_by, OutboxRow.claimed_at])
            DeliveryRow.create(outbox=row.id, started_at=now)
        return [_item(row) for row in rows]


def record_result(store: Store, item_id: int, result: DeliveryResult, now: datetime, retry_at: datetime | None) -> None:
    """The end of the attempt: sent, to be tried again at `retry_at`, or failed for good."""
    state = OutboxState.SENT if result.accepted else OutboxState.WAITING if retry_at else OutboxState.FAILED
    due = retry_at if state is OutboxState.WAITING else None
    with store.queue_transaction():
        changes = {"state": state.value, "next_attempt_at": due, "claimed_by": None}
        OutboxRow.update(**changes).where(OutboxRow.id == item_id).execute()
        under_way = DeliveryRow.select(fn.MAX(DeliveryRow.id)).where(DeliveryRow.outbox == item_id)
        DeliveryRow.update(
            ended_at=now,
            accepted=result.accepted,
            permanent=result.permanent,
            code=result.code,
            reply=result.reply,
        ).where(DeliveryRow.id == under_way).execute()


def stalled(store: Store, now: datetime) -> list[OutboxItem]:
    """The notices whose delivery ended with its process, long enough ago to be sure of it; oldest first.

    The relay may have taken such a notice just before: the gap that RFC 1047 describes.
    """
    with store.reading():
        lost = OutboxRow.claimed_by.is_null() | OutboxRow.claimed_by.not_in(list(store.live_owners()))
        long_ago = OutboxRow.claimed_at.is_null() | (OutboxRow.claimed_at <= now - store.takeover_delay)
        rows = OutboxRow.select().where((OutboxRow.state == OutboxState.SENDING.value) & lost & long_ago)
        return [_item(row) for row in rows.order_by(OutboxRow.id)]


def requeue(store: Store, item: OutboxItem, now: datetime) -> bool:
    """An abandoned notice is tried again; False when another process was first.

    It may then come twice, byte for byte the same and with the same Message-ID.
    """
    with store.queue_transaction():
        same = (OutboxRow.id == item.id) & (OutboxRow.attempts == item.attempts)
        sending = OutboxRow.state == OutboxState.SENDING.value
        again = OutboxRow.update(state=OutboxState.WAITING.value, next_attempt_at=now, claimed_by=None)
        return bool(again.where(same & sending).execute())


def record_bounce(item_id: int, report: str, at: datetime) -> None:
    """A delivery report says for good that the notice did not arrive, in the caller's transaction."""
    _fail(item_id, report, at, permanent=True)


def fail_undelivered(words: str, at: datetime) -> int:
    """What waits or is under way is not sent by itself any more, in the caller's transaction; returns how many."""
    waiting = [OutboxState.WAITING.value, OutboxState.SENDING.value]
    numbers = [row.id for row in OutboxRow.select(OutboxRow.id).where(OutboxRow.state.in_(waiting))]
    for number in numbers:
        _fail(number, words, at, permanent=False)
    return len(numbers)


def _fail(item_id: int, reply: str, at: datetime, *, permanent: bool) -> None:
    DeliveryRow.create(outbox=item_id, started_at=at, ended_at=at, accepted=False, permanent=permanent, reply=reply)
    changes = {"state": OutboxState.FAILED.value, "next_attempt_at": None, "claimed_by": None}
    OutboxRow.update(**changes).where(OutboxRow.id == item_id).execute()


def of_application(application_id: int) -> list[OutboxItem]:
    """Every notice about an application, oldest first."""
    rows = OutboxRow.select().where(OutboxRow.application_id == application_id).order_by(OutboxRow.id)
    return [_item(row) for row in rows]


def undelivered_ids(kind: NoticeKind) -> set[int]:
    """The applications whose notice of that kind has not left for anybody, but still may."""
    of_kind = OutboxRow.kind == kind.value
    on_its_way = OutboxRow.state.in_([OutboxState.WAITING.value, OutboxState.SENDING.value])
    waiting = OutboxRow.select(OutboxRow.application_id).where(of_kind & on_its_way)
    found = {int(row.application_id) for row in waiting if row.application_id is not None}
    return {number for number in found if not was_delivered(number, kind)}


def was_delivered(application_id: int, kind: NoticeKind) -> bool:
    """Whether the relay has taken a notice of that kind for anybody."""
    told = (OutboxRow.application_id == application_id) & (OutboxRow.kind == kind.value)
    return OutboxRow.select().where(told & (OutboxRow.state == OutboxState.SENT.value)).exists()


def retry(store: Store, item_id: int | None, now: datetime) -> int:
    """Try a failed or waiting notice (or all of them) at once; returns how many."""
    with store.transaction():
        states = [OutboxState.FAILED.value, OutboxState.WAITING.value]
        query = OutboxRow.update(state=OutboxState.WAITING.value, next_attempt_at=now).where(
            OutboxRow.state.in_(states)
        )
        return int((query if item_id is None else query.where(OutboxRow.id == item_id)).execute())


def get(item_id: int) -> OutboxItem | None:
    row = OutboxRow.get_or_none(OutboxRow.id == item_id)
    return _item(row) if row is not None else None


def listing(state: OutboxState | None = None) -> list[OutboxItem]:
    """All notices, or those in `state`, oldest first."""
    query = OutboxRow.select().order_by(OutboxRow.id)
    return [_item(row) for row in (query if state is None else query.where(OutboxRow.state == state.value))]


def deliveries(item_id: int) -> list[Attempt]:
    """Every attempt for one notice, in order."""
    rows = DeliveryRow.select().where(DeliveryRow.outbox == item_id).order_by(DeliveryRow.id)
    return [Attempt(r.started_at, r.ended_at, r.accepted, r.code, r.reply) for r in rows]


def by_envelope_sender(address: str) -> OutboxItem | None:
    """The notice whose Return-Path is `address` (folded), or None."""
    row = OutboxRow.get_or_none(OutboxRow.envelope_sender == address)
    return _item(row) if row is not None else None


def by_message_id(message_id: str) -> OutboxItem | None:
    """The notice with a Message-ID, or None."""
    row = OutboxRow.get_or_none(OutboxRow.message_id == message_id)
    return _item(row) if row is not None else None


def texts_sent_to(email: str, before: datetime, limit: int = 30) -> list[str]:
    """The texts of the latest notices to an address until an instant, newest first: what its replies may quote."""
    rows = (
        OutboxRow.select(OutboxRow.text)
        .where((OutboxRow.recipient_key == fold_address(email)) & (OutboxRow.created_at <= before))
        .order_by(OutboxRow.id.desc())
        .limit(limit)
    )
    return [row.text for row in rows]


def text_sent(message_id: str, email: str) -> str:
    """The text of the notice `message_id`, if it went to that address; "" otherwise."""
    row = OutboxRow.get_or_none((OutboxRow.message_id == message_id) & (OutboxRow.recipient_key == fold_address(email)))
    return row.text if row is not None else ""


def thread_message_ids(application_id: int, email: str) -> list[str]:
    """The Message-IDs of what an address has had about an application, oldest first."""
    rows = (
        OutboxRow.select(OutboxRow.message_id)
        .where((OutboxRow.application_id == application_id) & (OutboxRow.recipient_key == fold_address(email)))
        .order_by(OutboxRow.id)
    )
    return [row.message_id for row in rows]


def count_sent(email: str, since: datetime, kinds: Sequence[NoticeKind]) -> int:
    """How many notices of `kinds` were written to an address since an instant."""
    return int(
        OutboxRow.select()
        .where(
            (OutboxRow.recipient_key == fold_address(email))
            & (OutboxRow.created_at >= since)
            & OutboxRow.kind.in_([kind.value for kind in kinds])
        )
        .count()
    )


def _item(row: Any) -> OutboxItem:
    mail = OutgoingMail(
        message_id=row.message_id,
        kind=NoticeKind(row.kind),
        role=Role(row.role),
        recipient=row.recipient,
        envelope_sender=row.envelope_sender,
        raw=bytes(row.content),
        subject=row.subject,
        text=row.text,
        application_id=row.application_id,
        caused_by=row.caused_by,
    )
    return OutboxItem(row.id, mail, OutboxState(row.state), row.attempts, row.created_at, row.next_attempt_at)
