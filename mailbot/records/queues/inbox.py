"""The durable way in: what the door has accepted, and what became of it."""

from collections.abc import Iterator, Sequence
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
    """Another process has handled the mail meanwhile."""


def accept(store: Store, arrivals: Sequence[Arrival]) -> list[int]:
    """Keep `arrivals` in one transaction; returns their numbers.  Raises Temporary when the store cannot."""
    with store.queue_transaction():
        return [_insert(arrival) for arrival in arrivals]


def _insert(arrival: Arrival) -> int:
    row = InboxRow.create(
        received_at=arrival.received_at,
        source=arrival.source,
        sender=arrival.envelope.sender,
        recipients=list(arrival.envelope.recipients),
        smtputf8=arrival.envelope.smtputf8,
        evidence=asdict(arrival.evidence),
        content=arrival.raw,
        state="waiting",
    )
    return int(row.id)


def claim(store: Store, now: datetime) -> InboxItem | None:
    """The oldest mail that waits and that nobody else has in hand, its attempt counted and committed; or None."""
    with store.queue_transaction():
        due = InboxRow.not_before.is_null() | (InboxRow.not_before <= now)
        free = InboxRow.claimed_by.is_null() | _not_claimed_by_others(store)
        waiting = InboxRow.select().where((InboxRow.state == "waiting") & due & free).order_by(InboxRow.id)
        row = store.skip_locked(waiting.limit(1)).first()
        if row is None:
            return None
        row.attempts += 1
        row.claimed_by = store.owner
        row.save(only=[InboxRow.attempts, InboxRow.claimed_by])
        return _item(row)


def _not_claimed_by_others(store: Store) -> Any:
    """Claimed by this process, or by one that has ended (this one itself, when its connection was made anew)."""
    return InboxRow.claimed_by.not_in([owner for owner in store.live_owners() if owner != store.owner])


def require_waiting(item_id: int) -> None:
    """In the transaction that handles a mail: raises Finished when it was handled already."""
    waits = (InboxRow.id == item_id) & (InboxRow.state == "waiting")
    if not InboxRow.select().where(waits).exists():
        raise AlreadyHandled("The mail was handled already.", f"mail #{item_id} was handled by another process")


def release(store: Store, item_id: int) -> None:
    """Take back the attempt of a claim: the store was away, the mail is not to blame."""
    _unclaim(store, item_id)


def postpone(store: Store, item_id: int, until: datetime) -> None:
    """Look at a mail again later, without counting this attempt; those behind it go on."""
    _unclaim(store, item_id, not_before=until)


def _unclaim(store: Store, item_id: int, **changes: object) -> None:
    with store.queue_transaction():
        mine = (InboxRow.id == item_id) & (InboxRow.state == "waiting") & _not_claimed_by_others(store)
        InboxRow.update(attempts=InboxRow.attempts - 1, claimed_by=None, **changes).where(mine).execute()


def update_evidence(item_id: int, evidence: Evidence) -> None:
    """What was found out about a mail's sender, in the caller's transaction."""
    InboxRow.update(evidence=asdict(evidence)).where(InboxRow.id == item_id).execute()


def get(item_id: int) -> InboxItem | None:
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
    """The mail is done with, in the transaction of what was done.  `reading`: how a person's words were read."""
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
    """Keep `raw` in place of what came: it brought a secret that is nobody's to keep."""
    InboxRow.update(content=raw).where(InboxRow.id == item_id).execute()


def readings(since: datetime) -> Iterator[tuple[InboxItem, dict[str, Any]]]:
    """The mails since an instant whose words were read, with how; oldest first, one at a time."""
    wanted = (InboxRow.received_at >= since) & InboxRow.reading.is_null(is_null=False)
    ids = [row.id for row in InboxRow.select(InboxRow.id).where(wanted).order_by(InboxRow.id)]
    for number in ids:
        row = InboxRow.get_by_id(number)
        yield _item(row), row.reading


def first_with_dedupe_key(dedupe_key: str, before_id: int) -> int | None:
    """The first of the other mails with the same key that was handled already, or None.  "" is no key."""
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
    """How many mails wait, and how many ended with each disposition."""
    count = fn.COUNT(InboxRow.id)
    rows: Any = InboxRow.select(InboxRow.disposition, count).group_by(InboxRow.disposition).tuples()
    return {"waiting": 0} | {str(disposition or "waiting"): int(number) for disposition, number in rows}


def ids_not_logged() -> list[int]:
    """Mails that are done but have no row in the mail log; there must be none."""
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
