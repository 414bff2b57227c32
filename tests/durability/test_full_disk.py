"""A disk that is really full (a tmpfs): the desk refuses mail for now, loses none, and goes on when there is room.

tests/durability/test_io_faults.py has the errors at each single write.
"""

import asyncio
import os
import smtplib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path

import pytest

from mailbot.runners.sink import Sink
from tests.durability.test_io_faults import send
from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import ENVIRONMENT, Desk, received, tally
from tests.testkit.readiness import readyz
from tests.testkit.servers import free_port
from tests.testkit.waiting import until

pytestmark = pytest.mark.slow

DISK_OCTETS = 24 << 20
MIN_FREE_OCTETS = 1 << 20
FULL = "the disk is full: less than smtp.min_free_bytes are free\n"
STATES = "SELECT state || ' ' || count(*) FROM {} GROUP BY state"
MAILS = 35
MOST_LINES = 300  # of the log while the disk is full: a thread that does not wait writes thousands


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder with a disk of its own; skipped where this may not be mounted, in CI that is a failure."""
    with tempfile.TemporaryDirectory(prefix="mailbot-disk-") as name:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_OCTETS},mode=700", "tmpfs", name],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no small disk: {done.stderr.strip()}")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


@pytest.fixture
def relay() -> Iterator[tuple[Sink, int]]:
    """A relay on an event loop of its own, and its port."""
    loop, sink = asyncio.new_event_loop(), Sink()
    port = loop.run_until_complete(sink.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield sink, port
    asyncio.run_coroutine_threadsafe(sink.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def fill(folder: Path) -> None:
    with (folder / "filler").open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def refused(port: int) -> bytes:
    """The answer to MAIL."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.ehlo()
        code, text = client.mail("taro@naxtrade.example")
    return b"%d %s" % (code, text)


@pytest.mark.timeout(180)
def test_a_disk_that_runs_full_and_is_cleared(small_disk: Path, relay: tuple[Sink, int]) -> None:
    """T-12, T-92: it fills while mails wait for their decisions and notices to be written."""
    folder, (sink, relay_port), health_port = small_disk, relay, free_port()
    mailbot(folder, "init", "--sample")
    variables = {
        "MAILBOT_SMTP_MIN_FREE_BYTES": str(MIN_FREE_OCTETS),
        "MAILBOT_WEB_HEALTH_PORT": str(health_port),
        "MAILBOT_RELAY_HOST": "127.0.0.1",
        "MAILBOT_RELAY_PORT": str(relay_port),
    }
    desk = Desk(folder, variables)
    try:
        acknowledged = [number for number in range(MAILS) if send(desk.port, number) == "250"]
        fill(folder)
        assert len(acknowledged) == MAILS
        assert refused(desk.port).startswith(b"452 4.3.1")
        status, text = readyz(health_port)
        assert status == 503 and FULL in text
        lines = desk.said.count("\n")
        for _ in range(2):  # what waits is tried again and again meanwhile
            doctor = [sys.executable, "-m", "mailbot", "doctor"]
            done = subprocess.run(
                doctor, cwd=folder, env=ENVIRONMENT | variables, capture_output=True, text=True, check=False
            )
            assert done.returncode == 1 and "all mail is refused" in done.stdout
        assert desk.said.count("\n") - lines < MOST_LINES and "Traceback" not in desk.said
        waits = tally(folder, STATES.format("inbox"))
        assert waits != [f"done {MAILS}"] and desk.process.poll() is None

        (folder / "filler").unlink()
        assert send(desk.port, MAILS) == "250"
        until(lambda: readyz(health_port)[0] == 200, "readiness")
        until(lambda: tally(folder, STATES.format("inbox")) == [f"done {MAILS + 1}"], "the decisions")
        until(lambda: len(tally(folder, STATES.format("outbox"))) == 1 and sink.wait_for(0, 0) != [], "the notices")
        until(lambda: tally(folder, STATES.format("outbox"))[0] == f"sent {len(sink.wait_for(0, 0))}", "their delivery")
    finally:
        desk.end("terminate")
    ids = {message_from_bytes(raw)["Message-ID"] for raw in received(folder).values()}
    assert ids == {f"<{number}.fault@naxtrade.example>" for number in range(MAILS + 1)}
    assert tally(folder, "PRAGMA integrity_check") == ["ok"]
