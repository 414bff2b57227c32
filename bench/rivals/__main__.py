"""Install the rivals and print the tables of one run, all systems in turn; plots go to bench/plots.

    python -m bench.rivals [--quick] [--only intake slow-disk processing first-notice approval growth]

What cannot be installed or started here is named on standard error and left out.
"""

import argparse
import asyncio
import itertools
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import growth, svg_plot
from bench.rivals import desks, intake, others, processing
from bench.rivals.counting_sink import CountingSink, counting_sink

PLOTS = Path(__file__).parents[1] / "plots"
FLUSH_MS = 5
SLOW_DISK = (
    *("strace", "--follow-forks", "--seccomp-bpf", "--quiet=all", "-o", "/dev/null"),
    *("-e", "trace=fsync,fdatasync", "-e", f"inject=fsync,fdatasync:delay_exit={FLUSH_MS}ms"),
)
BUSY = f"desk, all roles, {intake.BUSY} applications a second"
ALL = "desk, all roles"


AMOUNTS = intake.Amounts(many=300, alone=60, paced=300)
SLOW_AMOUNTS = intake.Amounts(many=200, alone=60, paced=0)


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    rounds: int = 6
    slow_rounds: int = 3
    amounts: intake.Amounts = AMOUNTS
    slow_amounts: intake.Amounts = SLOW_AMOUNTS
    mails: int = 80  # of a round of full processing
    first: int = 300  # mails whose first notice is waited for
    approvals: int = 7
    histories: tuple[int, ...] = (1_000, 4_000, 16_000)
    offices: int = 3_000


QUICK = Scale(
    rounds=2,
    slow_rounds=1,
    amounts=intake.Amounts(many=200, alone=30, paced=150),
    slow_amounts=intake.Amounts(many=100, alone=15, paced=0),
    mails=40,
    first=90,
    approvals=3,
    histories=(250, 1_000),
    offices=1_000,
)


class Run:
    """The parts of one run; each prints its table."""

    def __init__(self, scale: Scale, plots: Path | None) -> None:
        self._scale, self._plots = scale, plots

    def measure_intake(self) -> None:
        """Durable accept, over several sessions at once, one, and at a steady pace."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            relay = stack.enter_context(counting_sink()).port
            servers: dict[str, Callable[[intake.Figures], None]] = {}
            amounts = self._scale.amounts

            def add(name: str, server: intake.Server) -> None:
                servers[name] = lambda figures: asyncio.run(intake.measure(server, amounts, figures))

            if _can("Postfix"):
                add("Postfix", intake.Server(stack.enter_context(others.postfix())))
            if _can("mailman"):
                port = stack.enter_context(others.mailman(_in(folder, "mailman")))
                add("Mailman, LMTP", intake.Server(port, b"LHLO"))
            alone = stack.enter_context(desks.desk(folder / "smtp", relay, "smtp"))
            add("desk, --roles smtp", intake.Server(alone.port))
            every = stack.enter_context(desks.desk(folder / "all", relay, offices=self._scale.offices))
            add(ALL, intake.Server(every.port))
            applications = desks.Applications()
            servers[BUSY] = lambda figures: asyncio.run(intake.measure_busy(every, applications, amounts, figures))
            found = intake.in_turn(servers, self._scale.rounds)
        _print("Durable intake", intake.table(found, next(iter(found))))
        self._plot_intake(found)

    def _plot_intake(self, found: Mapping[str, intake.Figures]) -> None:
        if self._plots is None:
            return
        sessions = sorted(intake.SESSIONS)
        rates = {name: [statistics.median(one.rates[number]) for number in sessions] for name, one in found.items()}
        groups = [f"{number} session{'s' * (number > 1)}" for number in sessions]
        svg_plot.bars(self._plots / "intake.svg", "Mails accepted durably", "a second", groups, rates)
        shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
        waits = {
            name: [intake.percentile(one.paced, share) * 1e3 for share in shares.values()]
            for name, one in found.items()
        }
        title = f"Final dot to 250 at {intake.PACE} mails a second"
        svg_plot.bars(self._plots / "latency.svg", title, "ms", list(shares), waits, log=True)

    def measure_slow_disk(self) -> None:
        """The same where each fsync and fdatasync takes FLUSH_MS longer, of Postfix and the desk alike (strace)."""
        if not _can("strace") or not _can("Postfix"):
            return
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            relay = stack.enter_context(counting_sink()).port
            postfix = intake.Server(stack.enter_context(others.postfix(SLOW_DISK)))
            every = stack.enter_context(desks.desk(folder / "all", relay, wrap=SLOW_DISK))
            amounts, desk = self._scale.slow_amounts, intake.Server(every.port)
            found = intake.in_turn(
                {
                    "Postfix": lambda figures: asyncio.run(intake.measure(postfix, amounts, figures)),
                    ALL: lambda figures: asyncio.run(intake.measure(desk, amounts, figures)),
                },
                self._scale.slow_rounds,
            )
        _print(f"Durable intake, each flush {FLUSH_MS} ms longer", intake.table(found, "Postfix"))

    def measure_processing(self) -> None:
        """Application in, its notices at the relay."""
        rounds, mails = self._scale.rounds, self._scale.mails
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            systems: dict[str, Callable[[], float]] = {}
            numbers = itertools.count()
            starts: dict[str, Callable[..., AbstractContextManager[others.Processor]]] = {
                "django-helpdesk": others.helpdesk,
                "roundup": others.roundup,
            }
            for name, start in starts.items():
                if _can(name):
                    sink = stack.enter_context(counting_sink())
                    system = stack.enter_context(start(_in(folder, name), sink))
                    systems[name] = _of_tickets(system, mails, numbers)
            rivals = list(systems)
            for name, signs in {"desk": False, "desk, DMARC and DKIM": True}.items():
                sink = stack.enter_context(counting_sink())
                place = folder / ("signs" if signs else "plain")
                desk = stack.enter_context(desks.desk(place, sink.port, offices=(rounds + 1) * mails, signs=signs))
                systems[name] = _of_desk(desk.port, sink, mails, desks.Applications(signs=signs))
            processing.in_turn(systems, 1, mails)  # everything is loaded
            rates = processing.in_turn(systems, rounds, mails)
        _print("Full processing", processing.table(rates, rivals))
        if self._plots is not None:
            values = {name: [statistics.median(one)] for name, one in rates.items()}
            svg_plot.bars(self._plots / "processing.svg", "Mails processed, notices sent", "a second", [""], values)

    def measure_first_notice(self) -> None:
        """At a steady pace: the time to the notice that the applicant gets."""
        rows = [f"| {processing.PACE} applications a second | p50 / p99 ms |", "|---|---|"]
        for name, signs in {"desk": False, "desk, DMARC and DKIM": True}.items():
            with tempfile.TemporaryDirectory() as folder, counting_sink() as sink:
                applications = desks.Applications(signs=signs)
                with desks.desk(Path(folder) / "desk", sink.port, offices=self._scale.first + 20, signs=signs) as desk:
                    processing.process(desk.port, sink, applications.take(20))  # everything is loaded
                    seconds = processing.to_first_notice(desk.port, sink, applications.take(self._scale.first))
            rows.append(f"| {name} | {processing.show_first(seconds)} |")
        _print("From the mail to the applicant's notice", rows)

    def measure_approval(self) -> None:
        """CPU time of 承認."""
        rows = ["| 承認 | notices | papers | read, ms | decide, ms | write, ms |", "|---|---|---|---|---|---|"]
        rows += [costs.row(name) for name, costs in processing.approvals(self._scale.approvals).items()]
        _print("A decision, CPU time (median)", rows)

    def measure_growth(self) -> None:
        """What a mail, lists and look-ups cost with more applications stored."""
        columns = []
        for applications in self._scale.histories:
            with tempfile.TemporaryDirectory() as folder:
                columns.append(growth.measure(Path(folder), applications))
        counts = [column["applications"] for column in columns]
        rows = [
            f"| | {' | '.join(f'{count:,.0f}' for count in counts)} |",
            "|---" * (len(columns) + 1) + "|",
        ]
        for name in columns[0]:
            rows.append(f"| {name} | {' | '.join(f'{column[name]:.1f}' for column in columns)} |")
        _print("A long history, ms", rows)
        if self._plots is not None:
            shown = (
                "an application, CPU",
                "applications list",
                "log list",
                "log search, frequent",
                "tasks of a minute",
            )
            series = {name: [column[name] for column in columns] for name in shown}
            svg_plot.lines(
                self._plots / "growth.svg", "By the number of applications stored", "ms", counts, series, log=True
            )


def _of_tickets(system: others.Processor, mails: int, numbers: Iterator[int]) -> Callable[[], float]:
    return lambda: system.process(desks.ticket_mails(mails, numbers))


def _of_desk(port: int, sink: CountingSink, mails: int, applications: desks.Applications) -> Callable[[], float]:
    return lambda: processing.process(port, sink, applications.take(mails))


def _in(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _can(name: str) -> bool:
    """Whether a system can be started; what is missing is said."""
    if what := others.missing(name):
        print(f"LEFT OUT: {what}", file=sys.stderr, flush=True)
    return not what


def _print(title: str, rows: Iterator[str] | list[str]) -> None:
    print(f"\n### {title}\n", *rows, sep="\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and mails: 3 minutes instead of 15")
    parser.add_argument("--only", nargs="+", metavar="PART", help="some parts, of: " + ", ".join(_parts()))
    parser.add_argument("--plots", type=Path, default=PLOTS, help="folder of the plots (default: bench/plots)")
    options = parser.parse_args()
    chosen = options.only or list(_parts())
    if unknown := [part for part in chosen if part not in _parts()]:
        parser.error(f"no such part: {', '.join(unknown)}")
    for name in others.FROM_PYPI:
        try:
            others.install(name)
        except others.NotInstalled as error:
            print(f"LEFT OUT: {error}", file=sys.stderr, flush=True)
    options.plots.mkdir(exist_ok=True)
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    versions = ", ".join(
        f"{name} {others.version(name)}" for name in ("Postfix", *others.FROM_PYPI) if not others.missing(name)
    )
    print(
        f"{os.cpu_count()} processors, load before: {load}; CPython {platform.python_version()}; {versions}", flush=True
    )
    begin, run = time.monotonic(), Run(QUICK if options.quick else Scale(), options.plots)
    for part in chosen:
        getattr(run, "measure_" + part.replace("-", "_"))()
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n{time.monotonic() - begin:.0f} s; load after: {load}")


def _parts() -> tuple[str, ...]:
    return ("intake", "slow-disk", "processing", "first-notice", "approval", "growth")


if __name__ == "__main__":
    main()
