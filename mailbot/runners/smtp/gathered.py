"""Received mails are queued for the next commit together: those that are complete within a few turns of the event loop.

A commit takes as long for ten mails as for two, and while its thread works, it and the sessions wait for each other
(for the lock of the interpreter).
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from mailbot.model.queued_mail import Arrival

TURNS = 4  # of the event loop: in two, half as many mails come together; in more, not many more


class Put(Protocol):
    """`InboxCommit.put`."""

    def __call__(self, arrivals: Sequence[Arrival], *, at_once: bool) -> "Future[list[int]]": ...


class GatheredMails:
    """The mails that the sessions of one event loop have received and that are not queued for the commit yet.

    Its methods are called on the thread of that loop.
    """

    def __init__(self, put: Put) -> None:
        """`put` is `InboxCommit.put`.  Call it on the thread of the running event loop."""
        self._put = put
        self._loop = asyncio.get_running_loop()
        self._gathered: list[tuple[Arrival, asyncio.Future[int]]] = []

    def store(self, arrival: Arrival, *, alone: bool) -> "asyncio.Future[int]":
        """The future resolves to the mail's number when it is stored, or like that of `put`.

        The mail is stored even if the future is cancelled.  `alone`: there is no other session, whose mail could come
        or which would have to wait while this thread commits.
        """
        stored: asyncio.Future[int] = self._loop.create_future()
        self._gathered.append((arrival, stored))
        if alone:
            self.submit(at_once=True)
        elif len(self._gathered) == 1:
            self._loop.call_soon(self._wait, TURNS)
        return stored

    def _wait(self, turns: int) -> None:
        if turns:
            self._loop.call_soon(self._wait, turns - 1)
        else:
            self.submit()

    def submit(self, *, at_once: bool = False) -> None:
        """Queue the mails that were gathered for the next commit.  `at_once`: as in `InboxCommit.put`."""
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        futures = [stored for _, stored in gathered]
        try:
            numbers = self._put([arrival for arrival, _ in gathered], at_once=at_once)
        except Exception as error:  # of any kind: the clients get 451, and try again
            numbers = Future()
            numbers.set_exception(error)
        if numbers.done():
            _resolve(futures, numbers)
        else:
            numbers.add_done_callback(lambda numbers: self._loop.call_soon_threadsafe(_resolve, futures, numbers))


def _resolve(futures: Sequence["asyncio.Future[int]"], numbers: "Future[list[int]]") -> None:
    error = numbers.exception()
    for place, future in enumerate(futures):
        if future.done():  # the client is gone
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(numbers.result()[place])
