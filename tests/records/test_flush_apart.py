"""Where the disk is slow, mails are committed while others are flushed: none is acknowledged, or handled, before."""

import itertools
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mailbot.errors import Temporary
from mailbot.model.queued_mail import Arrival
from mailbot.records.database import Store
from mailbot.records.queues import inbox, received
from mailbot.runners.inbox_commit import SLOW_SECONDS, THREADS, InboxCommit
from tests.testkit.records import NOW, SQLITE, arrival


class Disk:
    """Flushes of the intake store, which wait until they may go on; they may fail."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.fails = False
        self.thread: threading.Thread | None = None  # of the last flush
        self._flush = store.intake.flush
        monkeypatch.setattr(store.intake, "flush", self.flush)

    def flush(self) -> None:
        self.thread = threading.current_thread()
        self.begun.release()
        assert self.may_end.acquire(timeout=30)
        if self.fails:
            raise OSError("no disk")
        self._flush()

    def wait_for_flushes(self, count: int) -> None:
        assert all(self.begun.acquire(timeout=30) for _ in range(count))


@pytest.fixture
def disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(store, monkeypatch)


@contextmanager
def started(store: Store, seconds: float = 2 * SLOW_SECONDS) -> Iterator[InboxCommit]:
    """An `InboxCommit` that has stored a mail, b"first"; each time it looks at the clock `seconds` have gone by."""
    commits = InboxCommit(store, monotonic=itertools.count(0, seconds).__next__)
    commits.start()
    try:
        assert commits.put([arrival(b"first")]).result() == [1]
        yield commits
    finally:
        commits.stop()


def stored(store: Store) -> list[int]:
    """The numbers of the mails that are visible in the intake store."""
    count, _ = received.waiting_since(store, 0)
    return list(range(1, count + 1))


@SQLITE
def test_each_thread_flushes_what_it_has_committed(store: Store, disk: Disk) -> None:
    with started(store) as commits:
        futures = []
        for number in range(2, THREADS + 2):
            futures.append(commits.put([arrival()]))
            disk.wait_for_flushes(1)
            assert stored(store)[-1] == number
        waits = commits.put([arrival()] * 3)  # for a thread
        assert not any(future.done() for future in (*futures, waits))
        disk.may_end.release()
        disk.wait_for_flushes(1)
        assert not waits.done()
        disk.may_end.release(THREADS)
        assert sorted(future.result()[0] for future in futures) == list(range(2, THREADS + 2))
        assert waits.result() == [THREADS + 2, THREADS + 3, THREADS + 4]


@SQLITE
def test_a_mail_that_may_not_be_durable_is_flushed_before_it_is_transferred(store: Store, disk: Disk) -> None:
    with started(store) as commits:
        future = commits.put([arrival()])
        disk.wait_for_flushes(1)
        transfer = threading.Thread(target=inbox.transfer, args=(store,), kwargs={"authenticate": False})
        transfer.start()
        disk.wait_for_flushes(1)
        assert inbox.count_not_transferred(store) == (2, NOW)
        disk.may_end.release(2)
        transfer.join(30)
        assert inbox.count_not_transferred(store) == (0, None)
        assert future.result() == [2]
        assert inbox.transfer(store, authenticate=False) == 0  # without a flush, which would not end


def test_on_a_fast_disk_and_on_a_server_none_is_flushed_apart(store: Store, disk: Disk) -> None:
    seconds = 0.0 if store.kind == "sqlite" else 2 * SLOW_SECONDS
    with started(store, seconds) as commits:
        assert [commits.put([arrival()]).result() for _ in range(3)] == [[2], [3], [4]]
        assert inbox.transfer(store, authenticate=False) == 4
    assert not disk.begun.acquire(blocking=False)


@SQLITE
def test_a_durable_transaction_makes_those_before_durable(store: Store, disk: Disk) -> None:
    states = []
    for durable in (True, False, False, True):
        received.accept(store, [arrival()], durable=durable)
        states.append(store.intake.unflushed())
    assert states == [False, True, True, False]
    with pytest.raises(KeyError), store.intake.transaction(durable=False):
        received.accept(store, [arrival()])
        raise KeyError
    assert not store.intake.unflushed()
    assert inbox.transfer(store, authenticate=False) == 4
    assert not disk.begun.acquire(blocking=False)


@SQLITE
@pytest.mark.parametrize("many", [False, True])
def test_as_many_mails_take_longer_on_any_disk(store: Store, disk: Disk, many: bool) -> None:
    mails: list[Arrival] = [arrival()] * (20 if many else 1)
    with started(store, 1.5 * SLOW_SECONDS) as commits:
        disk.may_end.release(9)
        commits.put(mails).result()  # flushed apart, after the first
        commits.put(mails).result()
    disk.wait_for_flushes(1 if many else 2)
    assert not disk.begun.acquire(blocking=False)


@SQLITE
def test_a_flush_that_fails_puts_the_mail_off(store: Store, disk: Disk) -> None:
    with started(store) as commits:
        disk.fails = True
        future = commits.put([arrival()])
        disk.may_end.release(9)
        assert isinstance(future.exception(), Temporary)
        assert commits.failure == "OSError('no disk')"
        disk.fails = False
        assert commits.put([arrival()]).result() == [3]
        assert commits.failure == ""


class Descriptors:
    """By which descriptor each file is synced; as many syncs as `together` wait for each other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, together: int) -> None:
        self.used: list[int] = []
        self.begun = threading.Semaphore(0)
        self._barrier = threading.Barrier(together)
        self._fdatasync = os.fdatasync
        monkeypatch.setattr(os, "fdatasync", self.fdatasync)

    def fdatasync(self, descriptor: int) -> None:
        self._fdatasync(descriptor)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # else it is the folder
            self.used.append(descriptor)
            self.begun.release()
            self._barrier.wait(30)


@SQLITE
def test_an_error_of_the_disk_is_told_to_each_thread(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux tells it once to each open file description: those of two threads are not the same one."""
    descriptors = Descriptors(monkeypatch, together=2)
    with started(store) as commits:
        futures = [commits.put([arrival()])]
        assert descriptors.begun.acquire(timeout=30)
        futures.append(commits.put([arrival()]))
        assert [future.result() for future in futures] == [[2], [3]]
    assert len(set(descriptors.used)) == 2


@SQLITE
def test_the_log_is_synced_wherever_its_folder_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptors = Descriptors(monkeypatch, together=1)
    folder = store.intake.path.parent  # type: ignore[attr-defined]
    received.accept(store, [arrival()], durable=False)
    folder.rename(folder.with_name("elsewhere"))
    store.intake.flush()
    folder.with_name("elsewhere").rename(folder)
    assert len(descriptors.used) == 1


@SQLITE
def test_an_earlier_mail_does_not_hide_a_later_failure(
    store: Store, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> list[int]:
        raise OSError("no room")

    with started(store) as commits:
        earlier = commits.put([arrival()])
        disk.wait_for_flushes(1)
        with monkeypatch.context() as patch:
            patch.setattr(received, "accept", fail)
            assert isinstance(commits.put([arrival()]).exception(), Temporary)
        disk.may_end.release(9)
        assert earlier.result() == [2]
        assert commits.failure == "OSError('no room')"
        assert commits.put([arrival()]).result() == [3]
        assert commits.failure == ""


@SQLITE
def test_a_mail_that_was_stored_at_once_is_told_before_others_are_flushed(store: Store, disk: Disk) -> None:
    told = threading.Semaphore(0)
    commits = InboxCommit(store, told.release, itertools.count(0, 2 * SLOW_SECONDS).__next__)
    first, second = commits.put([arrival()], at_once=True), commits.put([arrival()])
    assert first.result() == [1]
    commits.start()
    disk.wait_for_flushes(1)
    assert told.acquire(timeout=30)
    assert not second.done()
    disk.may_end.release(9)
    commits.stop()
    assert second.result() == [2]


@SQLITE
def test_stop_waits_for_the_flushes(store: Store, disk: Disk) -> None:
    with started(store) as commits:
        future = commits.put([arrival()])
        disk.wait_for_flushes(1)
        stopping = threading.Thread(target=commits.stop)
        stopping.start()
        for thread in commits._threads:
            if thread is not disk.thread:
                thread.join(30)
        assert stopping.is_alive()
        assert not future.done()
        disk.may_end.release()
        stopping.join(30)
        assert future.result() == [2]
