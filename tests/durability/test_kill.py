"""SIGKILL under load: what was answered with 250 is there afterwards, is handled once, and every notice goes out (T-88).

A kill is not a power loss: that the commit reaches the disk is SQLite's `synchronous=FULL`, checked by `doctor`.
"""

import asyncio
import re
from pathlib import Path

import pytest

from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import Desk, received, send, tally

pytestmark = pytest.mark.slow

ROUNDS = 4
CLIENTS = 30


async def load_and_kill(desk: Desk, first: int, acknowledged: list[str], after: int) -> None:
    clients = [asyncio.create_task(send(desk.port, first + i, acknowledged)) for i in range(CLIENTS)]
    await asyncio.to_thread(lambda: [desk.handled.acquire(timeout=30) for _ in range(after)])
    desk.end("kill")
    await asyncio.gather(*clients)


def test_no_acknowledged_mail_is_lost_and_none_is_handled_twice(tmp_path: Path) -> None:
    mailbot(tmp_path, "init", "--sample")
    acknowledged: list[str] = []
    for number in range(ROUNDS):
        desk = Desk(tmp_path)
        asyncio.run(load_and_kill(desk, number * CLIENTS, acknowledged, after=number * 5))
    mails = received(tmp_path)
    waiting = len(mails) - len(tally(tmp_path, "SELECT id FROM inbox WHERE state = 'done'"))
    desk = Desk(tmp_path)
    for _ in range(waiting):
        desk.handled.acquire(timeout=30)
    desk.end("terminate")
    kept = {match[0].decode() for raw in mails.values() if (match := re.search(rb"<\d+\.kill@[^>]+>", raw))}
    assert acknowledged
    assert set(acknowledged) <= kept
    done = "SELECT id FROM inbox WHERE state = 'done' ORDER BY id"
    assert tally(tmp_path, done) == sorted(mails)
    # the first is the application; all others name the same ID while it is open
    assert tally(tmp_path, "SELECT count(*) FROM application WHERE receipt IS NOT NULL") == [1]
    assert (
        tally(tmp_path, "SELECT count(*) FROM mail_log WHERE direction = 'in' GROUP BY inbox_id HAVING count(*) > 1")
        == []
    )
    assert tally(tmp_path, "SELECT count(*) FROM outbox GROUP BY message_id HAVING count(*) > 1") == []
    assert tally(tmp_path, "PRAGMA integrity_check") == ["ok"]
