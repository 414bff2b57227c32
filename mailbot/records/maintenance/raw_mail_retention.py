"""Deletion of raw mail by age.  Issued passwords are deleted after their view period (records.secrets.vault)."""

from datetime import datetime, timedelta

from mailbot.model.queued_mail import OutboxState
from mailbot.records.database import Store
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow


def delete_raw_mail(store: Store, now: datetime, days: int) -> int:
    """Empty the content of mail that was processed or sent more than `days` days ago, in the caller's transaction.

    Rows, decoded texts and log stay; waiting and failed mail keeps its content.  Returns how many were emptied.
    """
    before = now - timedelta(days=days)
    done = (InboxRow.state == "done") & (InboxRow.done_at < before) & (InboxRow.content != b"")
    sent = (OutboxRow.state == OutboxState.SENT.value) & (OutboxRow.created_at < before) & (OutboxRow.content != b"")
    emptied = int(InboxRow.update(content=b"").where(done).execute())
    emptied += int(OutboxRow.update(content=b"").where(sent).execute())
    if emptied:
        store.purge_deleted()
    return emptied
