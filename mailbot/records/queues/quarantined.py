"""Quarantined mail in the inbox: listed, put back to be handled again, or discarded.

The state itself is compared and set, so that of two operators one alone releases or discards a mail.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from mailbot.model.evidence import Result
from mailbot.model.inquiry import InquiryState
from mailbot.model.queued_mail import RELEASABLE, Disposition, Envelope
from mailbot.model.reasons import ABOVE_LIMIT
from mailbot.records.database import Store
from mailbot.records.keyset import Part, Place, count_some, part
from mailbot.records.queues import received
from mailbot.records.schema.inquiry_tables import InquiryRow
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import InboxRow


@dataclass(frozen=True)
class QuarantinedMail:
    """A quarantined mail, without its content.  `number`: that of the mail everywhere.

    `author`, `subject`, `office` (its code): from the mail log, "" where the mail was not read; `detail`: a traceback,
    or "".
    """

    number: int
    received_at: datetime
    quarantined_at: datetime
    envelope: Envelope
    disposition: str
    reason: str
    detail: str
    author: str
    subject: str
    office: str
    authenticated: bool = False  # whether it passes DMARC


def select(
    *,
    reason: str | None = None,
    reasons: Collection[str] | None = None,
    sender: str | None = None,
    since: datetime | None = None,
    numbers: Collection[int] | None = None,
) -> list[QuarantinedMail]:
    """The quarantined mails that match every given filter, oldest first, in the caller's `Store.reading`.

    By its number or reason alone also a mail that was passed on above the limit of answers, until that is answered.
    `sender`: part of the envelope sender or of the author's address; `since`: of the arrival.
    """
    return _mails(list(_query(reason, reasons, sender, since, numbers).order_by(InboxRow.id)))


def latest(reason: str, limit: int, *, authenticated: bool) -> list[QuarantinedMail]:
    """The latest `limit` mails with this reason that pass DMARC, or that do not, newest first.

    In the caller's `Store.reading`.
    """
    passes = InboxRow.evidence.cast("text").contains(f'"dmarc": "{Result.PASS.value}"')
    query = _query(reason, None, None, None, None).where(passes if authenticated else ~passes)
    return _mails(list(query.order_by(InboxRow.id.desc()).limit(limit)))


def page(
    place: Place, *, reason: str | None = None, sender: str | None = None, since: datetime | None = None
) -> Part[QuarantinedMail]:
    """A part of what `select` finds, oldest first."""
    return part(_query(reason, None, sender, since, None), (InboxRow.id,), place, _mails, newest=False)


def count() -> int:
    """How many are quarantined, as `count_some`."""
    return count_some(InboxRow.select(InboxRow.id).where(_is_quarantined()))


def _query(
    reason: str | None,
    reasons: Collection[str] | None,
    sender: str | None,
    since: datetime | None,
    numbers: Collection[int] | None,
) -> Any:
    named = numbers is not None or reason is not None or reasons is not None
    query = InboxRow.select().where(_is_releasable() if named else _is_quarantined())
    if numbers is not None:
        query = query.where(InboxRow.id.in_(list(numbers)))
    if reason is not None:
        query = query.where(InboxRow.reason == reason)
    if reasons is not None:
        query = query.where(InboxRow.reason.in_(list(reasons)))
    if since is not None:
        query = query.where(InboxRow.received_at >= since)
    if sender is not None:
        of_mail = _is_incoming() & (MailLogRow.inbox_id == InboxRow.id) & MailLogRow.sender.contains(sender)
        query = query.where(InboxRow.sender.contains(sender) | fn.EXISTS(MailLogRow.select().where(of_mail)))
    return query


def _mails(rows: Sequence[Any]) -> list[QuarantinedMail]:
    logged = _latest_log_rows([row.id for row in rows])
    return [_mail(row, logged.get(row.id)) for row in rows]


def _is_quarantined() -> Any:
    """By the index of dispositions; LOWER keeps SQLite from that of the states: nearly all mails are done."""
    return (fn.LOWER(InboxRow.state) == "done") & InboxRow.disposition.in_([one.value for one in RELEASABLE])


def _is_releasable() -> Any:
    is_open = (InquiryRow.mail_id == InboxRow.id) & (InquiryRow.state == InquiryState.OPEN.value)
    above_limit = (InboxRow.state == "done") & (InboxRow.disposition == Disposition.PASSED_ON.value)
    above_limit &= InboxRow.reason == ABOVE_LIMIT
    return _is_quarantined() | (above_limit & fn.EXISTS(InquiryRow.select().where(is_open)))


def _is_incoming() -> Any:
    return (MailLogRow.direction == "in") & MailLogRow.inbox_id.is_null(is_null=False)


def _latest_log_rows(numbers: list[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for start in range(0, len(numbers), 500):
        some = MailLogRow.inbox_id.in_(numbers[start : start + 500])
        columns = (MailLogRow.id, MailLogRow.inbox_id, MailLogRow.sender, MailLogRow.subject, MailLogRow.office)
        rows: Any = MailLogRow.select(*columns).where(_is_incoming() & some).order_by(MailLogRow.id)
        found |= {row.inbox_id: row for row in rows}
    return found


def _mail(row: Any, logged: Any) -> QuarantinedMail:
    return QuarantinedMail(
        number=row.id,
        received_at=row.received_at,
        quarantined_at=row.done_at,
        envelope=Envelope(row.sender, tuple(row.recipients), bool(row.smtputf8)),
        disposition=row.disposition,
        reason=row.reason,
        detail=row.detail,
        author=logged.sender if logged is not None else "",
        subject=logged.subject if logged is not None else "",
        office=logged.office if logged is not None else "",
        authenticated=(row.evidence or {}).get("dmarc") == Result.PASS.value,
    )


def release(store: Store, number: int, *, authenticate: bool) -> bool:
    """Put a mail that `select` finds back into the inbox as if it had just been received, in the caller's transaction.

    `authenticate`: whether its sender is authenticated anew.  False when it cannot be released (any more).
    """
    return _change(
        number,
        _is_releasable(),
        state="arrived" if authenticate else "waiting",
        evidence=asdict(received.evidence(store, number)),
        attempts=0,
        disposition=None,
        reason="",
        detail="",
        done_at=None,
        application_id=None,
        dedupe_key="",
        reading=None,
        not_before=None,
        claimed_by=None,
    )


def discard(number: int, reason: str, words: str, now: datetime) -> bool:
    """Discard a quarantined mail for good, in the caller's transaction; False when it is not quarantined (any more)."""
    changes = {"disposition": Disposition.DISCARDED.value, "reason": reason, "detail": words, "done_at": now}
    return _change(number, _is_quarantined(), **changes)


def _change(number: int, condition: Any, /, **changes: object) -> bool:
    return bool(InboxRow.update(**changes).where((InboxRow.id == number) & condition).execute())


def disposition_of(number: int) -> str:
    """What a mail is by now: its disposition, `waiting` while it is to be handled; "" without such a mail."""
    row = InboxRow.get_or_none(InboxRow.id == number)
    return "" if row is None else str(row.disposition if row.state == "done" else Disposition.WAITING)


def state_of(number: int) -> str:
    """Where a mail is, in words: `waiting to be handled`, or disposition and reason; "" without such a mail."""
    row = InboxRow.get_or_none(InboxRow.id == number)
    if row is None:
        return ""
    return f"{row.disposition} ({row.reason})" if row.state == "done" else "waiting to be handled"
