"""A mail is committed by the thread of the SMTP sessions where it does not have to wait for anybody."""

import fcntl
import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from structlog.testing import capture_logs

from mailbot.errors import Busy, Temporary
from mailbot.records.database import Store, sqlite_connection
from mailbot.records.queues import received
from mailbot.runners import inbox_commit
from mailbot.runners.inbox_commit import LOG_OCTETS_OF_A_MAIL, MAX_OCTETS_AT_ONCE, MAX_SECONDS_AT_ONCE, InboxCommit
from tests.testkit.held_store import held
from tests.testkit.records import SQLITE, arrival

HERE, THERE = threading.current_thread().name, "inbox-commit"


class Threads:
    """The threads that have stored mail with `received.accept`, by name; it may fail after that."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        self.fail = False
        real = received.accept

        def accept(*given: object, **options: object) -> list[int]:
            numbers: list[int] = real(*given, **options)  # type: ignore[arg-type]
            self.names.append(threading.current_thread().name)
            if self.fail:
                raise OSError("after the commit, as far as the caller knows")
            return numbers

        monkeypatch.setattr(received, "accept", accept)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    return Threads(monkeypatch)


def no_time() -> float:
    """A clock by which every commit is fast."""
    return 0.0


class Client:
    """Puts mails one after the other: before the next, what follows the commit of the one before has begun."""

    def __init__(self, store: Store, monotonic: Callable[[], float]) -> None:
        self.told = threading.Semaphore(0)  # by on_commit
        self.commits = InboxCommit(store, self.told.release, monotonic)

    def put(self, raw: bytes = b"x") -> BaseException | None:
        """Store a mail, at once if that is possible; the exception if there is one."""
        error = self.commits.put([arrival(raw)], at_once=True).exception()
        if error is None:
            assert self.told.acquire(timeout=30)
        return error


@contextmanager
def started(store: Store, monotonic: Callable[[], float] = no_time) -> Iterator[Client]:
    client = Client(store, monotonic)
    client.commits.start()
    try:
        yield client
    finally:
        client.commits.stop()


def test_it_is_stored_when_put_returns(store: Store, threads: Threads) -> None:
    local = store.kind == "sqlite"  # a server may take its time
    with started(store) as client:
        future = client.commits.put([arrival(b"first")], at_once=True)
        assert future.done() == local
        assert future.result() == [1]
        assert received.content(store, 1) == b"first"
        assert threads.names == [HERE if local else THERE]
        assert client.told.acquire(timeout=30)
    assert isinstance(client.put(b"after the stop"), Temporary)


@contextmanager
def another_thread(store: Store) -> Iterator[None]:
    with held(store.intake):
        yield


@contextmanager
def lock_of_another_process(store: Store, name: str) -> Iterator[None]:
    path = store.intake.path  # type: ignore[attr-defined]
    with path.with_name(f"{path.name}.{name}").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        yield


@contextmanager
def program_without_our_locks(store: Store) -> Iterator[None]:
    with closing(sqlite3.connect(store.intake.path, isolation_level=None)) as other:  # type: ignore[attr-defined]
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


@pytest.mark.timeout(30)
@SQLITE
@pytest.mark.parametrize(
    "user",
    [
        another_thread,
        lambda store: lock_of_another_process(store, "lock"),
        lambda store: lock_of_another_process(store, "queue"),
        program_without_our_locks,
    ],
    ids=["thread", "lock", "queue", "program"],
)
def test_it_waits_for_nobody(store: Store, threads: Threads, user: Callable[[Store], Iterator[None]]) -> None:
    with started(store) as client:
        with user(store):  # type: ignore[attr-defined]
            with pytest.raises(Busy), store.intake.transaction(waits=False):
                pytest.fail("not reached")
            future = client.commits.put([arrival()], at_once=True)
            assert not future.done()
        assert future.result() == [1]
    assert threads.names == [THERE]


def test_it_does_not_depend_on_a_transaction_that_has_not_ended(store: Store) -> None:
    with started(store) as client:
        with pytest.raises(KeyError), store.intake.transaction():
            future = client.commits.put([arrival()], at_once=True)
            assert not future.done()
            raise KeyError
        assert future.result() == [1]
    assert received.content(store, 1) == arrival().raw


@SQLITE
def test_a_large_mail_keeps_the_sessions_from_nothing(store: Store, threads: Threads) -> None:
    with started(store) as client:
        for octets in (MAX_OCTETS_AT_ONCE + 1, MAX_OCTETS_AT_ONCE):
            assert client.put(b"x" * octets) is None
    assert threads.names == [THERE, HERE]


@SQLITE
@pytest.mark.parametrize("fails", [False, True])
def test_while_commits_are_slow_the_thread_makes_them(store: Store, threads: Threads, fails: bool) -> None:
    durations = [0.001, 2 * MAX_SECONDS_AT_ONCE, 2 * MAX_SECONDS_AT_ONCE, 0.001, 0.001]
    # The clock is read at the begin and the end of each commit.
    ticks = itertools.accumulate(itertools.chain.from_iterable((0.0, duration) for duration in durations))
    with started(store, monotonic=lambda: next(ticks)) as client:
        for duration in durations:
            threads.fail = fails and duration > MAX_SECONDS_AT_ONCE
            assert (client.put() is not None) == threads.fail
    assert threads.names == [HERE, HERE, THERE, THERE, HERE]


@SQLITE
def test_a_failure_is_that_of_the_mail(store: Store, threads: Threads) -> None:
    with started(store) as client:
        threads.fail = True
        assert isinstance(client.put(), Temporary)
        assert client.commits.failure.startswith("OSError")
        threads.fail = False
        assert client.put() is None
        assert client.commits.failure == ""
    assert threads.names == [HERE, HERE]
    assert not client.told.acquire(blocking=False)  # for the one that was stored alone


def in_database_file(store: Store) -> int:
    """How many mails a checkpoint has moved."""
    path = store.intake.path  # type: ignore[attr-defined]
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:  # without its log
        return int(database.execute("SELECT count(*) FROM received").fetchone()[0])


@SQLITE
@pytest.mark.parametrize("place", [HERE, THERE])
def test_what_is_in_the_log_is_moved_to_the_database_afterwards(
    store: Store, monkeypatch: pytest.MonkeyPatch, threads: Threads, place: str
) -> None:
    octets = 100 if place == HERE else MAX_OCTETS_AT_ONCE + 1
    monkeypatch.setattr(inbox_commit, "CHECKPOINT_OCTETS", 3 * (octets + LOG_OCTETS_OF_A_MAIL))
    store.intake.checkpoint()
    found = []
    for mails in (2, 3):
        with started(store) as client:
            assert [client.put(b"x" * octets) for _ in range(mails)] == [None] * mails
        found.append(in_database_file(store))
    assert found == [0, 5]
    assert threads.names == [place] * 5


@SQLITE
def test_no_mail_waits_for_a_checkpoint(store: Store, monkeypatch: pytest.MonkeyPatch, threads: Threads) -> None:
    """The log may have become long by other transactions than those of the `InboxCommit`."""
    monkeypatch.setitem(sqlite_connection.PRAGMAS, "wal_autocheckpoint", 1)
    store.intake._pragma("wal_autocheckpoint = 1")  # type: ignore[attr-defined]
    store.intake.checkpoint()
    with started(store) as client:
        assert client.put() is None
        assert in_database_file(store) == 0
    assert threads.names == [HERE]
    received.accept(store, [arrival()], waits=True)
    assert in_database_file(store) == 2  # SQLite makes its checkpoints again


@SQLITE
def test_sqlite_waits_for_nobody_either(store: Store) -> None:
    for waits, milliseconds in ((True, 10_000), (False, 0), (True, 10_000)):
        with store.intake.transaction(waits=waits):
            assert store.intake._pragma("busy_timeout") == [milliseconds]  # type: ignore[attr-defined]


@SQLITE
def test_a_checkpoint_that_fails_is_logged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise Temporary("later", "no space")

    monkeypatch.setattr(inbox_commit, "CHECKPOINT_OCTETS", 1)
    monkeypatch.setattr(store.intake, "checkpoint", fail)
    with capture_logs() as lines, started(store) as client:
        assert client.put() is None
        assert client.put() is None
    assert [(line["event"], line["detail"]) for line in lines] == [("checkpoint-failed", "no space")] * 2
