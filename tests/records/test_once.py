"""What is noted once is noted once, whatever was written in between."""

from mailbot.records.applications.reminders import record_once
from mailbot.records.database import Store
from mailbot.records.log import audit
from mailbot.records.queues import fetched
from mailbot.records.queues.fetched import FolderState
from tests.testkit.records import NOW


def test_a_reminder_is_said_once(store: Store) -> None:
    """SQLite keeps the number of the last row of any table, which is not the answer to whether a row was added."""
    with store.transaction():
        assert record_once("a", NOW)
        assert record_once("b", NOW)
        audit.append(NOW, "tester", "in between")
        assert not record_once("a", NOW)


def test_a_message_of_a_folder_is_taken_once(store: Store) -> None:
    state = FolderState("desk@imap.example", "INBOX", 1)
    with store.transaction():
        assert fetched.record_once(state, 7)
        audit.append(NOW, "tester", "in between")
        assert not fetched.record_once(state, 7)
        assert fetched.record_once(state, 8)
