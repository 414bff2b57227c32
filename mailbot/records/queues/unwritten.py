"""Notices that were decided and are not written yet: rows of the outbox that hold a value in place of a mail."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import OutboxState
from mailbot.model.standing import Standing
from mailbot.records.database.prepared import Prepared, PreparedInsert
from mailbot.records.schema.queue_tables import OutboxRow
from mailbot.records.schema.sealed_columns import Sealed
from mailbot.records.secrets.sealing import Sealer
from mailbot.text import fold_address

# What a mail is written from: not what it becomes.
_READ = [field for field in OutboxRow._meta.sorted_fields if field.name not in ("content", "subject", "text")]
_PUT = PreparedInsert(OutboxRow)
_DUE = Prepared(
    lambda now, busy, most: (
        OutboxRow.select(*_READ)
        .where(
            (OutboxRow.state == OutboxState.UNWRITTEN.value)
            & (OutboxRow.next_attempt_at <= now)
            & OutboxRow.recipient_key.not_in(busy)
        )
        .order_by(OutboxRow.id)
        .limit(most)
    ),
    lists=("busy",),
)
_STORE = Prepared(
    lambda number, content, subject, text, now: OutboxRow.update(
        content=content,
        subject=subject,
        text=text,
        state=OutboxState.WAITING.value,
        next_attempt_at=now,
        notice=None,
    ).where((OutboxRow.id == number) & (OutboxRow.state == OutboxState.UNWRITTEN.value))
)


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
    _PUT.run([_values(notice, now) for notice in notices])


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
    return [_unwritten(row) for row in _DUE.rows(now=now, busy=list(busy), most=most)]


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
    return bool(_STORE.run(number=number, content=mail.raw, subject=mail.subject, text=mail.text, now=now))


def hold(number: int, until: datetime) -> None:
    """It could not be written: not again before `until`, in the caller's transaction; those behind it go on."""
    unwritten = (OutboxRow.id == number) & (OutboxRow.state == OutboxState.UNWRITTEN.value)
    OutboxRow.update(next_attempt_at=until).where(unwritten).execute()
