"""The prepared statements of `inbox`."""

from datetime import datetime
from typing import Any

from peewee import fn

from mailbot.model.queued_mail import RELEASABLE, Disposition
from mailbot.records.database.prepared import Prepared, PreparedInsert
from mailbot.records.schema.queue_tables import InboxRow

_WITHOUT_EFFECT = [*(one.value for one in RELEASABLE), Disposition.DISCARDED.value]


def _is_due(now: datetime) -> Any:
    return InboxRow.not_before.is_null() | (InboxRow.not_before <= now)


def waiting(now: Any, owners: Any) -> Any:
    """What can be claimed, oldest first; `owners`: other live ones, whose claims hold."""
    free = InboxRow.claimed_by.is_null() | InboxRow.claimed_by.not_in(owners)
    return InboxRow.select().where((InboxRow.state == "waiting") & _is_due(now) & free).order_by(InboxRow.id).limit(1)


def has_arrived(number: Any) -> Any:
    """The mail of this number, while its sender is not authenticated."""
    return (InboxRow.id == number) & (InboxRow.state == "arrived")


INSERT = PreparedInsert(InboxRow, ignores_conflicts=True)  # another process may have been first
LAST = Prepared(lambda: InboxRow.select(fn.MAX(InboxRow.id).alias("last")))
OLDEST = Prepared(waiting, lists=("owners",), skips_locked=True)
CLAIM = Prepared(
    lambda number, owner: InboxRow.update(attempts=InboxRow.attempts + 1, claimed_by=owner).where(InboxRow.id == number)
)
IS_WAITING = Prepared(
    lambda number: InboxRow.select(InboxRow.id).where((InboxRow.id == number) & (InboxRow.state == "waiting"))
)
ARRIVED = Prepared(
    lambda now, excluded, limit: (
        InboxRow.select()
        .where((InboxRow.state == "arrived") & _is_due(now) & InboxRow.id.not_in(excluded))
        .order_by(InboxRow.id)
        .limit(limit)
    ),
    lists=("excluded",),
)
AUTHENTICATED = Prepared(
    lambda number, evidence, account: InboxRow.update(
        evidence=evidence, account=account, state="waiting", not_before=None
    ).where(has_arrived(number))
)
FINISH = Prepared(
    lambda number, disposition, reason, detail, done_at, application_id, dedupe_key, reading: InboxRow.update(
        state="done",
        claimed_by=None,
        disposition=disposition,
        reason=reason,
        detail=detail,
        done_at=done_at,
        application_id=application_id,
        dedupe_key=dedupe_key,
        reading=reading,
    ).where(InboxRow.id == number)
)
FIRST_WITH_KEY = Prepared(
    lambda keys, number: (
        InboxRow.select(InboxRow.id)
        .where(
            InboxRow.dedupe_key.in_(keys)
            & (InboxRow.id != number)
            & ~(InboxRow.disposition.in_(_WITHOUT_EFFECT) | (InboxRow.reason == "duplicate"))
        )
        .order_by(InboxRow.id)
        .limit(1)
    ),
    lists=("keys",),
)
