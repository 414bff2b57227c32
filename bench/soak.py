"""`make soak`: the figures of docs/reliability.md, on both databases.  Prints one table; exit code 1 when one is not 0.

python -m bench.soak --scale 0.1 --databases sqlite,postgresql
"""

import argparse
import asyncio
import os
import platform
import resource
import sqlite3
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from tests.durability.test_power_loss import record
from tests.testkit.bomb_tally import run_bombs
from tests.testkit.bomb_texts import BOMBS
from tests.testkit.kills import POINTS, Trial
from tests.testkit.postgres import Postgres, available
from tests.testkit.power_loss import simulate
from tests.testkit.races import race

RANDOM_KILLS, KILLS_AT_A_POINT, KILLS_AROUND_DELIVERY, RACES, IMAGES = 10_000, 100, 2_000, 10_000, 20_000
DELIVERY = ("notice claimed", "after the final dot", "before the mark", "mark written, not committed", "notice written")
KILLS_IN_ONE_STORE, RACES_IN_ONE_STORE = 100, 250  # a store grows with each life; then a fresh one is taken
HEADINGS = ("series", "database", "tried", "acknowledged", "lost", "done twice", "notices", "came twice", "amiss", "s")


@dataclass
class Line:
    """One row of the table."""

    series: str
    database: str
    tried: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    notices: int = 0
    repeated: int = 0
    amiss: int = 0
    seconds: float = 0.0  # of its parts together
    faults: list[str] = field(default_factory=list)

    def add(self, part: "Line") -> None:
        """Count a part of this series."""
        for name in ("tried", "acknowledged", "lost", "doubled", "notices", "repeated", "amiss", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(part, name))

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.doubled or self.amiss)

    def cells(self) -> list[str]:
        numbers = (self.tried, self.acknowledged, self.lost, self.doubled, self.notices, self.repeated, self.amiss)
        return [self.series, self.database, *(f"{number:,}" for number in numbers), f"{self.seconds:.0f}"]


@dataclass(frozen=True)
class Task:
    """A part of a series: one store, in a process of its own beside those of other parts."""

    series: str
    database: str
    count: int
    seed: int
    point: str = "-"
    run: Callable[["Task", Postgres | None], Line] = field(repr=False, kw_only=True)


@contextmanager
def _new_store(server: Postgres | None) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL of a fresh store: in it, or on `server`."""
    with tempfile.TemporaryDirectory(prefix="mailbot-soak-") as name:
        yield Path(name), server.database() if server else "sqlite:///store/mailbot.sqlite3"


def kills(task: Task, server: Postgres | None) -> Line:
    line, begun = Line(task.series, task.database), time.monotonic()
    with _new_store(server) as (folder, url):
        tally = asyncio.run(Trial(folder, url, task.seed, task.series).run(task.count, task.point))
    line.tried, line.acknowledged = tally.kills, tally.acknowledged
    line.lost = tally.lost + tally.inquiries_lost
    line.doubled = tally.doubled + tally.answers_doubled
    line.notices, line.repeated = tally.notices, tally.repeated
    line.amiss = tally.changed + len(tally.faults)
    line.faults = tally.faults
    line.seconds = time.monotonic() - begun
    return line


def races(task: Task, server: Postgres | None) -> Line:
    line, begun = Line(task.series, task.database), time.monotonic()
    with _new_store(server) as (folder, url):
        found = race(folder, url, task.count, task.seed)
    line.tried, line.acknowledged, line.doubled = found.rounds, found.decisions, found.rounds - found.winners
    line.amiss, line.faults = len(found.faults), found.faults
    line.seconds = time.monotonic() - begun
    return line


def power(task: Task, _: Postgres | None) -> Line:
    line, begun = Line(task.series, task.database), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mailbot-soak-") as name:
        recorded = record(Path(name))
        work = Path(name) / "images"
        work.mkdir()
        tally = simulate(recorded.events, recorded.initial, work, task.count, seed=1)
    line.tried, line.acknowledged, line.lost = tally.images, tally.checked, tally.lost
    line.notices, line.amiss = tally.left, tally.damaged + tally.halves + tally.unknown
    line.seconds = time.monotonic() - begun
    return line


def bombs(task: Task, _: Postgres | None) -> Line:
    """Every mail of one kind that is made to exhaust the reader, and the honest mails among them."""
    line, begun = Line(task.series, task.database), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mailbot-soak-") as name:
        tally = run_bombs(task.point, Path(name))
    line.tried, line.acknowledged = tally.bombs, tally.honest
    line.amiss, line.faults = len(tally.faults), tally.faults
    line.seconds = time.monotonic() - begun
    return line


def _parts(count: int, most: int) -> Iterator[tuple[int, int]]:
    """`count` in parts of at most `most`: (part, number)."""
    for number, first in enumerate(range(0, count, most)):
        yield min(most, count - first), number


def tasks(scale: float, databases: list[str]) -> Iterator[Task]:
    """Every series, in parts that have a store each."""

    def times(full: int) -> int:
        return max(1, round(full * scale))

    for kind in databases:
        series = {"killed at random": ("-", RANDOM_KILLS)}
        for point in POINTS:
            series[f"killed: {point}"] = (point, KILLS_AROUND_DELIVERY if point in DELIVERY else KILLS_AT_A_POINT)
        for name, (point, full) in series.items():
            for count, seed in _parts(times(full), KILLS_IN_ONE_STORE):
                yield Task(name, kind, count, zlib.crc32(f"{name} {kind} {seed}".encode()), point, run=kills)
        for count, seed in _parts(times(RACES), RACES_IN_ONE_STORE):
            yield Task("reviewers at once", kind, count, seed, run=races)
    if "sqlite" in databases:
        yield Task("power lost", "sqlite", times(IMAGES), 1, run=power)
        for kind in BOMBS:
            yield Task("bombs of every kind", "sqlite", 1, 1, kind, run=bombs)


def soak(scale: float, databases: list[str], processes: int) -> list[Line]:
    """Every series; `processes` parts at a time, because each waits for the disk and for its own desk."""
    lines: dict[tuple[str, str], Line] = {}
    with ExitStack() as stack:
        servers: dict[str, Postgres | None] = {"sqlite": None}
        if "postgresql" in databases:
            root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mailbot-soak-")))
            root.chmod(0o755)
            server = servers["postgresql"] = Postgres(root / "postgres").make().start()
            stack.callback(server.stop)
        pool = stack.enter_context(ProcessPoolExecutor(processes, mp_context=get_context("spawn")))
        running = []
        for task in tasks(scale, databases):
            lines.setdefault((task.series, task.database), Line(task.series, task.database))
            running.append(pool.submit(task.run, task, servers[task.database]))
        for done in as_completed(running):
            part = done.result()
            print("  ".join(part.cells()), file=sys.stderr, flush=True)
            for fault in part.faults:
                print(f"INCONSISTENT {part.series} {part.database}: {fault}", file=sys.stderr)
            lines[part.series, part.database].add(part)
    return list(lines.values())


def main() -> int:
    parser = argparse.ArgumentParser(description="Figures of reliability.")
    parser.add_argument("--scale", type=float, default=1.0, help="1: the full counts, which take many hours")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="parts at a time")
    given = parser.parse_args()
    databases = given.databases.split(",")
    if "postgresql" in databases and (missing := available()):
        print(f"SKIPPED postgresql: {missing}", file=sys.stderr)
        databases.remove("postgresql")
    print(f"scale {given.scale:g} · {platform.python_implementation()} {platform.python_version()}")
    print(f"SQLite {sqlite3.sqlite_version} · {os.cpu_count()} processors")
    begun = time.monotonic()
    lines = soak(given.scale, databases, given.processes)
    cells = [HEADINGS, *(tuple(line.cells()) for line in lines)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADINGS))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"largest process: {peak} MB; {time.monotonic() - begun:.0f} s with {given.processes} parts at a time")
    return 0 if all(line.is_well for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
