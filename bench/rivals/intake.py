"""How fast a mail is acknowledged: mails per second over some sessions at once, and the time from the final dot to 250.

The mails come from a sender who is not registered.
"""

import asyncio
import contextlib
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.rivals.desks import Applications
from tests.testkit.desk_process import Desk, last_line

SESSIONS = (20, 50, 1)
PACE = 100  # mails a second, each begun at its time whatever the earlier ones do
BUSY = 10  # applications a second
IDLE_SHARE, LONGEST_IDLE = 0.1, 60.0  # of the processors' time; seconds to wait for it
BODY = (
    b"Subject: x\r\nFrom: a@elsewhere.example\r\nMessage-ID: <%d.%d@x>\r\n\r\n" + (b"x" * 70 + b"\r\n") * 55 + b".\r\n"
)


@dataclass(frozen=True)
class Amounts:
    """Mails of a round: over several sessions, over one, and at PACE (0: not measured)."""

    many: int
    alone: int
    paced: int


@dataclass
class Figures:
    """Of one server: mails per second of each round, and seconds from the final dot to 250 of each mail."""

    rates: dict[int, list[float]] = field(default_factory=lambda: {number: [] for number in SESSIONS})
    waits: dict[int, list[float]] = field(default_factory=lambda: {number: [] for number in SESSIONS})
    paced: list[float] = field(default_factory=list)  # the waits at PACE mails a second

    def ratio(self, sessions: int, beside: "Figures") -> float:
        """Mails per second ÷ those of `beside` in the same round, the median of the rounds."""
        pairs = zip(self.rates[sessions], beside.rates[sessions], strict=True)
        return statistics.median(own / other for own, other in pairs)


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@dataclass(frozen=True)
class Server:
    """Where mails are sent, and how it is greeted: an LMTP server with LHLO (RFC 2033)."""

    port: int
    hello: bytes = b"EHLO"

    async def take(self, sender: str, data: bytes) -> float:
        """Send a mail; seconds from its final dot to 250.  Raises RuntimeError for another reply."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        await last_line(reader)
        steps = (self.hello + b" c", f"MAIL FROM:<{sender}>".encode(), b"RCPT TO:<desk@desk.example>", b"DATA")
        for step in steps:
            writer.write(step + b"\r\n")
            await last_line(reader)
        begin = time.perf_counter()
        writer.write(data)
        answer = await last_line(reader)
        end = time.perf_counter()
        if not answer.startswith(b"250"):
            raise RuntimeError(answer.decode())
        writer.write(b"QUIT\r\n")
        writer.close()
        return end - begin

    async def take_stranger(self, number: int) -> float:
        return await self.take("a@elsewhere.example", BODY % (number, time.monotonic_ns()))


async def _round_of(server: Server, sessions: int, mails: int, figures: Figures) -> None:
    """`mails` over `sessions` sessions at once, a connection for each."""
    left = iter(range(mails))

    async def session() -> None:
        for number in left:
            figures.waits[sessions].append(await server.take_stranger(number))

    begin = time.perf_counter()
    await asyncio.gather(*(session() for _ in range(sessions)))
    figures.rates[sessions].append(mails / (time.perf_counter() - begin))


async def _paced_round(server: Server, mails: int, figures: Figures) -> None:
    loop = asyncio.get_running_loop()
    begin, running = loop.time(), []
    for number in range(mails):
        await asyncio.sleep(begin + number / PACE - loop.time())
        running.append(asyncio.create_task(server.take_stranger(number)))
    figures.paced += await asyncio.gather(*running)


async def measure(server: Server, amounts: Amounts, figures: Figures, *, when_idle: bool = True) -> None:
    """One round of each number of sessions, and one at PACE; `when_idle`: each begins when the processors are idle."""
    for sessions in SESSIONS:
        if when_idle:
            await _idle()
        await _round_of(server, sessions, amounts.alone if sessions == 1 else amounts.many, figures)
    if amounts.paced:
        if when_idle:
            await _idle()
        await _paced_round(server, amounts.paced, figures)


async def _idle() -> None:
    """Wait until the processors have nothing to do: every system has handled the mails of the rounds before."""
    end = time.monotonic() + LONGEST_IDLE
    while await _busy_share() > IDLE_SHARE and time.monotonic() < end:
        pass


async def _busy_share() -> float:
    """The share of the time of all processors that was used, for a while (proc_stat(5))."""
    before = _ticks()
    await asyncio.sleep(0.3)
    used, idle = (now - then for now, then in zip(_ticks(), before, strict=True))
    return used / max(1, used + idle)


def _ticks() -> tuple[int, int]:
    """Used and idle, since the start of the machine."""
    user, nice, system, idle, waiting, *others = map(int, Path("/proc/stat").read_text().split()[1:9])
    return user + nice + system + sum(others), idle + waiting


async def measure_busy(desk: Desk, applications: Applications, amounts: Amounts, figures: Figures) -> None:
    """The same while BUSY applications arrive each second and the first of them has been handled."""
    server = Server(desk.port)

    async def load() -> None:
        while True:
            ((sender, mail),) = applications.take(1)
            await server.take(sender, mail + b".\r\n")
            await asyncio.sleep(1 / BUSY)

    while desk.handled.acquire(blocking=False):
        pass  # the mails of earlier rounds
    running = asyncio.create_task(load())
    try:
        await asyncio.to_thread(desk.handled.acquire)
        await measure(server, amounts, figures, when_idle=False)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def in_turn(servers: Mapping[str, Callable[[Figures], None]], rounds: int) -> dict[str, Figures]:
    """`rounds` rounds of all servers in turn: name → its figures."""
    found = {name: Figures() for name in servers}
    for _ in range(rounds):
        for name, run in servers.items():
            run(found[name])
    return found


def table(found: Mapping[str, Figures], beside: str) -> Iterator[str]:
    """Rows of a Markdown table; ratios to the server `beside`."""
    paced = bool(found[beside].paced)
    heads = [f"{number} session{'s' * (number > 1)}: ÷ {beside}, p50 / p99 ms" for number in SESSIONS]
    heads += [f"{PACE} a second: p99 ÷ {beside}'s, p50 / p99 ms"] * paced
    yield f"| | {' | '.join(heads)} |"
    yield "|---" * (len(heads) + 1) + "|"
    for name, figures in found.items():
        cells = []
        for sessions in SESSIONS:
            ratio = figures.ratio(sessions, found[beside])
            rate = statistics.median(figures.rates[sessions])
            cells.append(f"{ratio:.2f} ({rate:.0f}/s), {_half_and_most(figures.waits[sessions])}")
        if paced:
            ratio = percentile(figures.paced, 0.99) / percentile(found[beside].paced, 0.99)
            cells.append(f"{ratio:.1f}, {_half_and_most(figures.paced)}")
        yield f"| {name} | {' | '.join(cells)} |"


def _half_and_most(seconds: Sequence[float]) -> str:
    return f"{percentile(seconds, 0.5) * 1e3:.1f} / {percentile(seconds, 0.99) * 1e3:.1f}"
