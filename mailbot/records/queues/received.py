"""Received mail in the intake store: stored before it is acknowledged, under the number that it keeps."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from peewee import fn

from mailbot.model.evidence import Evidence, Result, SignatureKey
from mailbot.model.queued_mail import Arrival
from mailbot.records.database import Store
from mailbot.records.database.prepared import Prepared
from mailbot.records.schema.intake_tables import ReceivedRow

_WITHOUT_CONTENT = [field for field in ReceivedRow._meta.sorted_fields if field is not ReceivedRow.content]
_LAST = Prepared(lambda: ReceivedRow.select(fn.MAX(ReceivedRow.id).alias("last")))
_INSERT = Prepared(
    lambda number, received_at, source, sender, recipients, smtputf8, evidence, content: ReceivedRow.insert(
        id=number,
        received_at=received_at,
        source=source,
        sender=sender,
        recipients=recipients,
        smtputf8=smtputf8,
        evidence=evidence,
        content=content,
    )
)
_ABOVE = Prepared(
    lambda number, most: (
        ReceivedRow.select(*_WITHOUT_CONTENT).where(ReceivedRow.id > number).order_by(ReceivedRow.id).limit(most)
    )
)
_CONTENT = Prepared(lambda number: ReceivedRow.select(ReceivedRow.content).where(ReceivedRow.id == number))


def accept(store: Store, arrivals: Sequence[Arrival], *, durable: bool = True, waits: bool = True) -> list[int]:
    """Store `arrivals` in one transaction of the intake store; returns their numbers.

    `durable`, `waits`, and raises, like `Store.transaction`.  A mail that is not durable may not be acknowledged.

    The numbers are consecutive: the writer lock of the intake store is held from the query to the commit.
    """
    with store.intake.transaction(durable=durable, waits=waits):
        first = int(_LAST.value() or 0) + 1
        for number, arrival in enumerate(arrivals, first):
            _insert(number, arrival)
    return list(range(first, first + len(arrivals)))


def _insert(number: int, arrival: Arrival) -> None:
    _INSERT.run(
        number=number,
        received_at=arrival.received_at,
        source=arrival.source,
        sender=arrival.envelope.sender,
        recipients=list(arrival.envelope.recipients),
        smtputf8=arrival.envelope.smtputf8,
        evidence=vars(arrival.evidence),
        content=arrival.raw,
    )


def above(store: Store, number: int, limit: int) -> list[Any]:
    """The first `limit` mails with a higher number than `number`, in order, without their content; all are durable.

    What is written elsewhere about a mail may not outlast it in a power loss: its number would be another mail's.
    Not inside of a transaction of the intake store.
    """
    with store.intake.reading():
        rows, unflushed = _ABOVE.rows(number=number, most=limit), store.intake.unflushed()
    if rows and unflushed:
        store.intake.flush()
    return rows


def waiting_since(store: Store, number: int) -> tuple[int, datetime | None]:
    """How many mails have a higher number than `number`, and when the first of them was received."""
    with store.intake.reading():
        later = ReceivedRow.select(fn.COUNT(ReceivedRow.id), fn.MIN(ReceivedRow.received_at))
        count, since = later.where(ReceivedRow.id > number).scalar(as_tuple=True)
    return int(count), since


def content(store: Store, number: int) -> bytes:
    """The raw mail; b"" when it was deleted or there is none of this number, UNREADABLE when it cannot be decrypted."""
    with store.intake.reading():
        row = _CONTENT.first(number=number)
        return row.content if row is not None else b""


def small_content(store: Store, number: int, most: int) -> bytes:
    """The raw mail as `content`; b"" also when more than `most` octets are stored for it, which are not read then."""
    with store.intake.reading():
        small = (ReceivedRow.id == number) & (fn.LENGTH(ReceivedRow.content) <= most)
        row = ReceivedRow.select(ReceivedRow.content).where(small).first()
        return row.content if row is not None else b""


def evidence(store: Store, number: int) -> Evidence:
    """The evidence as it was when the mail was received, before authentication."""
    with store.intake.reading():
        row = ReceivedRow.select(ReceivedRow.evidence).where(ReceivedRow.id == number).first()
        return as_evidence(row.evidence if row is not None else {})


def as_evidence(stored: dict[str, Any]) -> Evidence:
    """Evidence from its fields as JSON."""
    fields = dict(stored)
    for name in ("aligned", "spf", "dmarc"):
        fields[name] = Result(fields.get(name, Result.NONE))
    for name in ("details", "signed_by"):
        fields[name] = tuple(fields.get(name, ()))
    fields["signatures"] = tuple(SignatureKey(**one) for one in fields.get("signatures", ()))
    return Evidence(**fields)


def replace_content(store: Store, number: int, raw: bytes) -> None:
    """Store `raw` in place of the received octets, which are removed from the database files."""
    with store.intake.transaction():
        ReceivedRow.update(content=raw).where(ReceivedRow.id == number).execute()
        store.intake.purge_deleted()


def with_content_before(store: Store, before: datetime, after_number: int, limit: int) -> list[int]:
    """Numbers above `after_number` of mails that were received before an instant and whose content is still there."""
    old = (ReceivedRow.received_at < before) & (ReceivedRow.id > after_number)
    with store.intake.reading():
        rows = ReceivedRow.select(ReceivedRow.id).where(old & (ReceivedRow.content != b"")).order_by(ReceivedRow.id)
        return [row.id for row in rows.limit(limit)]


def delete_content(store: Store, numbers: Collection[int]) -> None:
    """Empty the content of these mails in one transaction; `Store.purge_deleted` removes it from the files."""
    with store.intake.transaction():
        ReceivedRow.update(content=b"").where(ReceivedRow.id.in_(list(numbers))).execute()


def numbers(store: Store) -> set[int]:
    """The numbers of all mails."""
    with store.intake.reading():
        return {row.id for row in ReceivedRow.select(ReceivedRow.id)}


def numbers_with_content(store: Store) -> set[int]:
    """The numbers of the mails whose content was not deleted."""
    with store.intake.reading():
        return {row.id for row in ReceivedRow.select(ReceivedRow.id).where(ReceivedRow.content != b"")}
