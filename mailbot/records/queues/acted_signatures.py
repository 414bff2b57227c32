"""The DKIM signatures of mails that were acted on: the same signed mail, sent again, has no effect (RFC 6376 §8.6)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from mailbot.model.evidence import SignatureKey
from mailbot.records.schema.queue_tables import ActedSignatureRow

_HANDLED_WITHIN = timedelta(days=1)  # a mail that arrives just before x= may be handled after it


def first_mail(signatures: Sequence[SignatureKey], other_than: int) -> int | None:
    """The inbox ID of a mail other than `other_than` that was acted on with one of `signatures`, or None."""
    for one in signatures:
        row = ActedSignatureRow.get_or_none(
            (ActedSignatureRow.domain == one.domain) & (ActedSignatureRow.digest == one.digest)
        )
        if row is not None and row.inbox_id != other_than:
            return int(row.inbox_id)
    return None


def remember(signatures: Sequence[SignatureKey], inbox_id: int, now: datetime, days: int) -> None:
    """Store `signatures`, each until a day after it expires (x=), at most for `days`; expired rows are deleted.

    In the caller's transaction.
    """
    ActedSignatureRow.delete().where(ActedSignatureRow.expires_at < now).execute()
    latest = now + timedelta(days=days)
    for one in signatures:
        ActedSignatureRow.insert(
            domain=one.domain, digest=one.digest, inbox_id=inbox_id, expires_at=_expiry(one.expires_at, latest)
        ).on_conflict_ignore().execute()


def _expiry(expires_at: int | None, latest: datetime) -> datetime:
    if expires_at is None or expires_at >= latest.timestamp():
        return latest
    return min(latest, datetime.fromtimestamp(expires_at, UTC) + _HANDLED_WITHIN)
