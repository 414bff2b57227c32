"""What is forgotten by its age.  Issued passwords go with their view period (vault.py), whatever is set here."""

from datetime import datetime, timedelta

from mailbot.model.queued_mail import OutboxState
from mailbot.records.database import Store
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow


def delete_raw_mail(store: Store, now: datetime, days: int) -> int:
    """Empty the raw mail, in and out, that was done with more than `days` ago, in the caller's transaction.

    Rows, texts and log stay; what waits, or could not be delivered, stays whole.  Returns how many were emptied.
    """
    before = now - timedelta(days=days)
    done = (InboxRow.state == "done") & (InboxRow.done_at < before) & (InboxRow.content != b"")
    sent = (OutboxRow.state == OutboxState.SENT.value) & (OutboxRow.created_at < before) & (OutboxRow.content != b"")
    emptied = int(InboxRow.update(content=b"").where(done).execute())
    emptied += int(OutboxRow.update(content=b"").where(sent).execute())
    if emptied:
        store.purge_deleted()
    return emptied
