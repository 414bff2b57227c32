"""Deletion of raw mail by age.  Issued passwords are deleted after their view period (records.secrets.vault)."""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from peewee import fn

from mailbot.model.queued_mail import OutboxState
from mailbot.records.database import Store
from mailbot.records.queues import inbox, read_lines, received
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow

_AT_ONCE = 100  # mails or notices in one transaction: no new mail waits for long


class Deleted(NamedTuple):
    """How many mails and notices were emptied, and whether none is left."""

    emptied: int
    is_all: bool


def delete_raw_mail(store: Store, now: datetime, days: int) -> int:
    """Empty the content of mail that was processed, sent or stopped more than `days` days ago; not in a transaction.

    Rows, decoded texts of notices and log stay; how a mail and each of its lines was read is deleted.  Waiting and
    failed mail keeps its content; a notice that was stopped cannot be sent any more.  Returns how many were emptied.
    Raises like `Store.transaction`.
    """
    return delete_some_raw_mail(store, now, days, sys.maxsize).emptied


def delete_some_raw_mail(store: Store, now: datetime, days: int, most: int) -> Deleted:
    """Like `delete_raw_mail`, until `most` rows or a few more are changed."""
    before, emptied, changed = now - timedelta(days=days), 0, 0
    steps: tuple[tuple[Iterator[int], bool], ...] = (
        (_empty_notices(store, before), True),
        (_delete_readings(store, before), False),
        (_delete_received(store, before), True),
    )
    try:
        for step, is_counted in steps:
            for rows in step:
                changed += rows
                emptied += rows if is_counted else 0
                if changed >= most:
                    return Deleted(emptied, is_all=False)
        return Deleted(emptied, is_all=True)
    finally:  # also of what was emptied before an error
        if changed:
            for part in (store, store.intake):
                with part.transaction():
                    part.purge_deleted()


def _empty_notices(store: Store, before: datetime) -> Iterator[int]:
    ended = fn.LOWER(OutboxRow.state).in_([OutboxState.SENT.value, OutboxState.STOPPED.value])
    has_content = (OutboxRow.content != b"") | OutboxRow.notice.is_null(is_null=False)
    old = ended & has_content & (OutboxRow.created_at < before)
    return _in_parts(store, OutboxRow, old, {"content": b"", "notice": None})


def _delete_readings(store: Store, before: datetime) -> Iterator[int]:
    done = fn.LOWER(InboxRow.state) == "done"
    old = done & (InboxRow.done_at < before) & InboxRow.reading.is_null(is_null=False)
    return _in_parts(store, InboxRow, old, {"reading": None})


def _in_parts(store: Store, table: Any, condition: Any, changes: dict[str, Any]) -> Iterator[int]:
    """Change the rows in their order, some in each transaction; yields how many after each.

    `condition` must suit no index, as LOWER does not: nearly all rows have these states, and would be sorted each time.
    """
    last = 0
    while True:
        with store.reading():  # it looks at what was emptied on earlier days: without the writer lock
            query = table.select(table.id).where((table.id > last) & condition)
            numbers = [row.id for row in query.order_by(table.id).limit(_AT_ONCE)]
        if not numbers:
            return
        last = numbers[-1]
        with store.transaction():
            changed = int(table.update(**changes).where(table.id.in_(numbers) & condition).execute())
        yield changed


def _delete_received(store: Store, before: datetime) -> Iterator[int]:
    last = 0
    while numbers := received.with_content_before(store, before, last, _AT_ONCE):
        last = numbers[-1]
        store.flush()  # a mail whose handling is undone would be handled again
        with store.transaction():  # until the content is deleted, no mail of these is released from the quarantine
            done = inbox.done_before(before, numbers)
            if done:
                received.delete_content(store, done)
            read_lines.delete(done)
        yield len(done)
