"""Tests of `record_once` for reminders and IMAP UIDs: the second call returns False."""

from mailbot.records.applications.reminders import record_once
from mailbot.records.database import Store
from mailbot.records.log import audit
from mailbot.records.queues import fetched, received
from mailbot.records.queues.fetched import FolderState
from tests.testkit.records import NOW, arrival


def test_a_reminder_is_recorded_once(store: Store) -> None:
    """Also after another INSERT: SQLite's last_insert_rowid() does not tell whether a row was added."""
    with store.transaction():
        assert record_once("answer:a", NOW)
        assert record_once("answer:b", NOW)
        audit.append(NOW, "tester", "in between")
        assert not record_once("answer:a", NOW)


def test_a_message_of_a_folder_is_recorded_once(store: Store) -> None:
    state = FolderState("desk@imap.example", "INBOX", 1)
    with store.intake.transaction():
        assert fetched.record_once(state, 7)
        received.accept(store, [arrival()])
        assert not fetched.record_once(state, 7)
        assert fetched.record_once(state, 8)
