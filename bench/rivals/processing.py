"""Full processing: an application in, every notice of it at the relay; and what a decision costs."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar
from unittest import mock

from bench.rivals.counting_sink import CountingSink
from bench.rivals.desks import NOTICES
from bench.rivals.intake import Server, percentile
from mailbot.desk import reception
from tests.testkit import desk as desk_module
from tests.testkit.contract_forms import ABOLITION, MAILBOX, approve
from tests.testkit.desk import FORM, open_desk_under_test

P = ParamSpec("P")
R = TypeVar("R")
AT_ONCE = 5  # sessions that send applications
FORMS = {"パスワード初期化": FORM, "利用者IDの廃止": ABOLITION, "メールボックスの追加・廃止": MAILBOX}
PACE = 15  # applications a second, for the time to the first notice


def process(port: int, sink: CountingSink, mails: Sequence[tuple[str, bytes]]) -> float:
    """Seconds until a desk has taken all `mails`, decided on them, and its notices have arrived at `sink`."""
    server, left = Server(port), iter(mails)

    async def session() -> None:
        for sender, mail in left:
            await server.take(sender, mail + b".\r\n")

    async def sessions() -> None:
        await asyncio.gather(*(session() for _ in range(AT_ONCE)))

    begin, before = time.perf_counter(), sink.count
    asyncio.run(sessions())
    sink.wait_for(before + NOTICES * len(mails))
    return time.perf_counter() - begin


def to_first_notice(port: int, sink: CountingSink, mails: Sequence[tuple[str, bytes]]) -> list[float]:
    """Seconds from the beginning of each mail, PACE a second, to the notice that its sender gets."""
    server, begun, before = Server(port), {}, sink.count

    async def paced() -> None:
        loop = asyncio.get_running_loop()
        begin, running = loop.time(), []
        for number, (sender, mail) in enumerate(mails):
            await asyncio.sleep(begin + number / PACE - loop.time())
            begun[sender] = time.perf_counter()
            running.append(asyncio.create_task(server.take(sender, mail + b".\r\n")))
        await asyncio.gather(*running)

    asyncio.run(paced())
    sink.wait_for(before + NOTICES * len(mails))
    return [sink.arrivals[sender] - begin for sender, begin in begun.items()]


def in_turn(systems: Mapping[str, Callable[[], float]], rounds: int, mails: int) -> dict[str, list[float]]:
    """Name → applications per second in each round, all systems in turn."""
    rates: dict[str, list[float]] = {name: [] for name in systems}
    for _ in range(rounds):
        for name, run in systems.items():
            rates[name].append(mails / run())
    return rates


def table(rates: Mapping[str, Sequence[float]], beside: Sequence[str]) -> Iterator[str]:
    """Rows of a Markdown table: ratios to each of the systems `beside`, medians of the rounds."""
    yield f"| | a second | {' | '.join(f'÷ {other}' for other in beside)} |"
    yield "|---" * (len(beside) + 2) + "|"
    for name, own in rates.items():
        cells = [f"{statistics.median(own):.1f}"]
        for other in beside:
            cells.append(f"{statistics.median(a / b for a, b in zip(own, rates[other], strict=True)):.2f}")
        yield f"| {name} | {' | '.join(cells)} |"


def show_first(seconds: Sequence[float]) -> str:
    return f"{percentile(seconds, 0.5) * 1e3:.0f} / {percentile(seconds, 0.99) * 1e3:.0f}"


@dataclass
class Costs:
    """CPU seconds of each decision: what is done before its transaction, the decision itself, writing its notices."""

    read: list[float] = field(default_factory=list)
    decide: list[float] = field(default_factory=list)
    write: list[float] = field(default_factory=list)
    papers: int = 0  # PDF files in the notices of one
    notices: int = 0

    def row(self, name: str) -> str:
        cells = [f"{statistics.median(part) * 1e3:.1f}" for part in (self.read, self.decide, self.write)]
        return f"| {name} | {self.notices} | {self.papers} | {' | '.join(cells)} |"


def approvals(rounds: int) -> dict[str, Costs]:
    """承認 of `rounds` applications of some procedures, each in a new desk of this process, after one not counted."""
    found = {}
    for name, form in FORMS.items():
        _approval(form, Costs())  # compiles the templates, reads the fonts
        found[name] = Costs()
        for _ in range(rounds):
            _approval(form, found[name])
    return found


def _approval(form: str, costs: Costs) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        desk = open_desk_under_test(Path(folder))
        stack.callback(desk.store.close)
        taro, ichiro = (
            desk.person("通関 太郎", "taro@naxtrade.example"),
            desk.person("審査 一郎", "ichiro@desk.example"),
        )
        taro.sends(form, "申込")
        used: dict[str, float] = {}
        before = {person.address: len(person.mails) for person in desk.people.values()}
        for owner, name, part in (
            (reception, "_prepare", "read"),
            (reception, "_make_ready", "read"),
            (reception, "handle", "all"),
            (desk_module, "write_due", "write"),
        ):
            stack.enter_context(mock.patch.object(owner, name, _timed(getattr(owner, name), part, used)))
        approve(desk, ichiro)
        assert desk.last is not None and desk.last.disposition.value == "carried_out"
        costs.read.append(used["read"])
        costs.decide.append(used["all"] - used["read"])
        costs.write.append(used["write"])
        new = [got for one in desk.people.values() for got in one.mails[before.get(one.address, 0) :]]
        costs.notices = len(new)
        costs.papers = sum(part.get_content_type() == "application/pdf" for got in new for part in got.message.walk())


def _timed(function: Callable[P, R], name: str, used: dict[str, float]) -> Callable[P, R]:
    """`function`, whose CPU seconds are added to `used`."""

    def timed(*args: P.args, **kwargs: P.kwargs) -> R:
        begin = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            used[name] = used.get(name, 0.0) + time.process_time() - begin

    return timed
