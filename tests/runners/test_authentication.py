"""The authentication loop: a mail that waits for name servers does not delay the mails behind it."""

import threading

import pytest

from mailbot.errors import Temporary
from mailbot.mail.message import Message
from mailbot.model.evidence import Evidence, Result
from mailbot.model.queued_mail import Arrival, Envelope, InboxItem
from mailbot.records.queues import inbox
from mailbot.runners.authentication import MAX_PARALLEL, AuthenticationLoop
from tests.testkit.desk import DeskUnderTest
from tests.testkit.records import receive

PASSED = Evidence(aligned=Result.PASS)


def arrive(desk: DeskUnderTest, *subjects: str) -> list[int]:
    mails = [
        Arrival(
            Envelope("taro@naxtrade.example", ("desk@desk.example",)),
            f"From: taro@naxtrade.example\r\nSubject: {subject}\r\n\r\nx".encode(),
            Evidence(),
            desk.clock.now(),
        )
        for subject in subjects
    ]
    return receive(desk.store, mails, authenticate=True)


class Waiting:
    """Runs the loop until a number of mails are ready."""

    def __init__(self, desk: DeskUnderTest, authenticate) -> None:  # type: ignore[no-untyped-def]
        object.__setattr__(desk.context.tools, "authenticate", authenticate)
        self.ready = threading.Semaphore(0)
        self.loop = AuthenticationLoop(desk.context, desk.clock, self.ready.release)

    def __enter__(self) -> "Waiting":
        self.loop.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.stop()

    def until(self, count: int) -> None:
        for _ in range(count):
            assert self.ready.acquire(timeout=30)


def test_one_that_hangs_holds_up_none(desk: DeskUnderTest) -> None:
    let_go = threading.Event()

    def authenticate(_item: InboxItem, message: Message) -> Evidence:
        if message.subject == "slow":
            assert let_go.wait(30)
        return PASSED

    first, *others = arrive(desk, "slow", *["quick"] * (2 * MAX_PARALLEL))
    with Waiting(desk, authenticate) as waiting:
        waiting.until(len(others))
        with desk.store.reading():
            found = [inbox.get(desk.store, number) for number in others]
        assert all(item is not None and item.evidence == PASSED for item in found)
        assert [item.id for item in inbox.unauthenticated(desk.store, desk.clock.now(), 99, ())] == [first]
        let_go.set()
        waiting.until(1)
    assert inbox.unauthenticated(desk.store, desk.clock.now(), 99, ()) == []
    claimed = inbox.claim(desk.store, desk.clock.now())
    assert claimed is not None and claimed.id == first  # in the order of their arrival


@pytest.mark.parametrize(("error", "state"), [(ZeroDivisionError(), "waiting"), (Temporary("away"), "arrived")])
def test_what_raises(desk: DeskUnderTest, error: Exception, state: str) -> None:
    """After an exception the mail is handled without evidence; after a failure of the store it is tried again."""

    def authenticate(*_: object) -> Evidence:
        raise error

    (number,) = arrive(desk, "x")
    with Waiting(desk, authenticate) as waiting:
        waiting.until(1)
    with desk.store.reading():
        item = inbox.get(desk.store, number)
        assert item is not None and item.evidence == Evidence()
    waiting_ids = [item.id for item in inbox.unauthenticated(desk.store, desk.clock.now(), 9, ())]
    assert (waiting_ids == [number]) is (state == "arrived")
