"""SIGKILL under load: what was answered with 250 is there afterwards, is handled once, and every notice goes out (T-88).

A kill is not a power loss: that the commit reaches the disk is SQLite's `synchronous=FULL`, checked by `doctor`.
"""

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

from tests.commands.test_commands import mailbot
from tests.desk_in_hand import FORM

ROUNDS = 6
CLIENTS = 30
ENVIRONMENT = {
    **os.environ,
    "MAILBOT_SMTP_PORT": "0",
    "MAILBOT_WEB_PORT": "0",
    "MAILBOT_DESK_ANSWERS_PER_HOUR": "100000",
    "MAILBOT_DESK_ANSWERS_PER_DAY": "100000",
}


class Desk:
    """`mailbot serve` in a process of its own; its log lines are counted as they come."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "mailbot", "serve"]
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        self.port = 0
        self.handled = threading.Semaphore(0)
        listening = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(listening,))
        self._reader.start()
        assert listening.wait(30)

    def _read(self, listening: threading.Event) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if match := re.search(r"listening on 127\.0\.0\.1:(\d+)", line):
                self.port = int(match[1])
                listening.set()
            if "handled" in line:
                self.handled.release()

    def end(self, how: str) -> None:
        getattr(self.process, how)()
        self.process.wait(30)
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()


async def send(port: int, number: int, acknowledged: list[str]) -> None:
    """One mail; its Message-ID is noted when the server has said 250 to the data."""
    message_id = f"<{number}.kill@naxtrade.example>"
    head = f"From: taro@naxtrade.example\r\nSubject: x\r\nMessage-ID: {message_id}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    data = (head + FORM.replace("失念", f"失念{number}").replace("\n", "\r\n")).encode() + b"\r\n.\r\n"
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return  # the desk was killed: a client would send again
    steps = (
        b"EHLO c\r\n",
        b"MAIL FROM:<taro@naxtrade.example>\r\n",
        b"RCPT TO:<desk@desk.example>\r\n",
        b"DATA\r\n",
        data,
    )
    try:
        answer = await last_line(reader)
        for step in steps:
            writer.write(step)
            answer = await last_line(reader)
        if answer.startswith(b"250"):
            acknowledged.append(message_id)
    except OSError:
        return
    finally:
        writer.transport.abort()


async def last_line(reader: asyncio.StreamReader) -> bytes:
    while line := await reader.readline():
        if line[3:4] != b"-":
            return line
    raise ConnectionError


async def load_and_kill(desk: Desk, first: int, acknowledged: list[str], after: int) -> None:
    clients = [asyncio.create_task(send(desk.port, first + i, acknowledged)) for i in range(CLIENTS)]
    await asyncio.to_thread(lambda: [desk.handled.acquire(timeout=30) for _ in range(after)])
    desk.process.kill()
    await asyncio.gather(*clients)


def test_no_acknowledged_mail_is_lost_and_none_is_handled_twice(tmp_path: Path) -> None:
    mailbot(tmp_path, "init", "--sample")
    acknowledged: list[str] = []
    for number in range(ROUNDS):
        desk = Desk(tmp_path)
        asyncio.run(load_and_kill(desk, number * CLIENTS, acknowledged, after=number * 3))
        desk.end("kill")
    (waiting,) = tally(tmp_path, "SELECT count(*) FROM inbox WHERE state = 'waiting'")
    desk = Desk(tmp_path)
    for _ in range(int(str(waiting))):
        desk.handled.acquire(timeout=30)
    desk.end("terminate")
    with closing(sqlite3.connect(f"file:{tmp_path}/store/mailbot.sqlite3?mode=ro", uri=True)) as store:
        kept = {
            re.search(rb"<\d+\.kill@[^>]+>", bytes(row[0])).group().decode()
            for row in store.execute("SELECT content FROM inbox")
        }  # type: ignore[union-attr]
    assert acknowledged
    assert set(acknowledged) <= kept
    assert tally(tmp_path, "SELECT count(*) FROM inbox WHERE state = 'waiting'") == [0]
    # the first is the application; all others name the same ID while it is open
    assert tally(tmp_path, "SELECT count(*) FROM application WHERE receipt IS NOT NULL") == [1]
    assert (
        tally(tmp_path, "SELECT count(*) FROM mail_log WHERE direction = 'in' GROUP BY inbox_id HAVING count(*) > 1")
        == []
    )
    assert tally(tmp_path, "SELECT count(*) FROM outbox GROUP BY message_id HAVING count(*) > 1") == []
    assert tally(tmp_path, "PRAGMA integrity_check") == ["ok"]


def tally(folder: Path, query: str) -> list[object]:
    with closing(sqlite3.connect(f"file:{folder}/store/mailbot.sqlite3?mode=ro", uri=True)) as store:
        return [row[0] for row in store.execute(query)]
