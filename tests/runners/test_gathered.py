"""Mails that are complete at about the same time are queued for the commit together."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest

from mailbot.errors import Temporary
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.runners.smtp.gathered import TURNS, GatheredMails


def arrival(raw: bytes) -> Arrival:
    return Arrival(Envelope("a@b.example", ("desk@desk.example",)), raw, Evidence(), datetime(2026, 11, 20, tzinfo=UTC))


class Puts:
    """Stands for `InboxCommit.put`."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.at_once: list[bool] = []
        self.futures: list[Future[list[int]]] = []

    def __call__(self, arrivals: Sequence[Arrival], *, at_once: bool) -> "Future[list[int]]":
        self.batches.append([one.raw for one in arrivals])
        self.at_once.append(at_once)
        self.futures.append(Future())
        return self.futures[-1]


async def turns(count: int) -> None:
    """Let the event loop turn, which is what is counted here; no time passes."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_mails_of_some_turns_of_the_event_loop_share_a_commit() -> None:
    puts = Puts()
    gathered = GatheredMails(puts)
    stored = []
    for number in range(TURNS):
        stored.append(gathered.store(arrival(b"%d" % number), alone=False))
        await turns(1)
    await turns(2)
    assert puts.batches == [[b"%d" % number for number in range(TURNS)]]
    later = gathered.store(arrival(b"later"), alone=False)
    assert not any(one.done() for one in stored)
    puts.futures[0].set_result(list(range(7, 7 + TURNS)))
    assert await asyncio.gather(*stored) == list(range(7, 7 + TURNS))
    await turns(TURNS + 2)
    assert puts.batches[1:] == [[b"later"]] and not later.done()
    assert puts.at_once == [False, False]


async def test_a_mail_of_the_only_session_waits_for_no_other() -> None:
    puts = Puts()
    stored = GatheredMails(puts).store(arrival(b"x"), alone=True)
    assert (puts.batches, puts.at_once) == ([[b"x"]], [True])
    puts.futures[0].set_result([1])
    assert await stored == 1


async def test_a_mail_that_is_stored_at_once_waits_for_no_turn_of_the_event_loop() -> None:
    def put(arrivals: Sequence[Arrival], *, at_once: bool) -> "Future[list[int]]":
        numbers: Future[list[int]] = Future()
        numbers.set_result([7])
        return numbers

    assert GatheredMails(put).store(arrival(b"x"), alone=True).result() == 7


async def test_a_failure_is_that_of_each_mail_whose_client_is_there() -> None:
    puts = Puts()
    gathered = GatheredMails(puts)
    gone, here = (gathered.store(arrival(raw), alone=False) for raw in (b"gone", b"here"))
    gone.cancel()
    gathered.submit()
    assert puts.batches == [[b"gone", b"here"]]
    puts.futures[0].set_exception(Temporary("try again", "no space"))
    with pytest.raises(Temporary):
        await here
    await turns(TURNS + 2)
    assert len(puts.batches) == 1  # the turns that were begun find nothing


@pytest.mark.timeout(15)
async def test_a_store_that_takes_no_mail_keeps_no_client_waiting() -> None:
    def full(arrivals: Sequence[Arrival], *, at_once: bool) -> "Future[list[int]]":
        raise MemoryError

    with pytest.raises(MemoryError):
        await GatheredMails(full).store(arrival(b"x"), alone=False)
