"""Tests of the intake store: the transfer to the inbox, the move of raw mail out of old stores, and lost files."""

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.errors import Permanent, Temporary
from mailbot.mail.archive_password import without_text
from mailbot.model.queued_mail import Disposition
from mailbot.records.database import Store, Upgrade, open_store, opening
from mailbot.records.database.opening import intake_path
from mailbot.records.maintenance.stages import waiting_stages
from mailbot.records.migrations import raw_mail
from mailbot.records.queues import inbox, received, withheld
from mailbot.records.queues.sender_costs import Cost
from mailbot.records.schema.queue_tables import InboxRow
from mailbot.records.schema.tables import MAIN
from tests.testkit.records import NOW, SQLITE, URL, all_contents, arrival, receive


def test_a_mail_is_transferred_once_in_order(store: Store) -> None:
    numbers = received.accept(store, [arrival(b"1"), arrival(b"2")])
    assert numbers == [1, 2]
    assert inbox.count_not_transferred(store) == (2, NOW)
    assert inbox.transfer(store, authenticate=True) == 2
    assert inbox.transfer(store, authenticate=True) == 0
    assert received.accept(store, [arrival(b"3")]) == [3]
    assert inbox.transfer(store, authenticate=False) == 1
    with store.reading():
        assert [(row.id, row.state) for row in InboxRow.select()] == [(1, "arrived"), (2, "arrived"), (3, "waiting")]
        assert [stage.count for stage in waiting_stages(store)] == [0, 2, 1, 0, 0]


def test_a_claim_transfers_what_was_received(store: Store) -> None:
    """In its transaction, in order, at most so many; what another process has transferred since is claimed once."""
    received.accept(store, [arrival(f"{number}".encode()) for number in range(1, inbox.MOST_TRANSFERRED + 2)])
    rows = inbox.not_transferred(store)
    assert len(rows) == inbox.MOST_TRANSFERRED
    first = inbox.claim(store, NOW, None, rows)
    assert first is not None and (first.id, first.raw, first.account) == (1, b"1", "taro@naxtrade.example")
    assert inbox.count_not_transferred(store) == (1, NOW) and inbox.next_to_transfer(store) == first.id + len(rows)
    with store.transaction():
        inbox.finish(first.id, Disposition.CARRIED_OUT, "submitted", NOW)
    again = inbox.claim(store, NOW, Cost("taro@naxtrade.example", timedelta(seconds=1)), rows)
    assert again is not None and (again.id, again.raw) == (2, b"2")


def test_a_transfer_that_another_process_has_made_changes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have read the same last number; the second one finds every mail there, and handled."""
    receive(store, [arrival(), arrival()])
    with store.transaction():
        InboxRow.update(state="done").execute()
    monkeypatch.setattr(inbox, "_last", lambda _: 0)
    assert inbox.transfer(store, authenticate=False) == 2
    with store.reading():
        assert [row.state for row in InboxRow.select()] == ["done", "done"]


def test_storing_a_mail_waits_for_no_transaction_of_the_main_store(store: Store, database: str, tmp_path: Path) -> None:
    """Neither for one of this process nor for one of another."""
    with store.transaction():
        assert received.accept(store, [arrival()]) == [1]
    with closing(open_store(database, tmp_path)) as other, other.transaction():
        assert received.accept(store, [arrival()]) == [2]


def test_a_claim_is_released_when_the_intake_store_fails(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(store, [arrival()])

    def broken(*_: object) -> bytes:
        raise Temporary("public", "detail")

    with monkeypatch.context() as patch:
        patch.setattr(received, "content", broken)
        with pytest.raises(Temporary):
            inbox.claim(store, NOW)
    item = inbox.claim(store, NOW)
    assert item is not None and item.attempts == 1


def test_withheld_text_is_removed_even_if_the_process_ends_in_between(store: Store) -> None:
    (number,) = receive(store, [arrival(b"From: a@b.example\r\nSubject: secret\r\n\r\nsecret\r\n")])
    with store.transaction():
        withheld.withhold(number)
    for _ in range(2):  # another call finds nothing to do
        withheld.remove_withheld(store, without_text)
    content = received.content(store, number)
    assert b"secret" not in content and b"From: a@b.example" in content
    assert without_text(content) == content  # the process may end between the removal and its mark
    with store.reading():
        assert not InboxRow.get_by_id(number).withheld


# How the program before migration 11 stored a mail.
OLD_MAIL = (
    "INSERT INTO inbox (received_at, door, sender, recipients, smtputf8, evidence, content, state, attempts, reason,"
    " detail, dedupe_key) VALUES ({p}, 'smtp', 'a@b.example', '[\"desk@desk.example\"]', {p}, '{{}}', {p}, {p}, 1, '', '', '')"
)
OLD_UID = "INSERT INTO fetched (account, folder, uidvalidity, uid) VALUES ('a', 'INBOX', 1, 7)"
RECEIVED_AT = "2026-11-20T01:00:00.123456+00:00"


def old_store(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mails: int) -> None:
    """Make the store of `database`, empty till now, one of the program before migration 11, with mails."""
    folder = tmp_path / "old-migrations"
    folder.mkdir()
    for path in MAIN.migrations.glob("00*.py"):
        if path.stem <= raw_mail.LAST_BEFORE:
            shutil.copy(path, folder)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "MAIN", replace(MAIN, migrations=folder))
        patch.setattr(raw_mail, "fill_gaps", lambda *_: None)
        store = open_store(database, tmp_path, create=True)
    connection = store._connection
    with store.transaction():
        for number in range(mails):
            values = (RECEIVED_AT, True, b"\xff\x00%d" % number, "waiting" if number % 2 else "done")
            connection.execute_sql(OLD_MAIL.format(p=connection.param), values)
        connection.execute_sql(OLD_UID)
    with store.intake.transaction():
        store.intake._connection.execute_sql("DROP TABLE received")
        store.intake._connection.execute_sql("DROP TABLE intake_migration")
    store.close()
    if store.kind == "sqlite":
        for path in tmp_path.glob("store/*.intake.*"):
            path.unlink()


@pytest.fixture
def old_database(request: pytest.FixtureRequest, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = database
    if database.startswith("postgresql"):
        server, _ = request.getfixturevalue("postgres_template")
        url = server.database()
    old_store(url, tmp_path, monkeypatch, 250)
    return url


def moved(store: Store) -> bool:
    """Whether everything of `old_store` is where it belongs."""
    with store.reading():
        states = [row.state for row in InboxRow.select().order_by(InboxRow.id)]
    contents = [raw for _, raw in all_contents(store)]
    item = inbox.get(store, 2)
    assert item is not None and (item.received_at, item.raw) == (NOW, b"\xff\x001")
    uids = store.intake._connection.execute_sql("SELECT uid FROM fetched").fetchall()
    with store.reading():
        assert not inbox.ids_not_received(store)
    assert "content" not in {column.name for column in store._connection.get_columns("inbox")}
    assert received.accept(store, [arrival()]) == [251]
    return (states, contents, uids) == (["done", "waiting"] * 125, [b"\xff\x00%d" % n for n in range(250)], [(7,)])


def test_the_raw_mail_of_an_old_store_moves(old_database: str, tmp_path: Path) -> None:
    with closing(open_store(old_database, tmp_path, upgrade=Upgrade())) as store:
        assert moved(store)
    with closing(open_store(old_database, tmp_path, upgrade=Upgrade())) as store:
        assert inbox.count_not_transferred(store)[0] == 1


@pytest.mark.parametrize("place", ["move", "_insert"])
def test_a_move_that_is_interrupted_begins_anew(
    old_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """After a part of the copies, and after all of them: the originals are there until the copies are durable."""
    real = getattr(raw_mail, place)

    def interrupted(*args: object) -> None:
        real(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(raw_mail, place, interrupted)
        with pytest.raises(KeyboardInterrupt):
            open_store(old_database, tmp_path, upgrade=Upgrade())
    with closing(open_store(old_database, tmp_path, upgrade=Upgrade())) as store:
        assert moved(store)


def test_a_copy_that_is_not_whole_keeps_the_originals(
    old_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = raw_mail._insert
    with monkeypatch.context() as patch:
        patch.setattr(
            raw_mail, "_insert", lambda intake, table, columns, rows: real(intake, table, columns, rows[1:] or rows)
        )
        with pytest.raises(Permanent, match="were copied"):
            open_store(old_database, tmp_path, upgrade=Upgrade())
    with closing(open_store(old_database, tmp_path, upgrade=Upgrade())) as store:
        assert moved(store)


@SQLITE
def test_a_store_without_its_intake_store_is_not_opened(store: Store, tmp_path: Path) -> None:
    receive(store, [arrival()])
    store.close()
    hidden = tmp_path / "hidden"
    intake_path(store.path).rename(hidden)
    with pytest.raises(Permanent, match="put it back"):
        open_store(URL, tmp_path)
    hidden.rename(intake_path(store.path))
    open_store(URL, tmp_path).close()


@SQLITE
def test_the_mails_of_another_store_are_not_taken(store: Store, tmp_path: Path) -> None:
    """Without its main store every mail would be handled once more."""
    receive(store, [arrival()])
    store.close()
    store.path.unlink()
    with pytest.raises(Permanent, match="mails of another store"):
        open_store(URL, tmp_path, create=True)


@SQLITE
def test_an_older_intake_store_gives_no_number_twice(store: Store, tmp_path: Path) -> None:
    receive(store, [arrival()])
    store.close()
    shutil.copy(intake_path(store.path), tmp_path / "older")
    with closing(open_store(URL, tmp_path)) as later:
        receive(later, [arrival(b"lost")])
    shutil.copy(tmp_path / "older", intake_path(store.path))
    with closing(open_store(URL, tmp_path)) as again:
        assert received.content(again, 2) == raw_mail.MISSING
        assert receive(again, [arrival()]) == [3]
