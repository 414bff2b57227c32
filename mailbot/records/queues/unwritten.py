"""Notices that were decided and are not written yet: rows of the outbox that hold a value in place of a mail."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import chunked

from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import OutboxState
from mailbot.model.standing import Standing
from mailbot.records.database.statement_texts import LONGEST_LIST
from mailbot.records.schema.queue_tables import OutboxRow
from mailbot.records.schema.sealed_columns import Sealed
from mailbot.records.secrets.sealing import Sealer
from mailbot.text import fold_address


@dataclass(frozen=True)
class UnwrittenNotice:
    """One notice as it was decided.  `value`: plain JSON data (notices.codec)."""

    message_id: str  # with angle brackets
    kind: NoticeKind
    role: Role
    recipient: str
    envelope_sender: str
    value: Mapping[str, Any]
    application_id: int | None = None
    caused_by: int | None = None  # the inbox item that it answers
    standing: Standing = Standing.PROVEN  # of that mail
    id: int = 0
    created_at: datetime | None = None  # when it was decided


@dataclass(frozen=True)
class WrittenMail:
    """What writing a notice adds to it; its columns are sealed before the transaction that stores them."""

    subject: str
    raw: Sealed
    text: Sealed  # the text part, for recognising quotes of it in replies

    @classmethod
    def of(cls, raw: bytes, subject: str, text: str, sealer: Sealer) -> "WrittenMail":
        """A mail; not in a transaction.  Raises like `Sealer.seal`."""
        return cls(subject, OutboxRow.content.ahead(raw, sealer), OutboxRow.text.ahead(text, sealer))


def put(notices: Iterable[UnwrittenNotice], now: datetime) -> None:
    """Store notices in their order, in the transaction of the decision."""
    for some in chunked((_values(notice, now) for notice in notices), LONGEST_LIST):
        OutboxRow.insert_many(some).execute()


def _values(notice: UnwrittenNotice, now: datetime) -> dict[str, object]:
    return dict(
        created_at=now,
        message_id=notice.message_id,
        kind=notice.kind.value,
        role=notice.role.value,
        recipient=notice.recipient,
        recipient_key=fold_address(notice.recipient),
        envelope_sender=notice.envelope_sender,
        content=b"",
        subject="",
        text="",
        application_id=notice.application_id,
        caused_by=notice.caused_by,
        standing=notice.standing.value,
        state=OutboxState.UNWRITTEN.value,
        attempts=0,
        next_attempt_at=now,
        notice=notice.value,
    )


def due(now: datetime, most: int, busy: Collection[str] = ()) -> list[UnwrittenNotice]:
    """The oldest notices to write, in the caller's `reading`; one that is held back waits for its time.

    `busy`: folded addresses of recipients whose notices are left out.
    """
    is_due = (OutboxRow.state == OutboxState.UNWRITTEN.value) & (OutboxRow.next_attempt_at <= now)
    if busy:
        is_due &= OutboxRow.recipient_key.not_in(list(busy))
    return [_unwritten(row) for row in OutboxRow.select().where(is_due).order_by(OutboxRow.id).limit(most)]


def _unwritten(row: Any) -> UnwrittenNotice:
    return UnwrittenNotice(
        message_id=row.message_id,
        kind=NoticeKind(row.kind),
        role=Role(row.role),
        recipient=row.recipient,
        envelope_sender=row.envelope_sender,
        value=row.notice,
        application_id=row.application_id,
        caused_by=row.caused_by,
        standing=Standing(row.standing),
        id=row.id,
        created_at=row.created_at,
    )


def store(number: int, mail: WrittenMail, now: datetime) -> bool:
    """The notice is written and waits for its delivery, in the caller's transaction; False when it was before."""
    unwritten = (OutboxRow.id == number) & (OutboxRow.state == OutboxState.UNWRITTEN.value)
    changes = {
        "content": mail.raw,
        "subject": mail.subject,
        "text": mail.text,
        "state": OutboxState.WAITING.value,
        "next_attempt_at": now,
        "notice": None,
    }
    return bool(OutboxRow.update(**changes).where(unwritten).execute())


def hold(number: int, until: datetime) -> None:
    """It could not be written: not again before `until`, in the caller's transaction; those behind it go on."""
    unwritten = (OutboxRow.id == number) & (OutboxRow.state == OutboxState.UNWRITTEN.value)
    OutboxRow.update(next_attempt_at=until).where(unwritten).execute()
