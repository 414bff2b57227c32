"""`make soak`: the figures of docs/reliability.md, on both databases.  Prints one table; exit code 1 when one is not 0.

python -m bench.soak --scale 0.1 --databases sqlite,postgresql
"""

import argparse
import asyncio
import os
import platform
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.durability.test_power_loss import record
from tests.testkit.bomb_tally import run_bombs
from tests.testkit.bomb_texts import BOMBS
from tests.testkit.kills import POINTS, Trial
from tests.testkit.postgres import Postgres, available
from tests.testkit.power_loss import simulate
from tests.testkit.races import race

RANDOM_KILLS, KILLS_AT_A_POINT, KILLS_AROUND_DELIVERY, RACES, IMAGES = 10_000, 100, 2_000, 10_000, 20_000
DELIVERY = ("notice claimed", "after the final dot", "before the mark", "mark written, not committed", "notice written")
KILLS_IN_ONE_STORE = 250  # a store grows with each life; then a fresh one is taken
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
    seconds: float = 0.0

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.doubled or self.amiss)

    def cells(self) -> list[str]:
        numbers = (self.tried, self.acknowledged, self.lost, self.doubled, self.notices, self.repeated, self.amiss)
        return [self.series, self.database, *(f"{number:,}" for number in numbers), f"{self.seconds:.0f}"]


Fresh = Callable[[], tuple[Path, str]]


@contextmanager
def stores(kind: str) -> Iterator[Fresh]:
    """A function that makes a folder and the URL of a fresh store in it."""
    with tempfile.TemporaryDirectory(prefix="mailbot-soak-") as name:
        root = Path(name)
        root.chmod(0o755)
        server = Postgres(root / "postgres").make().start() if kind == "postgresql" else None
        numbers = iter(range(10**6))

        def fresh() -> tuple[Path, str]:
            folder = root / f"desk{next(numbers)}"
            folder.mkdir()
            return folder, server.database() if server else "sqlite:///store/mailbot.sqlite3"

        try:
            yield fresh
        finally:
            if server:
                server.stop()


def kills(series: str, kind: str, fresh: Fresh, count: int, point: str = "-") -> Line:
    line, begun = Line(series, kind), time.monotonic()
    while line.tried < count:
        folder, url = fresh()
        seed = hash((series, kind, line.tried)) & 0xFFFF
        tally = asyncio.run(Trial(folder, url, seed, series).run(min(KILLS_IN_ONE_STORE, count - line.tried), point))
        line.tried += tally.kills
        line.acknowledged += tally.acknowledged
        line.lost += tally.lost + tally.inquiries_lost
        line.doubled += tally.doubled + tally.answers_doubled
        line.notices += tally.notices
        line.repeated += tally.repeated
        line.amiss += tally.changed + len(tally.faults)
        for fault in tally.faults:
            print(f"INCONSISTENT {series} {kind}: {fault}", file=sys.stderr)
        shutil.rmtree(folder)
    line.seconds = time.monotonic() - begun
    return line


def races(kind: str, fresh: Fresh, count: int) -> Line:
    line, begun = Line("reviewers at once", kind), time.monotonic()
    while line.tried < count:
        folder, url = fresh()
        found = race(folder, url, min(500, count - line.tried), seed=line.tried)
        line.tried += found.rounds
        line.acknowledged += found.decisions
        line.doubled += found.rounds - found.winners
        line.amiss += len(found.faults)
        shutil.rmtree(folder)
    line.seconds = time.monotonic() - begun
    return line


def power(count: int) -> Line:
    line, begun = Line("power lost", "sqlite"), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mailbot-soak-") as name:
        recorded = record(Path(name))
        work = Path(name) / "images"
        work.mkdir()
        tally = simulate(recorded.events, recorded.initial, work, count, seed=1)
    line.tried, line.acknowledged, line.lost = tally.images, tally.checked, tally.lost
    line.amiss = tally.damaged + tally.halves
    line.seconds = time.monotonic() - begun
    return line


def bombs() -> Line:
    """Every mail that is made to exhaust the reader, of every kind, and the honest mails among them."""
    line, begun = Line("bombs of every kind", "sqlite"), time.monotonic()
    for kind in BOMBS:
        with tempfile.TemporaryDirectory(prefix="mailbot-soak-") as name:
            tally = run_bombs(kind, Path(name))
        line.tried += tally.bombs
        line.acknowledged += tally.honest
        line.amiss += len(tally.faults)
        for fault in tally.faults:
            print(f"INCONSISTENT {line.series}: {fault}", file=sys.stderr)
    line.seconds = time.monotonic() - begun
    return line


def soak(scale: float, databases: list[str]) -> Iterator[Line]:
    """Every series, one after the other."""

    def times(full: int) -> int:
        return max(1, round(full * scale))

    for kind in databases:
        with stores(kind) as fresh:
            yield kills("killed at random", kind, fresh, times(RANDOM_KILLS))
            for point in POINTS:
                full = KILLS_AROUND_DELIVERY if point in DELIVERY else KILLS_AT_A_POINT
                yield kills(f"killed: {point}", kind, fresh, times(full), point)
            yield races(kind, fresh, times(RACES))
    if "sqlite" in databases:
        yield power(times(IMAGES))
        yield bombs()


def main() -> int:
    parser = argparse.ArgumentParser(description="Figures of reliability.")
    parser.add_argument("--scale", type=float, default=1.0, help="1: the full counts, which take many hours")
    parser.add_argument("--databases", default="sqlite,postgresql")
    given = parser.parse_args()
    databases = given.databases.split(",")
    if "postgresql" in databases and (missing := available()):
        print(f"SKIPPED postgresql: {missing}", file=sys.stderr)
        databases.remove("postgresql")
    console = Console(width=140)
    print(f"scale {given.scale:g} · {platform.python_implementation()} {platform.python_version()}")
    print(f"SQLite {sqlite3.sqlite_version} · {os.cpu_count()} processors")
    lines = []
    for line in soak(given.scale, databases):
        print("  ".join(line.cells()), file=sys.stderr, flush=True)
        lines.append(line)
    table = Table(*HEADINGS)
    for line in lines:
        table.add_row(*line.cells())
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"largest process: {peak} MB")
    return 0 if all(line.is_well for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
