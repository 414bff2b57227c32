"""The prepared statements of `outbox`."""

from typing import Any

from peewee import SQL, fn

from mailbot.model.queued_mail import OutboxState
from mailbot.records.database.prepared import Prepared, PreparedInsert
from mailbot.records.schema.queue_tables import DeliveryRow, OutboxRow

# What a delivery needs, and what is needed of a notice that is known by its Message-ID: others are not decrypted.
_DELIVERED = [field for field in OutboxRow._meta.sorted_fields if field.name not in ("text", "notice")]
_KNOWN = [field for field in OutboxRow._meta.sorted_fields if field.name not in ("content", "notice")]
DUE = Prepared(
    lambda now, served, most: (
        OutboxRow.select(*_DELIVERED, SQL("''").alias("text"))
        .where(
            (OutboxRow.state == OutboxState.WAITING.value)
            & (OutboxRow.next_attempt_at <= now)
            & OutboxRow.recipient_key.not_in(served)
        )
        .order_by(OutboxRow.id)
        .limit(most)
    ),
    lists=("served",),
    skips_locked=True,
)
CLAIM = Prepared(
    lambda numbers, owner, now: OutboxRow.update(
        state=OutboxState.SENDING.value, attempts=OutboxRow.attempts + 1, claimed_by=owner, claimed_at=now
    ).where(OutboxRow.id.in_(numbers)),
    lists=("numbers",),
)
BEGIN_ATTEMPTS = PreparedInsert(DeliveryRow)
SET_STATE = Prepared(
    lambda number, state, due: OutboxRow.update(state=state, next_attempt_at=due, claimed_by=None).where(
        OutboxRow.id == number
    )
)
END_ATTEMPT = Prepared(  # the latest one
    lambda number, now, accepted, permanent, code, reply: DeliveryRow.update(
        ended_at=now, accepted=accepted, permanent=permanent, code=code, reply=reply
    ).where(DeliveryRow.id == DeliveryRow.select(fn.MAX(DeliveryRow.id)).where(DeliveryRow.outbox == number))
)
BY_MESSAGE_ID = Prepared(
    lambda message_id: OutboxRow.select(*_KNOWN, SQL("''").alias("content")).where(OutboxRow.message_id == message_id)
)


def _sent_of_newest(application: Any, kind: Any) -> Any:
    notices = (OutboxRow.application_id == application) & (OutboxRow.kind == kind)
    newest = OutboxRow.created_at == OutboxRow.select(fn.MAX(OutboxRow.created_at)).where(notices)
    return OutboxRow.select(OutboxRow.id).where(notices & newest & (OutboxRow.state == OutboxState.SENT.value)).limit(1)


SENT_OF_NEWEST = Prepared(_sent_of_newest)
TEXTS_SENT = Prepared(
    lambda recipient, before, most: (
        OutboxRow.select(OutboxRow.text)
        .where((OutboxRow.recipient_key == recipient) & (OutboxRow.created_at <= before))
        .order_by(OutboxRow.id.desc())
        .limit(most)
    )
)
THREADS = Prepared(
    lambda applications: (
        OutboxRow.select(OutboxRow.application_id, OutboxRow.recipient_key, OutboxRow.message_id)
        .where(OutboxRow.application_id.in_(applications))
        .order_by(OutboxRow.id)
    ),
    lists=("applications",),
)
