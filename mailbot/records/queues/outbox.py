"""The outbox: the durable queue of notices, with every delivery attempt and the server's reply."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from peewee import chunked, fn

from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import DeliveryResult, OutboxItem, OutboxState, OutgoingMail, SentNotice
from mailbot.model.standing import Standing
from mailbot.records.database import Store
from mailbot.records.database.prepared import LONGEST_LIST
from mailbot.records.queues import outbox_statements as statements
from mailbot.records.schema.queue_tables import DeliveryRow, InboxRow, OutboxRow
from mailbot.records.schema.sealed_columns import UNREADABLE
from mailbot.text import fold_address

NOT_DECRYPTED = "the notice cannot be decrypted; put back the key file (store.token_key_file), then retry it"
_RETRIED = [OutboxState.UNWRITTEN.value, OutboxState.WAITING.value, OutboxState.FAILED.value]
_UNDELIVERED = [OutboxState.UNWRITTEN.value, OutboxState.WAITING.value, OutboxState.SENDING.value]


def claim(store: Store, now: datetime, limit: int, busy: Collection[str] = ()) -> list[OutboxItem]:
    """Up to `limit` notices that are due, oldest first, one for each recipient; an attempt is recorded for each.

    `busy`: folded addresses of recipients who are being written to.  So the notices to a recipient keep their order.
    They are without their `text`.  One that cannot be decrypted has failed.
    """
    claimed: dict[str, Any] = {}  # by the recipient
    with store.queue_transaction():
        while len(claimed) < limit:
            served = [*busy, *claimed]
            most = limit - len(claimed)
            rows = statements.DUE.rows(now=now, served=served, most=most)
            for row in rows:
                if row.content == UNREADABLE:
                    _fail(row.id, NOT_DECRYPTED, now, permanent=False)
                else:
                    claimed.setdefault(row.recipient_key, row)
            if len(rows) < most:
                break
        return _sending(store, list(claimed.values()), now)


def _sending(store: Store, rows: Sequence[Any], now: datetime) -> list[OutboxItem]:
    """Claim the notices of `rows`, and record an attempt for each."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    statements.CLAIM.run(numbers=ids, owner=store.owner, now=now)
    statements.BEGIN_ATTEMPTS.run([{"outbox": number, "started_at": now} for number in ids])
    return [replace(_item(row), state=OutboxState.SENDING, attempts=row.attempts + 1) for row in rows]


def record_result(item_id: int, result: DeliveryResult, now: datetime, retry_at: datetime | None) -> None:
    """Record the end of an attempt: the notice is sent, waits until `retry_at`, or has failed (no `retry_at`).

    In the caller's transaction.
    """
    state = OutboxState.SENT if result.accepted else OutboxState.WAITING if retry_at else OutboxState.FAILED
    due = retry_at if state is OutboxState.WAITING else None
    statements.SET_STATE.run(number=item_id, state=state.value, due=due)
    statements.END_ATTEMPT.run(
        number=item_id,
        now=now,
        accepted=result.accepted,
        permanent=result.permanent,
        code=result.code,
        reply=result.reply,
    )


def stalled(store: Store, now: datetime) -> list[OutboxItem]:
    """Notices that an ended process claimed `Store.takeover_delay` ago or earlier for delivery, oldest first.

    The relay may have accepted such a notice before the reply was recorded (RFC 1047).
    """
    with store.reading():
        ownerless = OutboxRow.claimed_by.is_null() | OutboxRow.claimed_by.not_in(list(store.live_owners()))
        long_ago = OutboxRow.claimed_at.is_null() | (OutboxRow.claimed_at <= now - store.takeover_delay)
        rows = OutboxRow.select().where((OutboxRow.state == OutboxState.SENDING.value) & ownerless & long_ago)
        return [_item(row) for row in rows.order_by(OutboxRow.id)]


def requeue(store: Store, item: OutboxItem, now: datetime) -> bool:
    """Put a stalled notice back into the queue; False when another process has done so.

    It may be delivered twice, with the same octets and the same Message-ID.
    """
    with store.queue_transaction():
        same = (OutboxRow.id == item.id) & (OutboxRow.attempts == item.attempts)
        sending = OutboxRow.state == OutboxState.SENDING.value
        update = OutboxRow.update(state=OutboxState.WAITING.value, next_attempt_at=now, claimed_by=None)
        return bool(update.where(same & sending).execute())


def record_bounce(item_id: int, report: str, at: datetime) -> None:
    """Mark a notice as failed because of a delivery report (RFC 3464) for it, in the caller's transaction."""
    _fail(item_id, report, at, permanent=True)


def fail_undelivered(words: str, at: datetime) -> int:
    """Mark every waiting or sending notice as failed with the reason `words`, in the caller's transaction.

    Returns how many; `retry` sends them.
    """
    ids = [row.id for row in OutboxRow.select(OutboxRow.id).where(OutboxRow.state.in_(_UNDELIVERED))]
    for item_id in ids:
        _fail(item_id, words, at, permanent=False)
    return len(ids)


def stop(item_id: int, words: str, at: datetime) -> bool:
    """Do not deliver a notice that waits or has failed, in the caller's transaction; `words`: by whom and why.

    False when it neither waits nor has failed (any more): an attempt under way may be accepted at any moment.
    """
    where = (OutboxRow.id == item_id) & OutboxRow.state.in_(_RETRIED)
    changes = {"state": OutboxState.STOPPED.value, "next_attempt_at": None}
    if not OutboxRow.update(**changes).where(where).execute():
        return False
    DeliveryRow.create(outbox=item_id, started_at=at, ended_at=at, accepted=False, permanent=False, reply=words)
    return True


def _fail(item_id: int, reply: str, at: datetime, *, permanent: bool) -> None:
    DeliveryRow.create(outbox=item_id, started_at=at, ended_at=at, accepted=False, permanent=permanent, reply=reply)
    statements.SET_STATE.run(number=item_id, state=OutboxState.FAILED.value, due=None)


def of_application(application_id: int) -> list[OutboxItem]:
    """Every notice about an application, oldest first."""
    rows = OutboxRow.select().where(OutboxRow.application_id == application_id).order_by(OutboxRow.id)
    return [_item(row) for row in rows]


def sent_about(application_id: int, roles: Collection[Role] = tuple(Role)) -> list[SentNotice]:
    """The notices about an application to people of some roles, oldest first, without what they say."""
    columns = (OutboxRow.created_at, OutboxRow.kind, OutboxRow.role, OutboxRow.recipient, OutboxRow.subject)
    rows = OutboxRow.select(*columns, OutboxRow.state).where(
        (OutboxRow.application_id == application_id) & OutboxRow.role.in_([role.value for role in roles])
    )
    return [
        SentNotice(r.created_at, NoticeKind(r.kind), Role(r.role), r.recipient, r.subject, OutboxState(r.state))
        for r in rows.order_by(OutboxRow.id)
    ]


def undelivered_ids(kind: NoticeKind) -> set[int]:
    """Ids of the applications with queued notices of that kind, none of which the relay has accepted yet."""
    of_kind = OutboxRow.kind == kind.value
    waiting = OutboxRow.select(OutboxRow.application_id).where(of_kind & OutboxRow.state.in_(_UNDELIVERED))
    found = {int(row.application_id) for row in waiting if row.application_id is not None}
    return {application_id for application_id in found if not was_delivered(application_id, kind)}


def was_delivered(application_id: int, kind: NoticeKind) -> bool:
    """Whether the relay has accepted a notice of that kind about the application, for any recipient.

    Only the newest ones count, which were queued together: those of an approval that was taken back do not.
    """
    return statements.SENT_OF_NEWEST.first(application=application_id, kind=kind.value) is not None


def retry(store: Store, item_id: int | None, now: datetime) -> int:
    """Try a notice that failed or waits (or all of them) at once; returns how many.

    One that an operator has stopped, by its id alone, and while it has its content.  One whose words were never written
    is written first.
    """
    chosen = OutboxRow.state.in_(_RETRIED if item_id is None else [*_RETRIED, OutboxState.STOPPED.value])
    with store.transaction():
        written, has_content = OutboxRow.notice.is_null(), OutboxRow.content != b""
        count = 0
        for which, state in ((written & has_content, OutboxState.WAITING), (~written, OutboxState.UNWRITTEN)):
            where = which & chosen if item_id is None else which & chosen & (OutboxRow.id == item_id)
            count += int(OutboxRow.update(state=state.value, next_attempt_at=now).where(where).execute())
        return count


def get(item_id: int) -> OutboxItem | None:
    """The notice with this id, or None."""
    row = OutboxRow.get_or_none(OutboxRow.id == item_id)
    return _item(row) if row is not None else None


def listing(state: OutboxState | None = None, limit: int | None = None) -> list[OutboxItem]:
    """All notices, or those in `state`, oldest first; the latest `limit` of them."""
    query = OutboxRow.select().order_by(OutboxRow.id.desc()).limit(limit)
    rows = list(query if state is None else query.where(OutboxRow.state == state.value))
    return [_item(row) for row in rows[::-1]]


def by_envelope_sender(address: str) -> OutboxItem | None:
    """The notice whose Return-Path is `address` (folded: lower case), or None."""
    row = OutboxRow.get_or_none(OutboxRow.envelope_sender == address)
    return _item(row) if row is not None else None


def by_message_id(message_id: str) -> OutboxItem | None:
    """The notice with a Message-ID, without the octets of its mail, or None."""
    row = statements.BY_MESSAGE_ID.first(message_id=message_id)
    return _item(row) if row is not None else None


def texts_sent_to(email: str, before: datetime, limit: int = 30) -> list[str]:
    """The text parts of the latest notices to an address until `before`, newest first: what its replies may quote."""
    return [row.text for row in statements.TEXTS_SENT.rows(recipient=fold_address(email), before=before, most=limit)]


Threads = dict[tuple[int, str], list[str]]  # (application id, folded address) → Message-IDs


def threads(application_ids: Collection[int]) -> Threads:
    """The Message-IDs of the notices about each of some applications to each address, oldest first (for References)."""
    found = defaultdict[tuple[int, str], list[str]](list)
    for some in chunked(application_ids, LONGEST_LIST):
        for row in statements.THREADS.rows(applications=some):
            found[row.application_id, row.recipient_key].append(row.message_id)
    return found


def count_sent(
    email: str, since: datetime, kinds: Sequence[NoticeKind], standings: Collection[Standing] = tuple(Standing)
) -> int:
    """The number of notices of `kinds` queued for an address since an instant, because of mails with `standings`."""
    return int(
        OutboxRow.select()
        .where(
            (OutboxRow.recipient_key == fold_address(email))
            & (OutboxRow.created_at >= since)
            & OutboxRow.kind.in_([kind.value for kind in kinds])
            & OutboxRow.standing.in_([standing.value for standing in standings])
        )
        .count()
    )


def count_answers(
    email: str, since: datetime, reasons: Collection[str], standings: Collection[Standing] = tuple(Standing)
) -> int:
    """The number of mails with one of `reasons` and `standings` that were answered to an address since an instant."""
    query = OutboxRow.select(fn.COUNT(fn.DISTINCT(OutboxRow.caused_by)))
    query = query.join(InboxRow, on=(OutboxRow.caused_by == InboxRow.id))
    mine = (OutboxRow.recipient_key == fold_address(email)) & (OutboxRow.created_at >= since)
    mine &= OutboxRow.standing.in_([standing.value for standing in standings])
    return int(query.where(mine & InboxRow.reason.in_(list(reasons))).scalar() or 0)


def items(rows: Sequence[Any]) -> list[OutboxItem]:
    """The values of rows of the table."""
    return [_item(row) for row in rows]


def _item(row: Any) -> OutboxItem:
    mail = OutgoingMail(
        message_id=row.message_id,
        kind=NoticeKind(row.kind),
        role=Role(row.role),
        recipient=row.recipient,
        envelope_sender=row.envelope_sender,
        raw=row.content or b"",  # not read for a list, or by its Message-ID
        subject=row.subject,
        text=row.text or "",  # not read for a delivery
        application_id=row.application_id,
        caused_by=row.caused_by,
    )
    return OutboxItem(row.id, mail, OutboxState(row.state), row.attempts, row.created_at, row.next_attempt_at)
