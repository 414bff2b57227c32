"""Tests of PostgresStore alone: lost connections, several processes, unsuitable servers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from mailbot.errors import Permanent, Temporary
from mailbot.records.database import UNAVAILABLE, Store, open_store
from mailbot.records.database.postgres import PostgresStore
from mailbot.records.log import audit
from mailbot.records.queues import inbox, outbox
from tests.testkit.postgres import Postgres
from tests.testkit.records import NOW, arrival, audited, mail, put_mail, receive
from tests.testkit.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database", ["postgresql"], indirect=True)]


@pytest.fixture(autouse=True)
def beside_the_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every machine has the same key file of mails, relative to the working directory."""
    monkeypatch.chdir(tmp_path)


@contextmanager
def another(database: str) -> Iterator[PostgresStore]:
    """Open a second connection to the same store, as from another machine."""
    store = open_store(database, Path())
    assert isinstance(store, PostgresStore)
    yield store
    store.close()


def cut_off(store: Store, postgres: Postgres) -> None:
    """Let the server terminate the connection of the store, as at a restart."""
    pid = store._connection.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
    postgres.sql(f"SELECT pg_terminate_backend({pid})")
    while postgres.sql(f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid}"):
        pass  # pg_terminate_backend returns before the server has released the locks


def noted() -> list[str]:
    return [what for _, _, what in audited()]


def test_a_lost_connection_is_temporary_and_made_anew(store: Store, postgres_server: Postgres) -> None:
    with store.transaction():
        audit.append(NOW, "tester", "before")
    with pytest.raises(Temporary) as caught, store.transaction():
        audit.append(NOW, "tester", "lost")
        cut_off(store, postgres_server)
        audit.append(NOW, "tester", "lost too")
    assert caught.value.public == UNAVAILABLE
    with store.transaction():
        audit.append(NOW, "tester", "after")
    cut_off(store, postgres_server)
    with pytest.raises(Temporary):
        noted()
    assert noted() == ["before", "after"]


def test_a_commit_that_did_not_happen_is_not_taken_for_one(store: Store) -> None:
    """PostgreSQL answers COMMIT with a ROLLBACK and no error when a statement has failed before."""
    with pytest.raises(Temporary), store.transaction():
        audit.append(NOW, "tester", "lost")
        with pytest.raises(Permanent):
            store._connection.execute_sql("SELECT 1 FROM nowhere")
    assert noted() == []


def test_an_inner_failure_leaves_the_outer_part(store: Store) -> None:
    with store.transaction():
        audit.append(NOW, "tester", "kept")
        with pytest.raises(Permanent), store.transaction():
            store._connection.execute_sql("SELECT 1 FROM nowhere")
    assert noted() == ["kept"]


def test_each_mail_goes_to_one_worker(store: Store, database: str) -> None:
    numbers = receive(store, [arrival()] * 3)
    with another(database) as second, another(database) as third, another(database) as late:
        claimed = [inbox.claim(one, NOW) for one in (store, second, third, late)]
    assert [item.id if item else None for item in claimed] == [*numbers, None]


def test_two_that_claim_at_the_same_instant(store: Store, database: str) -> None:
    receive(store, [arrival()] * 2)
    with store.transaction():
        put_mail(mail(1), NOW)
        put_mail(mail(2), NOW)
    with another(database) as other, other.queue_transaction():
        first, (notice,) = inbox.claim(other, NOW), outbox.claim(other, NOW, 1)  # not committed yet
        second, (another_notice,) = inbox.claim(store, NOW), outbox.claim(store, NOW, 1)
    assert first is not None and second is not None
    assert first.id != second.id and notice.id != another_notice.id


def live_owners(store: Store) -> set[int]:
    with store.reading():
        return set(store.live_owners())


def test_claims_of_a_dead_worker_are_free_again(store: Store, database: str) -> None:
    (number,) = receive(store, [arrival()])
    with another(database) as other:
        assert inbox.claim(other, NOW) is not None
        assert inbox.claim(store, NOW) is None
        owner = other.owner
    until(lambda: owner not in live_owners(store), "the server has ended the session")
    item = inbox.claim(store, NOW)
    assert item is not None
    assert (item.id, item.attempts) == (number, 2)


def test_an_outage_does_not_count_as_an_attempt(store: Store, postgres_server: Postgres) -> None:
    (number,) = receive(store, [arrival()])
    for _ in range(5):
        assert inbox.claim(store, NOW) is not None
        cut_off(store, postgres_server)
        with pytest.raises(Temporary):
            noted()
        inbox.release(store, number)
    item = inbox.claim(store, NOW)
    assert item is not None
    assert item.attempts == 1


def test_a_delivery_of_a_lost_machine_is_left_alone_for_a_while(store: Store, database: str) -> None:
    """The machine may have lost the database alone, and be delivering the notice."""
    with store.transaction():
        put_mail(mail(1), NOW)
    with another(database) as other:
        assert len(outbox.claim(other, NOW, 1)) == 1
        assert outbox.claim(store, NOW, 1) == []
        assert outbox.stalled(store, NOW + timedelta(days=1)) == []
    assert outbox.stalled(store, NOW + timedelta(minutes=14)) == []
    # The server ends a connection on its own time.
    until(lambda: len(outbox.stalled(store, NOW + timedelta(minutes=15))) == 1, "the owner is gone")


def test_exclusive_transactions_are_serial_and_the_queues_go_on(store: Store, database: str) -> None:
    with another(database) as other:
        other.lock_timeout_seconds = 0.2
        with store.transaction():
            audit.append(NOW, "tester", "the clerk")
            result: list[object] = []
            thread = threading.Thread(target=lambda: result.extend(_try_both(other)))
            thread.start()
            thread.join()
    assert result[0] == "Temporary"
    assert result[1] == [1]


def _try_both(other: Store) -> tuple[object, object]:
    with other._lock:
        try:
            with other.transaction():
                first: object = "not reached"
        except Temporary as error:
            first = type(error).__name__
        return first, receive(other, [arrival()])


def test_one_is_the_leader_until_its_connection_ends(store: Store, database: str, postgres_server: Postgres) -> None:
    with another(database) as other:
        assert other.is_leader("calendar")
        assert other.is_leader("calendar")
        assert not store.is_leader("calendar")
        assert store.is_leader("another work")
        cut_off(other, postgres_server)
        assert store.is_leader("calendar")
        with pytest.raises(Temporary):
            other.is_leader("calendar")
        assert not other.is_leader("calendar")


def test_no_exclusive_transaction_inside_of_a_queue_transaction(store: Store) -> None:
    with (
        pytest.raises(RuntimeError, match=r"inside of Store\.queue_transaction"),
        store.queue_transaction(),
        store.transaction(),
    ):
        pytest.fail("not reached")


def test_a_server_without_fsync_is_a_problem(store: Store) -> None:
    problems = store.problems()
    assert any("fsync = off" in text for text in problems)
    assert any("full_page_writes = off" in text for text in problems)


def test_a_session_waits_for_the_disk_whatever_the_server_does(store: Store) -> None:
    assert store._show("synchronous_commit") == "on"  # type: ignore[attr-defined]


def test_what_is_not_durable_is_flushed(store: Store) -> None:
    """The server's own WAL writer would do it later."""

    def position(of: str) -> int:
        row = store._connection.execute_sql(f"SELECT pg_wal_lsn_diff(pg_current_wal_{of}lsn(), '0/0')").fetchone()
        return int(row[0])

    for transaction in (store.transaction, store.queue_transaction):
        with transaction(durable=False):
            assert store._show("synchronous_commit") == "off"  # type: ignore[attr-defined]
            audit.append(NOW, "taro", "wrote")
        with transaction():
            assert store._show("synchronous_commit") == "on"  # type: ignore[attr-defined]
    written = position("insert_")
    store.flush_after(0)
    assert position("flush_") >= written
    inbox.claim(store, NOW)
    assert store._unflushed_since is None  # there was nothing to claim, and nothing was written


def test_several_hosts_want_a_synchronous_standby(database: str) -> None:
    two = database.replace("127.0.0.1:", "127.0.0.1:1,127.0.0.1:")
    with another(two) as store:
        assert any("synchronous_standby_names" in text for text in store.problems())


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (("127.0.0.1:", "127.0.0.1:1,127.0.0.1:1?"), Permanent, ""),
        (("/desk", "/nowhere"), Permanent, "does not exist"),
        (("mailbot@", "nobody@"), Permanent, "does not exist"),
        (("mailbot@", "mailbot:secret@"), Permanent, "no password belongs here"),
    ],
)
def test_a_url_that_cannot_work(database: str, change: tuple[str, str], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        open_store(database.replace(*change), Path())
    assert words in str(vars(caught.value))
    assert "secret" not in str(vars(caught.value))


def test_a_server_that_is_away(database: str) -> None:
    with pytest.raises(Temporary):
        open_store("postgresql://mailbot@127.0.0.1:1/x", Path())


def test_a_database_without_tables_is_not_filled_by_accident(database: str, postgres_server: Postgres) -> None:
    empty = postgres_server.database()
    with pytest.raises(Permanent, match="mailbot init"):
        open_store(empty, Path())
    tables = postgres_server.sql("SELECT 1 FROM pg_tables WHERE schemaname = 'public'", empty.rpartition("/")[2])
    assert tables == []


def test_an_encoding_that_loses_japanese(database: str, postgres_server: Postgres) -> None:
    postgres_server.sql("CREATE DATABASE latin ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    with pytest.raises(Permanent, match="UTF8"):
        open_store(postgres_server.url("latin"), Path(), create=True)


def test_a_migration_by_a_newer_process_disturbs_no_older_one(store: Store, database: str) -> None:
    for _ in range(8):
        audited()
    with another(database) as newer, newer.transaction():
        newer._connection.execute_sql("ALTER TABLE audit ALTER COLUMN what TYPE varchar(500)")
    with store.reading():
        assert audited() == []


def test_text_of_any_length(store: Store) -> None:
    with psycopg.connect(store._connection.connection().info.dsn) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND character_maximum_length < 1000 AND table_name <> 'schema_migration'"
        ).fetchall()
    assert rows == []


def test_a_piece_of_work_is_done_in_one_place(store: Store, database: str, postgres_server: Postgres) -> None:
    with another(database) as other:
        with store.only_here("write to a") as mine, other.only_here("write to a") as its:
            assert (mine, its) == (True, False)
            with other.only_here("write to b") as further:
                assert further
        with other.only_here("write to a") as its:
            assert its
        with store.only_here("write to a") as mine:
            assert mine
            cut_off(store, postgres_server)
            with other.only_here("write to a") as its:
                assert its
