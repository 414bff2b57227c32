"""The inbox: the durable queue of received mail, with the disposition of each."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from peewee import fn

from mailbot.errors import MailbotError
from mailbot.model.evidence import Evidence, Result
from mailbot.model.queued_mail import Arrival, Disposition, Envelope, InboxItem
from mailbot.records.database import Store
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import InboxRow


class AlreadyHandled(MailbotError):
    """The mail is done: another process has handled it since it was claimed."""


def accept(store: Store, arrivals: Sequence[Arrival], *, authenticate: bool = False) -> list[int]:
    """Store `arrivals` in one transaction; returns their ids.  Raises like `Store.queue_transaction`.

    `authenticate`: whether their senders are authenticated before anything else is done.
    """
    with store.queue_transaction():
        return [_insert(arrival, "arrived" if authenticate else "waiting") for arrival in arrivals]


def _insert(arrival: Arrival, state: str) -> int:
    row = InboxRow.create(
        received_at=arrival.received_at,
        source=arrival.source,
        sender=arrival.envelope.sender,
        recipients=list(arrival.envelope.recipients),
        smtputf8=arrival.envelope.smtputf8,
        evidence=asdict(arrival.evidence),
        content=arrival.raw,
        state=state,
    )
    return int(row.id)


def unauthenticated(store: Store, now: datetime, limit: int, excluded: Collection[int]) -> list[InboxItem]:
    """The oldest mails whose senders are to be authenticated and that are due, but those with the ids `excluded`.

    They are not claimed: authenticating a mail twice does no harm.
    """
    with store.reading():
        arrived = (InboxRow.state == "arrived") & _is_due(now) & InboxRow.id.not_in(list(excluded))
        return [_item(row) for row in InboxRow.select().where(arrived).order_by(InboxRow.id).limit(limit)]


def authenticated(store: Store, item_id: int, evidence: Evidence) -> None:
    """The sender of a mail is authenticated, with this evidence: the mail waits for its decision."""
    with store.queue_transaction():
        changes = {"evidence": asdict(evidence), "state": "waiting", "not_before": None}
        InboxRow.update(**changes).where(_has_arrived(item_id)).execute()


def _has_arrived(item_id: int) -> Any:
    return (InboxRow.id == item_id) & (InboxRow.state == "arrived")


def _is_due(now: datetime) -> Any:
    return InboxRow.not_before.is_null() | (InboxRow.not_before <= now)


def claim(store: Store, now: datetime) -> InboxItem | None:
    """Claim the oldest waiting mail that no live process has claimed, or None; the attempt is counted and committed."""
    with store.queue_transaction():
        free = InboxRow.claimed_by.is_null() | _not_claimed_by_others(store)
        waiting = InboxRow.select().where((InboxRow.state == "waiting") & _is_due(now) & free).order_by(InboxRow.id)
        row = store.skip_locked(waiting.limit(1)).first()
        if row is None:
            return None
        row.attempts += 1
        row.claimed_by = store.owner
        row.save(only=[InboxRow.attempts, InboxRow.claimed_by])
        return _item(row)


def _not_claimed_by_others(store: Store) -> Any:
    """Claimed by this process, or by an owner that is no longer live (also this process before it reconnected)."""
    return InboxRow.claimed_by.not_in([owner for owner in store.live_owners() if owner != store.owner])


def require_waiting(item_id: int) -> None:
    """In the transaction that handles a mail.  Raises AlreadyHandled when the mail is done."""
    waits = (InboxRow.id == item_id) & (InboxRow.state == "waiting")
    if not InboxRow.select().where(waits).exists():
        raise AlreadyHandled("The mail was handled already.", f"mail #{item_id} was handled by another process")


def release(store: Store, item_id: int) -> None:
    """Release a claim without counting the attempt: it failed because the store was unavailable."""
    _unclaim(store, item_id)


def postpone(store: Store, item_id: int, until: datetime) -> None:
    """Release a claim without counting the attempt; the mail is not claimed, or authenticated, before `until`."""
    with store.queue_transaction():
        _unclaim(store, item_id, not_before=until)
        InboxRow.update(not_before=until).where(_has_arrived(item_id)).execute()


def _unclaim(store: Store, item_id: int, **changes: object) -> None:
    with store.queue_transaction():
        mine = (InboxRow.id == item_id) & (InboxRow.state == "waiting") & _not_claimed_by_others(store)
        InboxRow.update(attempts=InboxRow.attempts - 1, claimed_by=None, **changes).where(mine).execute()


def update_evidence(item_id: int, evidence: Evidence) -> None:
    """Store the results of SPF, DKIM and DMARC, in the caller's transaction."""
    InboxRow.update(evidence=asdict(evidence)).where(InboxRow.id == item_id).execute()


def get(item_id: int) -> InboxItem | None:
    """The mail with this id, or None."""
    row = InboxRow.get_or_none(InboxRow.id == item_id)
    return _item(row) if row is not None else None


def finish(
    item_id: int,
    disposition: Disposition,
    reason: str,
    now: datetime,
    *,
    application_id: int | None = None,
    dedupe_key: str = "",
    detail: str = "",
    reading: dict[str, Any] | None = None,
) -> None:
    """Mark the mail as done, in the transaction of its effects.

    `dedupe_key`: see `first_with_dedupe_key`; `detail`: a traceback; `reading`: how the form or command was read, JSON.
    """
    InboxRow.update(
        state="done",
        claimed_by=None,
        disposition=disposition.value,
        reason=reason,
        detail=detail,
        done_at=now,
        application_id=application_id,
        dedupe_key=dedupe_key,
        reading=reading,
    ).where(InboxRow.id == item_id).execute()


def replace_content(item_id: int, raw: bytes) -> None:
    """Store `raw` in place of the received octets, which contained a password that must not be stored."""
    InboxRow.update(content=raw).where(InboxRow.id == item_id).execute()


def readings(since: datetime) -> Iterator[tuple[InboxItem, dict[str, Any]]]:
    """Mails since an instant that have a reading, each with it, oldest first; loaded one at a time."""
    wanted = (InboxRow.received_at >= since) & InboxRow.reading.is_null(is_null=False)
    ids = [row.id for row in InboxRow.select(InboxRow.id).where(wanted).order_by(InboxRow.id)]
    for item_id in ids:
        row = InboxRow.get_by_id(item_id)
        yield _item(row), row.reading


def first_with_dedupe_key(dedupe_key: str, before_id: int) -> int | None:
    """The id of the first other mail with the same key, or None; None for the key ""."""
    if not dedupe_key:
        return None
    found = (
        InboxRow.select(InboxRow.id)
        .where((InboxRow.dedupe_key == dedupe_key) & (InboxRow.id != before_id))
        .order_by(InboxRow.id)
        .first()
    )
    return int(found.id) if found is not None else None


def counts() -> dict[str, int]:
    """Disposition → number of mails; "waiting" for those that are not done."""
    count = fn.COUNT(InboxRow.id)
    rows: Any = InboxRow.select(InboxRow.disposition, count).group_by(InboxRow.disposition).tuples()
    return {"waiting": 0} | {str(disposition or "waiting"): int(number) for disposition, number in rows}


def ids_not_logged() -> list[int]:
    """Ids of mails that are done but have no row in the mail log; [] in a consistent store."""
    logged = MailLogRow.select().where((MailLogRow.direction == "in") & (MailLogRow.inbox_id == InboxRow.id))
    rows = InboxRow.select(InboxRow.id).where((InboxRow.state == "done") & ~fn.EXISTS(logged)).order_by(InboxRow.id)
    return [int(row.id) for row in rows]


def _item(row: Any) -> InboxItem:
    evidence = dict(row.evidence)
    for name in ("aligned", "spf", "dmarc"):
        evidence[name] = Result(evidence.get(name, Result.NONE))
    for name in ("details", "signed_by"):
        evidence[name] = tuple(evidence.get(name, ()))
    return InboxItem(
        id=row.id,
        envelope=Envelope(row.sender, tuple(row.recipients), bool(row.smtputf8)),
        raw=bytes(row.content),
        evidence=Evidence(**evidence),
        received_at=row.received_at,
        attempts=row.attempts,
        source=row.source,
    )
