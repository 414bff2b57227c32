"""The inbox: how far each received mail is, with its disposition.  The mail itself is in the intake store.

No change here need be durable by itself: the mail is, since it was accepted, and is handled again if a change is lost.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from peewee import Case, fn

from mailbot.errors import MailbotError, Temporary
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Disposition, Envelope, InboxItem
from mailbot.records.database import Store
from mailbot.records.queues import inbox_statements as statements
from mailbot.records.queues import received, sender_costs
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import InboxRow

MOST_TRANSFERRED = 200  # in one transaction
EXPLAINED = 0  # the number of a mail that is explained; a received mail has one from 1 on


class AlreadyHandled(MailbotError):
    """The mail is done: another process has handled it since it was claimed."""


def transfer(store: Store, *, authenticate: bool) -> int:
    """Insert the mails that were received since the last transfer, at most MOST_TRANSFERRED; returns how many.

    Their numbers are the unique key: whatever process ends at whatever instant, each mail is inserted once.
    `authenticate`: whether their senders are authenticated before anything else is done.
    """
    rows = not_transferred(store)
    if rows:
        with store.queue_transaction(durable=False):
            _insert(rows, "arrived" if authenticate else "waiting")
    return len(rows)


def not_transferred(store: Store) -> list[Any]:
    """The rows of mails that were received since the last transfer, at most MOST_TRANSFERRED."""
    return received.above(store, _last(store), MOST_TRANSFERRED)


def _insert(rows: Sequence[Any], state: str) -> None:
    values = [
        {
            "id": row.id,
            "received_at": row.received_at,
            "source": row.source,
            "sender": row.sender,
            "recipients": row.recipients,
            "smtputf8": row.smtputf8,
            "evidence": row.evidence,
            "account": row.sender,
            "state": state,
        }
        for row in rows
    ]
    statements.INSERT.run(values)


def _last(store: Store) -> int:
    with store.reading():
        return int(statements.LAST.value() or 0)


def count_not_transferred(store: Store) -> tuple[int, datetime | None]:
    """How many received mails are not in the inbox yet, and when the first of them was received."""
    return received.waiting_since(store, _last(store))


def next_to_transfer(store: Store) -> int:
    """The number of the mail that is transferred next, when there is one."""
    return _last(store) + 1


def insert_explained(item: InboxItem) -> None:
    """Insert a mail that was not received, in a transaction that is rolled back."""
    InboxRow.create(
        id=item.id,
        received_at=item.received_at,
        source=item.source,
        sender=item.envelope.sender,
        recipients=list(item.envelope.recipients),
        smtputf8=item.envelope.smtputf8,
        evidence=asdict(item.evidence),
        state="waiting",
    )


def unauthenticated(store: Store, now: datetime, limit: int, excluded: Collection[int]) -> list[InboxItem]:
    """The oldest mails whose senders are to be authenticated and that are due, but those with the ids `excluded`.

    They are not claimed: authenticating a mail twice does no harm.
    """
    with store.reading():
        rows = statements.ARRIVED.rows(now=now, excluded=list(excluded), limit=limit)
    return [_item(store, row) for row in rows]


def authenticated(store: Store, item: InboxItem) -> None:
    """The sender of a mail is authenticated, with its evidence and account: the mail waits for its decision."""
    with store.queue_transaction(durable=False):
        statements.AUTHENTICATED.run(number=item.id, evidence=asdict(item.evidence), account=item.account)


def claim(
    store: Store, now: datetime, cost: sender_costs.Cost | None = None, transferred: Sequence[Any] = ()
) -> InboxItem | None:
    """Claim the oldest waiting mail that no live process has claimed, or None; the attempt is counted and committed.

    Senders whose mails have cost much CPU time lately come after all others; the mails of each one keep their order.
    `cost`: of the mail that was claimed before, which is charged in the same transaction.  `transferred`: mails of
    `not_transferred`, which are inserted in it; their senders are not authenticated.
    """
    with store.queue_transaction(durable=False):
        if transferred:
            _insert(transferred, "waiting")
        if cost is not None:
            sender_costs.charge(cost, now)
        behind = sender_costs.behind(now)
        row = _next(store, now, list(behind))
        if row is None:
            return None
        statements.CLAIM.run(number=row.id, owner=store.owner)
    try:
        return replace(_item(store, row), attempts=row.attempts + 1, over_budget_until=behind.get(row.account))
    except Temporary:  # of the intake store
        release(store, row.id)
        raise


def _next(store: Store, now: datetime, behind: list[str]) -> Any:
    """The oldest mail of an account that is not `behind`, else of the first one there that has any; None for none."""
    others = _other_owners(store)
    if not behind:
        return statements.OLDEST.first(now=now, owners=others)
    waiting = statements.waiting(now, others)
    rank = Case(InboxRow.account, [(account, place) for place, account in enumerate(behind)])
    ahead = store.skip_locked(waiting.where(InboxRow.account.not_in(behind))).first()
    return ahead or store.skip_locked(waiting.order_by(rank, InboxRow.id)).first()


def _other_owners(store: Store) -> list[int]:
    """Whose claims hold: not those of this process, nor of one that is no longer live (also this one before it
    reconnected)."""
    return [owner for owner in store.live_owners() if owner != store.owner]


def require_waiting(item_id: int) -> None:
    """In the transaction that handles a mail.  Raises AlreadyHandled when the mail is done."""
    if statements.IS_WAITING.first(number=item_id) is None:
        raise AlreadyHandled("The mail was handled already.", f"mail #{item_id} was handled by another process")


def release(store: Store, item_id: int) -> None:
    """Release a claim without counting the attempt: it failed because the store was unavailable."""
    _unclaim(store, item_id)


def postpone(store: Store, item_id: int, until: datetime) -> None:
    """Release a claim without counting the attempt; the mail is not claimed, or authenticated, before `until`."""
    with store.queue_transaction(durable=False):
        _unclaim(store, item_id, not_before=until)
        InboxRow.update(not_before=until).where(statements.has_arrived(item_id)).execute()


def _unclaim(store: Store, item_id: int, **changes: object) -> None:
    with store.queue_transaction(durable=False):
        not_of_others = InboxRow.claimed_by.not_in(_other_owners(store))
        mine = (InboxRow.id == item_id) & (InboxRow.state == "waiting") & not_of_others
        InboxRow.update(attempts=InboxRow.attempts - 1, claimed_by=None, **changes).where(mine).execute()


def update_evidence(item_id: int, evidence: Evidence) -> None:
    """Store the results of SPF, DKIM and DMARC, in the caller's transaction."""
    InboxRow.update(evidence=asdict(evidence)).where(InboxRow.id == item_id).execute()


def get(store: Store, item_id: int) -> InboxItem | None:
    """The mail with this id, or None."""
    row = InboxRow.get_or_none(InboxRow.id == item_id)
    return _item(store, row) if row is not None else None


def evidence_of(item_id: int) -> Evidence | None:
    """The evidence of the mail with this id, or None."""
    row = InboxRow.select(InboxRow.evidence).where(InboxRow.id == item_id).first()
    return received.as_evidence(row.evidence) if row is not None else None


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
    statements.FINISH.run(
        number=item_id,
        disposition=disposition.value,
        reason=reason,
        detail=detail,
        done_at=now,
        application_id=application_id,
        dedupe_key=dedupe_key,
        reading=reading,
    )


def readings(store: Store, since: datetime) -> Iterator[tuple[InboxItem, dict[str, Any]]]:
    """Mails since an instant that have a reading, each with it, oldest first; loaded one at a time."""
    wanted = (InboxRow.received_at >= since) & InboxRow.reading.is_null(is_null=False)
    ids = [row.id for row in InboxRow.select(InboxRow.id).where(wanted).order_by(InboxRow.id)]
    for item_id in ids:
        row = InboxRow.get_by_id(item_id)
        yield _item(store, row), row.reading


def first_with_dedupe_key(dedupe_keys: Collection[str], before_id: int) -> int | None:
    """The id of the first other mail with one of these keys that had an effect or an answer, or None.

    A mail that is quarantined, or was itself a duplicate, does not count: its repeat is read as if it were the first.
    """
    found = statements.FIRST_WITH_KEY.value(keys=[key for key in dedupe_keys if key], number=before_id)
    return int(found) if found is not None else None


def done_before(before: datetime, ids: Collection[int]) -> list[int]:
    """Those of `ids` whose mail was done before an instant."""
    done = (InboxRow.state == "done") & (InboxRow.done_at < before) & InboxRow.id.in_(list(ids))
    return [row.id for row in InboxRow.select(InboxRow.id).where(done)]


def counts() -> dict[str, int]:
    """Disposition → number of mails; "waiting" for those that are not done."""
    count = fn.COUNT(InboxRow.id)
    rows: Any = InboxRow.select(InboxRow.disposition, count).group_by(InboxRow.disposition).tuples()
    return {"waiting": 0} | {str(disposition or "waiting"): int(number) for disposition, number in rows}


def ids_not_received(store: Store) -> list[int]:
    """Ids of mails that the intake store lacks; [] in a consistent store."""
    ids = [row.id for row in InboxRow.select(InboxRow.id).order_by(InboxRow.id)]
    return sorted(set(ids) - received.numbers(store))


def ids_not_logged() -> list[int]:
    """Ids of mails that are done but have no row in the mail log; [] in a consistent store."""
    logged = MailLogRow.select().where((MailLogRow.direction == "in") & (MailLogRow.inbox_id == InboxRow.id))
    rows = InboxRow.select(InboxRow.id).where((InboxRow.state == "done") & ~fn.EXISTS(logged)).order_by(InboxRow.id)
    return [int(row.id) for row in rows]


def _item(store: Store, row: Any) -> InboxItem:
    return InboxItem(
        id=row.id,
        envelope=Envelope(row.sender, tuple(row.recipients), bool(row.smtputf8)),
        raw=received.content(store, row.id),
        evidence=received.as_evidence(row.evidence),
        received_at=row.received_at,
        attempts=row.attempts,
        source=row.source,
        account=row.account,
    )
