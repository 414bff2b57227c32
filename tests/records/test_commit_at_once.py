"""A mail is committed by the thread of the SMTP sessions where it does not have to wait for anybody."""

import fcntl
import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from mailbot.errors import Busy, Temporary
from mailbot.records.database import Store
from mailbot.records.queues import received
from mailbot.runners import inbox_commit
from mailbot.runners.inbox_commit import MAX_OCTETS_AT_ONCE, MAX_SECONDS_AT_ONCE, InboxCommit
from tests.testkit.records import SQLITE, arrival


class Threads:
    """The threads that have stored mail with `received.accept`, by name; it may fail after that."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        self.fail = False
        real = received.accept

        def accept(store: Store, arrivals: object, *, waits: bool) -> list[int]:
            numbers: list[int] = real(store, arrivals, waits=waits)  # type: ignore[arg-type]
            self.names.append(threading.current_thread().name)
            if self.fail:
                raise OSError("after the commit, as far as the caller knows")
            return numbers

        monkeypatch.setattr(received, "accept", accept)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    return Threads(monkeypatch)


HERE, THERE = threading.current_thread().name, "inbox-commit"


@contextmanager
def started(store: Store, **options: Callable[[], float]) -> Iterator[InboxCommit]:
    commits = InboxCommit(store, **options)  # type: ignore[arg-type]
    commits.start()
    try:
        yield commits
    finally:
        commits.stop()


def test_it_is_stored_when_put_returns(store: Store, threads: Threads) -> None:
    local = store.kind == "sqlite"  # a server may take its time
    told = threading.Event()
    commits = InboxCommit(store, on_commit=told.set)
    commits.start()
    future = commits.put([arrival(b"first")], at_once=True)
    assert future.done() == local
    assert future.result() == [1]
    assert received.content(store, 1) == b"first"
    assert threads.names == [HERE if local else THERE]
    assert told.wait(30)
    commits.stop()
    with pytest.raises(Temporary):
        commits.put([arrival()], at_once=True).result()


@SQLITE
@pytest.mark.parametrize("lock", ["lock", "queue"])
def test_it_does_not_wait_for_another_process(store: Store, threads: Threads, lock: str) -> None:
    path = store.intake.path  # type: ignore[attr-defined]
    with started(store) as commits, path.with_name(f"{path.name}.{lock}").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Busy), store.intake.transaction(waits=False):
            pytest.fail("not reached")
        future = commits.put([arrival()], at_once=True)
        assert not future.done()
        fcntl.flock(other, fcntl.LOCK_UN)
        assert future.result() == [1]
    assert threads.names == [THERE]


def test_it_does_not_wait_for_another_thread(store: Store, threads: Threads) -> None:
    reading, let_go = threading.Event(), threading.Event()

    def read() -> None:
        with store.intake.reading():
            reading.set()
            let_go.wait()

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait()
    with started(store) as commits:
        with pytest.raises(Busy), store.intake.transaction(waits=False):
            pytest.fail("not reached")
        future = commits.put([arrival()], at_once=True)
        assert not future.done()
        let_go.set()
        thread.join()
        assert future.result() == [1]
    assert threads.names == [THERE]


@SQLITE
def test_a_large_mail_keeps_the_sessions_from_nothing(store: Store, threads: Threads) -> None:
    with started(store) as commits:
        for octets in (MAX_OCTETS_AT_ONCE + 1, MAX_OCTETS_AT_ONCE):
            commits.put([arrival(b"x" * octets)], at_once=True).result()
    assert threads.names == [THERE, HERE]


@SQLITE
@pytest.mark.parametrize("fails", [False, True])
def test_while_commits_are_slow_the_thread_makes_them(store: Store, threads: Threads, fails: bool) -> None:
    durations = [0.001, 2 * MAX_SECONDS_AT_ONCE, 2 * MAX_SECONDS_AT_ONCE, 0.001, 0.001]
    # The clock is read at the begin and the end of each commit.
    ticks = itertools.accumulate(itertools.chain.from_iterable((0.0, duration) for duration in durations))
    with started(store, monotonic=lambda: next(ticks)) as commits:
        for duration in durations:
            threads.fail = fails and duration > MAX_SECONDS_AT_ONCE
            assert (commits.put([arrival()], at_once=True).exception() is not None) == threads.fail
            while not commits._waiting.empty():
                pass  # the thread does what follows a commit
    assert threads.names == [HERE, HERE, THERE, THERE, HERE]


@SQLITE
def test_a_failure_is_that_of_the_mail(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> list[int]:
        raise KeyError

    with started(store) as commits:
        with monkeypatch.context() as patch:
            patch.setattr(received, "accept", fail)
            assert isinstance(commits.put([arrival()], at_once=True).exception(), Temporary)
            assert commits.failure == "KeyError()"
        assert commits.put([arrival()], at_once=True).result() == [1]
        assert commits.failure == ""


@SQLITE
@pytest.mark.parametrize("at_once", [True, False])
def test_what_many_mails_have_written_is_moved_to_the_database_after_them(
    store: Store, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    monkeypatch.setattr(inbox_commit, "CHECKPOINT_MAILS", 3)
    path = store.intake.path  # type: ignore[attr-defined]

    def in_database_file() -> int:
        with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:  # without its WAL
            return int(database.execute("SELECT count(*) FROM received").fetchone()[0])

    store.intake.checkpoint()
    found = []
    for mails in (2, 3):
        with started(store) as commits:
            for _ in range(mails):
                commits.put([arrival()], at_once=at_once).result()
        found.append(in_database_file())
    assert found == [0, 5]
