"""How fast a mail is acknowledged: from the final dot to its 250, beside a Postfix on the same disk, in turn.

The mails come from a sender who is not registered; the rows of the desk differ by what it does besides.  Postfix hands
its mails to the `discard` transport.  Needs root (Postfix's master).
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mailbot.runners.sink import Sink
from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import Desk, last_line, send
from tests.testkit.postfix import make
from tests.testkit.servers import server_folder

SESSIONS = (20, 1)
MAILS = {20: 300, 1: 60}  # of a round
PACE, PACED_MAILS = 100, 300  # mails a second, and of a round, each begun at its time whatever the earlier ones do
BODY = (
    b"Subject: x\r\nFrom: a@elsewhere.example\r\nMessage-ID: <%d.%d@x>\r\n\r\n" + (b"x" * 70 + b"\r\n") * 55 + b".\r\n"
)


@dataclass
class Figures:
    """Of one server: mails per second of each round, and seconds from the final dot to 250 of each mail."""

    rates: dict[int, list[float]] = field(default_factory=lambda: {number: [] for number in SESSIONS})
    waits: dict[int, list[float]] = field(default_factory=lambda: {number: [] for number in SESSIONS})
    paced: list[float] = field(default_factory=list)  # the same at PACE mails a second


async def one_mail(port: int, number: int) -> float:
    """Seconds from the final dot to its 250."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await last_line(reader)
    steps = (b"EHLO c\r\n", b"MAIL FROM:<a@elsewhere.example>\r\n", b"RCPT TO:<desk@desk.example>\r\n", b"DATA\r\n")
    for step in steps:
        writer.write(step)
        await last_line(reader)
    begin = time.perf_counter()
    writer.write(BODY % (number, time.monotonic_ns()))
    answer = await last_line(reader)
    end = time.perf_counter()
    if not answer.startswith(b"250"):
        raise RuntimeError(answer.decode())
    writer.write(b"QUIT\r\n")
    writer.close()
    return end - begin


async def round_of(port: int, sessions: int, figures: Figures) -> None:
    """MAILS mails over `sessions` sessions at once, one mail a session."""
    left = iter(range(MAILS[sessions]))

    async def session() -> None:
        for number in left:
            figures.waits[sessions].append(await one_mail(port, number))

    begin = time.perf_counter()
    await asyncio.gather(*(session() for _ in range(sessions)))
    figures.rates[sessions].append(MAILS[sessions] / (time.perf_counter() - begin))


async def paced_round(port: int, figures: Figures) -> None:
    """PACED_MAILS mails, PACE a second."""
    loop = asyncio.get_running_loop()
    begin, mails = loop.time(), []
    for number in range(PACED_MAILS):
        await asyncio.sleep(begin + number / PACE - loop.time())
        mails.append(asyncio.create_task(one_mail(port, number)))
    figures.paced += await asyncio.gather(*mails)


@contextlib.contextmanager
def desk(root: Path, relay: int, roles: str) -> Iterator[Desk]:
    root.mkdir()
    mailbot(root, "init", "--sample")
    process = Desk(root, {"MAILBOT_RELAY_HOST": "127.0.0.1", "MAILBOT_RELAY_PORT": str(relay)}, roles)
    try:
        yield process
    finally:
        process.end("terminate")


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """The port of a relay that takes every mail, on an event loop in a thread of its own."""
    loop, relay = asyncio.new_event_loop(), Sink()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(relay.start(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(relay.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def measure(port: int, figures: Figures) -> None:
    """One round of each number of sessions, and one at PACE."""
    for sessions in SESSIONS:
        await round_of(port, sessions, figures)
    await paced_round(port, figures)


async def measure_busy(process: Desk, figures: Figures, applications: int) -> None:
    """The same while `applications` mails with a form arrive each second and the worker has begun on them."""
    accepted: list[str] = []

    async def load() -> None:
        while True:
            await send(process.port, time.monotonic_ns(), accepted)
            await asyncio.sleep(1 / applications)

    while process.handled.acquire(blocking=False):
        pass  # the mails of earlier rounds
    running = asyncio.create_task(load())
    await asyncio.to_thread(process.handled.acquire)
    await measure(process.port, figures)
    running.cancel()


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def show(name: str, figures: Figures, beside: Figures) -> None:
    cells = []
    for sessions in SESSIONS:
        ratios = [a / b for a, b in zip(figures.rates[sessions], beside.rates[sessions], strict=True)]
        waits = figures.waits[sessions]
        half, most = (percentile(waits, share) for share in (0.5, 0.99))
        cells.append(f"{statistics.median(ratios):5.2f} {half * 1e3:7.1f} {most * 1e3:7.1f} ms")
    half, most = (percentile(figures.paced, share) for share in (0.5, 0.99))
    cells.append(f"{most / percentile(beside.paced, 0.99):5.1f} {half * 1e3:7.1f} {most * 1e3:7.1f} ms")
    print(f"{name:44}" + " | ".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--roles", choices=("smtp", "all"), default="all", help="smtp: only the desk with that role")
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    if shutil.which("postfix") is None or os.getuid() != 0:
        raise SystemExit("needs Postfix and root")
    with tempfile.TemporaryDirectory() as folder, server_folder() as postfix_root, contextlib.ExitStack() as stack:
        root = Path(folder)
        postfix = make(postfix_root, {"desk.example": "discard:"})
        postfix.start()
        stack.callback(postfix.stop)
        relay = stack.enter_context(sink())
        alone = stack.enter_context(desk(root / "smtp", relay, "smtp"))
        every = stack.enter_context(desk(root / "all", relay, "smtp,worker,sender,web"))
        servers: dict[str, Callable[[Figures], None]] = {
            "Postfix": lambda figures: asyncio.run(measure(postfix.port, figures)),
            "desk, --roles smtp": lambda figures: asyncio.run(measure(alone.port, figures)),
            "desk, all roles": lambda figures: asyncio.run(measure(every.port, figures)),
            "desk, all roles, 10 applications a second": lambda figures: asyncio.run(measure_busy(every, figures, 10)),
        }
        if options.roles == "smtp":
            servers = {name: servers[name] for name in ("Postfix", "desk, --roles smtp")}
        found = {server: Figures() for server in servers}
        for _ in range(options.rounds):
            for server, run in servers.items():
                run(found[server])
    heads = " | ".join(f"{number} session{'s' * (number > 1)}: ratio, p50, p99" for number in SESSIONS)
    heads += f" | {PACE} a second: p99 ratio, p50, p99"
    print(f"{'':44}{heads}")
    for server in servers:
        show(server, found[server], found["Postfix"])


if __name__ == "__main__":
    main()
