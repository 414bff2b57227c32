"""Deletion of raw mail by age.  Issued passwords are deleted after their view period (records.secrets.vault)."""

from datetime import datetime, timedelta
from typing import Any

from mailbot.model.queued_mail import OutboxState
from mailbot.records.database import Store
from mailbot.records.queues import inbox, read_lines, received
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow

_AT_ONCE = 100  # mails in one transaction of the intake store: no acknowledgement of a new mail waits for long

_HAS_READING: Any = InboxRow.reading.is_null(is_null=False)


def delete_raw_mail(store: Store, now: datetime, days: int) -> int:
    """Empty the content of mail that was processed, sent or stopped more than `days` days ago; not in a transaction.

    Rows, decoded texts of notices and log stay; how a mail and each of its lines was read is deleted.  Waiting and
    failed mail keeps its content; a notice that was stopped cannot be sent any more.  Returns how many were emptied.
    Raises like `Store.transaction`.
    """
    before = now - timedelta(days=days)
    ended = OutboxRow.state.in_([OutboxState.SENT.value, OutboxState.STOPPED.value])
    has_content = (OutboxRow.content != b"") | OutboxRow.notice.is_null(is_null=False)
    old = ended & has_content & (OutboxRow.created_at < before)
    with store.transaction():
        emptied = int(OutboxRow.update(content=b"", notice=None).where(old).execute())
        read = (InboxRow.state == "done") & (InboxRow.done_at < before) & _HAS_READING
        readings = int(InboxRow.update(reading=None).where(read).execute())
        if emptied or readings:
            store.purge_deleted()
    return emptied + _delete_received(store, before)


def _delete_received(store: Store, before: datetime) -> int:
    emptied = last = lines = 0
    while numbers := received.with_content_before(store, before, last, _AT_ONCE):
        last = numbers[-1]
        store.flush()  # a mail whose handling is undone would be handled again
        with store.transaction():  # until the content is deleted, no mail of these is released from the quarantine
            done = inbox.done_before(before, numbers)
            if done:
                received.delete_content(store, done)
            lines += read_lines.delete(done)
        emptied += len(done)
    if lines:
        with store.transaction():
            store.purge_deleted()
    if emptied:
        with store.intake.transaction():
            store.intake.purge_deleted()
    return emptied
