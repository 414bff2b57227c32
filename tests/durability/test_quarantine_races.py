"""Several operators release and discard the same mails at once, and some are killed meanwhile: each mail once."""

import itertools
import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailbot.app.context import make_context
from mailbot.config import Config
from mailbot.desk.operations.quarantine import Operator, discard, release
from mailbot.model.queued_mail import Disposition
from mailbot.records.database import open_store
from mailbot.records.log import audit, mail_log
from mailbot.records.maintenance import consistency
from mailbot.records.queues import inbox
from tests.testkit.desk import START, DeskUnderTest, open_desk_under_test
from tests.testkit.records import arrival, audited, receive

pytestmark = pytest.mark.slow

MAILS = 120
OPERATORS = 4
LIFE = 10  # mails, of an operator who dies


@pytest.mark.timeout(300)
def test_each_mail_is_released_or_discarded_once(tmp_path: Path, database: str) -> None:
    desk = open_desk_under_test(tmp_path, url=database)
    numbers = quarantined_mails(desk, MAILS)
    context = multiprocessing.get_context("spawn")
    beginning = context.Barrier(OPERATORS)
    running = [
        context.Process(target=operate, args=(desk.config, number, numbers, beginning)) for number in range(OPERATORS)
    ]
    desk.store.close()
    for process in running:
        process.start()
    for process in running:
        process.join(120)
    assert [process.exitcode for process in running] == [-signal.SIGKILL, -signal.SIGKILL, 0, 0]
    desk.store = open_store(database, tmp_path)
    try:
        with desk.store.reading():
            rows = [row for row in mail_log.listing(10 * MAILS) if row.disposition in ("released", "discarded")]
            assert sorted(row.inbox_id or 0 for row in rows) == numbers
            assert {row.disposition for row in rows} == {"released", "discarded"}
            assert len(audited()) == MAILS
            assert consistency.check_consistency(desk.store).faults == ()
            released = {row.inbox_id for row in rows if row.disposition == "released"}
            assert inbox.counts() == {"waiting": len(released), "discarded": MAILS - len(released)}
    finally:
        desk.store.close()


def quarantined_mails(desk: DeskUnderTest, count: int) -> list[int]:
    numbers = receive(desk.store, [arrival() for _ in range(count)])
    with desk.store.transaction():
        for number in numbers:
            inbox.finish(number, Disposition.QUARANTINED, "surprise", START)
            mail_log.append(at=START, direction="in", disposition="quarantined", reason="surprise", inbox_id=number)
    return numbers


def operate(config: Config, number: int, numbers: list[int], beginning: Any) -> None:
    """The same mails in another order: two operators release, two discard; one of each kind dies on the way."""
    store = open_store(config.store.url, config.base)
    context, by = make_context(config, store), Operator(f"operator {number}", START)
    mixed = list(numbers)
    random.Random(number).shuffle(mixed)
    if number < OPERATORS // 2:
        audit.append = die_in_transaction(LIFE)
    beginning.wait(60)
    for one in mixed:
        if number % 2:
            release(one, by, context)
        else:
            discard(one, "test", by, context)
    store.close()


def die_in_transaction(after: int, function: Callable[..., Any] = audit.append) -> Callable[..., Any]:
    """`function`, which kills its process when it is called for the last time."""
    calls = itertools.count(1)

    def deadly(*args: Any) -> Any:
        result = function(*args)
        if next(calls) == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return deadly
