"""Received mails whose text is not to be kept (the password of an archive), until it is removed."""

from collections.abc import Callable

from mailbot.records.database import Store
from mailbot.records.queues import received
from mailbot.records.schema.queue_tables import InboxRow


def withhold(item_id: int) -> None:
    """Mark the mail for `remove_withheld`, in the transaction of its effects."""
    InboxRow.update(withheld=True).where(InboxRow.id == item_id).execute()


def is_withheld(item_id: int) -> bool:
    """Whether the text of the mail is still to be removed."""
    row = InboxRow.select(InboxRow.withheld).where(InboxRow.id == item_id).first()
    return row is not None and bool(row.withheld)


def remove_withheld(store: Store, without_text: Callable[[bytes], bytes]) -> None:
    """Remove the text of each mail that is withheld from the intake store, after that was committed.

    When the process ends in between, the next call does it; `without_text` must not change its own result.
    """
    with store.reading():
        ids = [row.id for row in InboxRow.select(InboxRow.id).where(InboxRow.withheld == True)]  # noqa: E712
    if ids:
        store.flush()  # what the mails caused must not be undone once their texts are gone
    for item_id in ids:
        received.replace_content(store, item_id, without_text(received.content(store, item_id)))
        with store.queue_transaction():
            InboxRow.update(withheld=False).where(InboxRow.id == item_id).execute()
