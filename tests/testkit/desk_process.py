"""`mailbot serve` in a process of its own, mail to it, and a look into its store."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from mailbot.records.secrets.sealing import KEY_FILE, Sealer
from tests.testkit.closed_days import CLOSED
from tests.testkit.desk import FORM

ENVIRONMENT = {
    **os.environ,
    "MAILBOT_SMTP_PORT": "0",
    "MAILBOT_WEB_PORT": "0",
    "MAILBOT_WEB_HEALTH_PORT": "0",
    "MAILBOT_DESK_ANSWERS_PER_HOUR": "100000",
    "MAILBOT_DESK_ANSWERS_PER_DAY": "100000",
    **CLOSED,
}


class Desk:
    """`mailbot serve` in a process of its own; its log lines are counted as they come."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        roles: str = "smtp,worker,sender,web",
        wrap: Sequence[str] = (),
        listens: bool = True,
    ) -> None:
        """`wrap`: a command that runs the desk, as strace does.  `port` stays 0 when it did not start."""
        self.said = ""
        self.process = subprocess.Popen(
            [*wrap, sys.executable, "-m", "mailbot", "serve", "--roles", roles],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT | dict(environment or {}),
            start_new_session=True,
        )
        self.port = 0
        self.handled = threading.Semaphore(0)
        listening = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(listening,))
        self._reader.start()
        assert not listens or listening.wait(60)

    def _read(self, listening: threading.Event) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if match := re.search(r"listening on 127\.0\.0\.1:(\d+)", line):
                self.port = int(match[1])
                listening.set()
            if "handled" in line:
                self.handled.release()
            self.said += line
        listening.set()

    def end(self, how: str) -> None:
        """`terminate`, or `kill`: the whole of it at one instant, as when the machine goes."""
        if how == "kill":
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()


async def send(port: int, number: int, acknowledged: list[str], text: str = "") -> None:
    """One mail; its Message-ID is noted when the server has said 250 to the data."""
    message_id = f"<{number}.kill@naxtrade.example>"
    head = f"From: taro@naxtrade.example\r\nSubject: x\r\nMessage-ID: {message_id}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    data = (head + (text or FORM.replace("失念", f"失念{number}")).replace("\n", "\r\n")).encode() + b"\r\n.\r\n"
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


def tally(folder: Path, query: str, of: str = "") -> list[object]:
    """The first column of what a query finds in the main store; `of`: `intake.` for the intake store."""
    with closing(sqlite3.connect(f"file:{folder}/store/mailbot.{of}sqlite3?mode=ro", uri=True)) as store:
        return [row[0] for row in store.execute(query)]


def received(folder: Path) -> dict[int, bytes]:
    """The raw mail of the intake store, by its number."""
    with closing(sqlite3.connect(f"file:{folder}/store/mailbot.intake.sqlite3?mode=ro", uri=True)) as intake:
        return opened(folder / "store", dict(intake.execute("SELECT id, content FROM received")))


def opened(store: Path, sealed: Mapping[int, bytes]) -> dict[int, bytes]:
    """Raw mails by their numbers, with the keys in the folder of the store."""
    sealer = Sealer(store / "keys" / KEY_FILE.name)
    found = {number: sealer.open("content", raw) for number, raw in sealed.items()}
    assert None not in found.values()
    return {number: raw for number, raw in found.items() if raw is not None}
