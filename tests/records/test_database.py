"""Tests of records.database: atomic transactions, one writer of all processes, errors as Temporary or Permanent."""

import errno
import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mailbot.errors import Permanent, Temporary
from mailbot.records.database import UNAVAILABLE, UNUSABLE, Store, open_store, wal_sync
from mailbot.records.log import audit
from mailbot.records.queues import inbox
from mailbot.records.schema import tables
from tests.testkit.records import NOW, SQLITE, URL, arrival, audited, receive

ROOT = Path(__file__).parents[2]


def note(what: str) -> None:
    audit.append(NOW, "tester", what)


def noted() -> list[str]:
    return [what for _, _, what in audited()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_can_read_what_is_kept(tmp_path: Path) -> None:
    store = open_store(URL, tmp_path, create=True)
    with store.serve_lock():
        files = sorted(store.path.parent.iterdir())
        assert {path.name.removeprefix("mailbot.sqlite3") for path in files} >= {"", "-wal", "-shm", ".lock", ".serve"}
        assert {mode(path) for path in files} == {0o600}
    assert mode(store.path.parent) == 0o700
    store.close()


def test_a_store_is_not_made_by_accident(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="mailbot init"):
        open_store(URL, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite:///", "sqlite://x", "mailbot.sqlite3", ""])
def test_another_url_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Permanent, match="expected sqlite"):
        open_store(url, tmp_path, create=True)


def test_a_folder_that_cannot_be_made_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(Temporary) as caught:
        open_store(URL, tmp_path, create=True)
    assert caught.value.public == UNAVAILABLE


def test_many_stores_one_after_another_and_beside_each_other(tmp_path: Path) -> None:
    first = open_store("sqlite:///a/x.db", tmp_path, create=True)
    with first.transaction():
        note("first")
    second = open_store("sqlite:///b/x.db", tmp_path, create=True)
    with second.reading():
        assert noted() == []
    with first.reading():
        assert noted() == ["first"]
    with second.transaction():
        note("second")
    second.close()
    second.close()
    with first.transaction():
        note("first again")
        assert noted() == ["first", "first again"]
    first.close()
    again = open_store("sqlite:///a/x.db", tmp_path)
    with again.reading():
        assert noted() == ["first", "first again"]
    again.close()


def test_a_closed_store_stays_closed(tmp_path: Path) -> None:
    store = open_store(URL, tmp_path, create=True)
    store.close()
    with pytest.raises(Permanent):
        audited()


def test_a_transaction_is_atomic(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction():
        note("lost")
        raise KeyError
    with store.transaction():
        note("kept")
    assert noted() == ["kept"]


def test_an_inner_transaction_joins_the_outer(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction():
        with store.transaction():
            note("inner")
        raise KeyError
    assert noted() == []


def test_a_failed_inner_transaction_is_rolled_back_alone(store: Store) -> None:
    with store.transaction():
        note("before")
        with pytest.raises(KeyError), store.transaction():
            note("inner")
            raise KeyError
        note("after")
    assert noted() == ["before", "after"]


def test_a_write_needs_a_transaction(store: Store) -> None:
    with pytest.raises(RuntimeError, match=r"outside of Store.transaction"):
        note("alone")
    with pytest.raises(RuntimeError, match=r"inside of Store.reading"), store.reading(), store.transaction():
        note("while reading")
    with pytest.raises(RuntimeError, match=r"outside of Store.transaction"), store.reading():
        note("while reading")
    assert noted() == []


@SQLITE
def test_reading_sees_one_state_while_another_process_writes(store: Store) -> None:
    with store.transaction():
        note("before")
    with store.reading():
        assert noted() == ["before"]
        other = sqlite3.connect(store.path)
        other.execute("UPDATE audit SET what = 'after'")
        other.commit()
        other.close()
        with store.reading():
            assert noted() == ["before"]
    assert noted() == ["after"]


def test_other_threads_do_not_see_what_is_not_committed(store: Store) -> None:
    seen: list[list[str]] = []
    reader = threading.Thread(target=lambda: seen.append(noted()))
    with pytest.raises(KeyError), store.transaction():
        note("never committed")
        reader.start()
        reader.join(0.05)  # it waits for the transaction: that is the point
        raise KeyError
    reader.join()
    assert seen == [[]]


@SQLITE
def test_another_process_that_writes_too_long(store: Store) -> None:
    """T-93."""
    store.lock_timeout_seconds = 0.02
    with (store.path.parent / "mailbot.sqlite3.lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Temporary) as caught, store.transaction():
            pytest.fail("not reached")
        assert caught.value.public == UNAVAILABLE
        assert "another process" in caught.value.detail
        assert noted() == []  # reading goes on
    with store.transaction():
        note("on it goes")
    assert noted() == ["on it goes"]


@SQLITE
def test_a_writer_that_knows_no_lock_file(store: Store) -> None:
    store._connection.timeout = 0
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Temporary) as caught, store.transaction():
        pytest.fail("not reached")
    assert "locked" in caught.value.detail
    other.rollback()
    other.close()
    with store.transaction():
        note("on it goes")


def fill_disk(store: Store) -> None:
    """Limit the pages of the database: SQLite then reports a full disk (T-92)."""
    with store.transaction():
        pages = store._pragma("page_count")[0]
        store._pragma(f"max_page_count={pages}")


@SQLITE
def test_a_full_disk_is_temporary_and_passes(store: Store) -> None:
    """T-92."""
    with store.transaction():
        note("before")
    fill_disk(store)
    with pytest.raises(Temporary) as caught, store.transaction():
        note("x" * 200_000)
    assert caught.value.public == UNAVAILABLE
    assert "full" in caught.value.detail
    assert noted() == ["before"]
    store._pragma("max_page_count=1000000")
    with store.transaction():
        note("after")
    assert noted() == ["before", "after"]


@SQLITE
@pytest.mark.parametrize("goes_on", [True, False])
def test_nothing_is_written_after_sqlite_has_rolled_back(store: Store, goes_on: bool) -> None:
    """SQLite rolls back by itself when the disk is full: later statements of the transaction must not be committed."""
    fill_disk(store)
    with pytest.raises(Temporary), store.transaction():
        note("before")
        with pytest.raises(Temporary) as caught, store.transaction():
            note("x" * 200_000)
        assert "full" in caught.value.detail
        if goes_on:
            note("after")
    assert noted() == []


@SQLITE
def test_a_read_only_store_is_temporary(store: Store) -> None:
    store._pragma("query_only=1")
    with pytest.raises(Temporary), store.transaction():
        note("x")


def test_a_statement_that_cannot_work_is_not_tried_for_ever(store: Store) -> None:
    with pytest.raises(Permanent) as caught, store.reading():
        store._connection.execute_sql("SELECT 1 FROM nowhere")
    assert caught.value.public == UNUSABLE
    assert "nowhere" in caught.value.detail


def test_a_constraint_is_permanent(store: Store) -> None:
    with pytest.raises(Permanent), store.transaction():
        for _ in range(2):
            tables.ReceiptSequenceRow.create(year=2026, last=1)
    assert tables.ReceiptSequenceRow.select().count() == 0


@SQLITE
@pytest.mark.parametrize("damage", [b"this is no database " * 500, b"\0" * 100])
def test_a_damaged_file_is_refused(store: Store, tmp_path: Path, damage: bytes) -> None:
    """T-94."""
    store.close()
    whole = store.path.read_bytes()
    store.path.write_bytes(damage + whole[len(damage) :])
    with pytest.raises(Permanent) as caught:
        open_store(URL, tmp_path)
    assert caught.value.public == UNUSABLE


@SQLITE
def test_damage_inside_is_found(store: Store, tmp_path: Path) -> None:
    """T-94."""
    with store.transaction():
        for number in range(200):
            note(f"{number} " * 50)
    store.close()
    whole = bytearray(store.path.read_bytes())
    whole[-4096:] = b"\xff" * 4096
    store.path.write_bytes(whole)
    damaged = open_store(URL, tmp_path)
    assert any("restore a backup" in text for text in damaged.problems())
    damaged.close()


@SQLITE
def test_problems(store: Store) -> None:
    assert store.problems() == []
    store.path.chmod(0o640)
    assert [p for p in store.problems() if "chmod 600" in p] == store.problems() == store.problems(reads_all=False)
    store.path.chmod(0o600)
    store._pragma("synchronous=1")
    assert ["synchronous=1" in p for p in store.problems()] == [True]


@SQLITE
def test_the_settings_that_250_rests_on(store: Store) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    assert [store._pragma(name)[0] for name in names] == ["wal", 2, 1, 1]


@SQLITE
def test_a_durable_transaction_syncs_when_others_may_write_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []

    def sync(file: int) -> None:
        assert not store._connection.exclusive
        synced.append(Path(f"/proc/self/fd/{file}").readlink().name)

    monkeypatch.setattr(os, "fdatasync", sync)
    wal = f"{store.path.name}-wal"
    for transaction in (store.transaction, store.queue_transaction):
        synced.clear()
        with transaction():
            pass
        with transaction(durable=False):
            audit.append(NOW, "taro", "wrote")
        assert synced == []  # nothing was written, or it need not be on the disk yet
        with pytest.raises(RuntimeError, match="stop"), transaction():
            audit.append(NOW, "taro", "wrote")
            raise RuntimeError("stop")
        assert synced == []
        with transaction():
            audit.append(NOW, "taro", "wrote")
        assert synced == [wal]
    assert store._pragma("synchronous") == [2]


@SQLITE
def test_what_a_sync_needs_is_opened_before_the_commit(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error after it would say that nothing was stored."""
    real = os.open

    def exhausted(path: str, *args: int, **more: int) -> int:
        if str(path).endswith("-wal"):
            raise OSError(errno.EMFILE, "Too many open files")
        return real(path, *args, **more)

    folders: list[Path] = []
    monkeypatch.setattr(wal_sync, "sync_folder", folders.append)
    other = open_store(URL, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", exhausted)
        with pytest.raises(Temporary), other.transaction():
            pytest.fail("not reached")
    folders.clear()
    for _ in range(2):
        with other.transaction():
            audit.append(NOW, "taro", "wrote")
    assert folders == [store.path.parent]  # once in a thread: the name of the WAL is durable
    other.close()


@SQLITE
def test_what_is_not_durable_is_flushed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.flush()
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    inbox.claim(store, NOW)
    store.flush_after(0)
    assert len(synced) == 0  # there was nothing to claim, and nothing was written
    with store.transaction(durable=False):
        audit.append(NOW, "taro", "wrote")
    store.flush_after(60)
    assert len(synced) == 0  # it is not that old
    store.flush_after(0)
    store.flush_after(0)
    assert len(synced) == 1  # there is nothing more
    store.flush()
    assert len(synced) == 2  # of other processes there may be


@SQLITE
def test_an_sqlite_with_the_wal_reset_bug_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for version, named in (((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False)):
        monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
        assert ("a lock prevents that here" in store.describe()) is named


def test_free_bytes(store: Store) -> None:
    assert store.free_bytes() > 0


@SQLITE
def test_only_one_process_serves(store: Store, tmp_path: Path) -> None:
    """T-93."""
    with store.serve_lock():
        other = open_store(URL, tmp_path)
        with pytest.raises(Permanent, match=f"process {os.getpid()} serves"), other.serve_lock():
            pytest.fail("not reached")
        other.close()
    with store.serve_lock():
        pass


def test_what_fails_while_serving_keeps_its_name(store: Store) -> None:
    with pytest.raises(ConnectionResetError), store.serve_lock():
        raise ConnectionResetError


WRITER = """
import sys
from pathlib import Path
from mailbot.records.database import open_store
from tests.testkit.records import arrival, receive

store = open_store(sys.argv[3], Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    receive(store, [arrival(str(number).encode())])
store.close()
"""


def test_processes_that_write_at_once(store: Store, tmp_path: Path, database: str) -> None:
    """Processes that open, migrate, write and close (with a checkpoint) at the same time."""
    command = [sys.executable, "-c", WRITER, str(tmp_path), "60", database]
    with subprocess.Popen(command, cwd=ROOT) as one, subprocess.Popen(command, cwd=ROOT) as other:
        for _ in range(60):
            receive(store, [arrival()])
    assert (one.returncode, other.returncode) == (0, 0)
    assert inbox.counts() == {"waiting": 180}
    if database.startswith("sqlite"):
        assert store.problems() == []


def test_a_process_that_is_killed_in_a_transaction(store: Store, tmp_path: Path, database: str) -> None:
    script = WRITER.replace(
        "store.close()",
        "with store.transaction():\n    receive(store, [arrival()])\n    __import__('os').kill(__import__('os').getpid(), 9)",
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path), "3", database], cwd=ROOT, check=False)
    assert done.returncode == -9
    with store.transaction():
        note("the lock went with the process")
    assert inbox.counts() == {"waiting": 3}
