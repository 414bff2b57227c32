"""Tests of records.queues.inbox, and of the batches of runners.inbox_commit."""

from concurrent.futures import Future
from dataclasses import replace

import pytest

from mailbot.errors import Permanent, Temporary
from mailbot.model.queued_mail import Disposition
from mailbot.records.database import UNAVAILABLE, Store
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox, received
from mailbot.runners.inbox_commit import InboxCommit
from tests.records.test_database import fill_disk
from tests.testkit.held_store import held
from tests.testkit.records import NOW, SQLITE, arrival, receive


def finish(item_id: int, disposition: Disposition = Disposition.ANSWERED, key: str = "") -> None:
    inbox.finish(item_id, disposition, "because", NOW, application_id=7, dedupe_key=key, detail="in words")


def test_a_mail_comes_out_as_it_came_in(store: Store) -> None:
    sent = arrival(bytes(range(256)) * 10, sender="")
    (number,) = receive(store, [sent])
    item = inbox.get(store, number)
    assert item is not None
    assert (item.envelope, item.raw, item.evidence) == (sent.envelope, sent.raw, sent.evidence)
    assert (item.received_at, item.source, item.attempts) == (NOW, "imap", 0)
    assert inbox.get(store, number + 1) is None


def test_any_sender_can_be_stored(store: Store) -> None:
    (number,) = receive(store, [arrival(sender="\udcff\0@x")])
    item = inbox.get(store, number)
    assert item is not None
    assert item.envelope.sender == "\ufffd\ufffd@x"


def test_all_or_none_are_accepted(store: Store) -> None:
    broken = replace(arrival(), received_at=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        receive(store, [arrival(), broken])
    assert inbox.count_not_transferred(store) == (0, None)


def test_the_oldest_is_claimed_and_the_attempt_counts(store: Store) -> None:
    first, second = receive(store, [arrival(), arrival()])
    for attempt in (1, 2):
        item = inbox.claim(store, NOW)
        assert item is not None
        assert (item.id, item.attempts) == (first, attempt)
    inbox.release(store, first)
    again = inbox.get(store, first)
    assert again is not None
    assert again.attempts == 1
    with store.transaction():
        finish(first)
    item = inbox.claim(store, NOW)
    assert item is not None
    assert item.id == second
    with store.transaction():
        finish(second)
    assert inbox.claim(store, NOW) is None


def test_counts(store: Store) -> None:
    numbers = receive(store, [arrival()] * 4)
    with store.transaction():
        finish(numbers[0])
        finish(numbers[1])
        finish(numbers[2], Disposition.QUARANTINED)
    assert inbox.counts() == {"waiting": 1, "answered": 2, "quarantined": 1}


def test_the_same_mail_is_found_once_it_was_handled(store: Store) -> None:
    first, second, third = receive(store, [arrival()] * 3)
    with store.transaction():
        finish(second, key="k")
        assert inbox.first_with_dedupe_key(["k"], second) is None
        assert inbox.first_with_dedupe_key(["k"], third) == second
        assert inbox.first_with_dedupe_key(["k"], first) == second  # the older one was handled later
        finish(first, key="k")
        assert inbox.first_with_dedupe_key(["k"], third) == first
        assert inbox.first_with_dedupe_key(["other"], third) is None
        assert inbox.first_with_dedupe_key(["other", "k"], third) == first


def test_an_empty_key_matches_nothing(store: Store) -> None:
    first, second = receive(store, [arrival()] * 2)
    with store.transaction():
        finish(first)
        assert inbox.first_with_dedupe_key([""], second) is None


def test_what_is_done_is_in_the_log(store: Store) -> None:
    first, second = receive(store, [arrival()] * 2)
    with store.transaction():
        finish(first)
        assert inbox.ids_not_logged() == [first]
        mail_log.append(at=NOW, direction="in", sender="a", recipient="b", inbox_id=first)
        finish(second)
    assert inbox.ids_not_logged() == [second]


def started(store: Store, told: list[int] | None = None) -> InboxCommit:
    commits = InboxCommit(store, on_commit=(lambda: told.append(1)) if told is not None else lambda: None)
    commits.start()
    return commits


def test_mails_that_wait_together_share_a_commit(store: Store) -> None:
    told: list[int] = []
    commits = started(store, told)
    raws = [str(number).encode() for number in range(50)]
    with held(store.intake):
        futures = [
            commits.put([arrival(raws[0])]),
            *(commits.put([arrival(raw) for raw in raws[begin : begin + 7]]) for begin in range(1, 50, 7)),
        ]
        assert not any(future.done() for future in futures)
    numbers = [number for future in futures for number in future.result()]
    commits.stop()
    assert numbers == sorted(set(numbers))
    assert [received.content(store, n) for n in numbers] == raws
    assert 1 <= len(told) < 10  # the first may have gone alone


@SQLITE
def test_the_future_comes_after_the_commit(store: Store) -> None:
    import sqlite3

    commits = started(store)
    seen: list[int] = []

    def look(future: "Future[list[int]]") -> None:
        other = sqlite3.connect(store.intake.path)
        seen.extend(row[0] for row in other.execute("SELECT id FROM received WHERE id = ?", future.result()))
        other.close()

    future = commits.put([arrival()])
    future.add_done_callback(look)
    commits.stop()
    assert seen == future.result()


def test_an_accepted_mail_cannot_be_cancelled(store: Store) -> None:
    commits = started(store)
    future = commits.put([arrival()])
    assert not future.cancel()
    commits.stop()
    assert received.content(store, future.result()[0]) == arrival().raw


def test_stop_writes_what_waits_and_puts_off_what_comes_later(store: Store) -> None:
    commits = started(store)
    futures = [commits.put([arrival()]) for _ in range(450)]
    commits.stop()
    assert len({number for future in futures for number in future.result()}) == 450
    with pytest.raises(Temporary):
        commits.put([arrival()]).result()
    assert inbox.count_not_transferred(store) == (450, NOW)


@SQLITE
def test_a_full_disk_fails_every_mail_of_the_batch_and_the_next_goes_on(store: Store) -> None:
    told: list[int] = []
    commits = started(store, told)
    fill_disk(store.intake)
    futures = [commits.put([arrival(b"x" * 300_000)]) for _ in range(3)]
    for future in futures:
        error = future.exception()
        assert isinstance(error, Temporary)
        assert error.public == UNAVAILABLE
    assert told == []
    store.intake._pragma("max_page_count=1000000")
    assert commits.put([arrival()]).result()[0] > 0
    commits.stop()
    assert inbox.count_not_transferred(store) == (1, NOW)


@pytest.mark.parametrize("failure", [KeyError("surprise"), Permanent("broken", "in detail")])
def test_whatever_goes_wrong_the_sender_keeps_the_mail(
    store: Store, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_: object, **__: object) -> list[int]:
        raise failure

    commits = started(store)
    with monkeypatch.context() as patch:
        patch.setattr(received, "accept", fail)
        error = commits.put([arrival()]).exception()
    assert isinstance(error, Temporary)
    assert error.public == UNAVAILABLE
    assert commits.put([arrival()]).result() == [1]
    commits.stop()


def test_an_exception_of_a_callback_does_not_end_the_intake(store: Store) -> None:
    def surprise() -> None:
        raise KeyError

    commits = InboxCommit(store, on_commit=surprise)
    commits.start()
    assert [commits.put([arrival()]).result() for _ in range(3)] == [[1], [2], [3]]
    commits.stop()
