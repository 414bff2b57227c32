"""What mails cost a desk with a million applications, beside one with a thousand.

    python -m bench.growth_mails --folder DIR [--applications 1000 1000000] [--store sqlite] [--rounds 12] [--plans]

Fills a store of each size in DIR, if it is not there from an earlier run (`stored_desk`: most bodies are stubs, five
rows of the mail log for each application, spread over a year).  Then a desk of each size is opened in a process of its
own, and all get the same mails in turn: an application, a reviewer's 確認依頼 and the answer to it, a question for the
状況, 承認 that quotes the notice, and a question of somebody who is not registered.  Each is received, authenticated
and decided on, and its notices are written and taken from the queue.  Prints for each mail the CPU time of the process
and of PostgreSQL's together, and the time by the clock, as medians in milliseconds, and the ratio of the largest size
to the smallest: the median of the ratios of the rounds.  `--plans`: the queries that read a table from one end to the
other.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

from bench.pages import backend, cpu_seconds, scans, watched
from bench.stored_desk import Size, arguments, stored_desk
from tests.testkit.contract_forms import approve
from tests.testkit.desk import FORM, DeskUnderTest

ANSWER = "修正\nパスワード初期化の希望理由：担当者が交代したため\n"
QUESTION = "利用者IDの追加について教えてください。\n"
WARM_UP = 2  # rounds that do not count
Costs = Mapping[str, tuple[float, float]]  # mail → seconds of CPU time, seconds by the clock


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--plans", action="store_true")
    given = parser.parse_args()
    with ExitStack() as stack:
        desks = [
            stack.enter_context(other_process(given.folder / f"{given.store}-{count}", given.store, count))
            for count in given.applications
        ]
        rounds = [[one_round(desk) for desk in desks] for _ in range(WARM_UP + given.rounds)][WARM_UP:]
        plans = [statements(desk) for desk in desks] if given.plans else []
    print_table(given.applications, rounds)
    for count, lines in zip(given.applications, plans, strict=False):
        print(f"{count} applications:", *lines, sep="\n    ")


@contextmanager
def other_process(folder: Path, kind: str, applications: int) -> Iterator[Connection]:
    """The end of a pipe to a process that has the desk of that size open."""
    folder.mkdir(exist_ok=True, parents=True, mode=0o755)
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=desk_process, args=(folder, kind, applications, theirs))
    process.start()
    theirs.close()
    print(f"{kind}, {applications} applications: {ours.recv()}", flush=True)
    try:
        yield ours
    finally:
        with suppress(BrokenPipeError):
            ours.send("end")
        process.join()


def one_round(desk: Connection) -> Costs:
    desk.send("round")
    costs: Costs = desk.recv()
    return costs


def statements(desk: Connection) -> list[str]:
    desk.send("plans")
    lines: list[str] = desk.recv()
    return lines


def desk_process(folder: Path, kind: str, applications: int, pipe: Connection) -> None:
    begin = time.perf_counter()
    with stored_desk(folder, kind, Size(applications=applications)) as desk:
        pipe.send(f"opened in {time.perf_counter() - begin:.0f} s")
        measured = Mails(desk)
        while (asked := pipe.recv()) != "end":
            if asked == "round":
                pipe.send(measured.round())
            else:
                with watched(desk.store) as found:
                    measured.round()
                pipe.send(list(scans(desk.store, found)))


@dataclass
class Mails:
    """The mails of one desk, measured."""

    desk: DeskUnderTest
    costs: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server = backend(self.desk.store)
        self.desk._numbers = time.time_ns()  # Message-IDs that an earlier run has not had

    def round(self) -> Costs:
        """One conversation about an application, and a day passes."""
        desk, self.costs = self.desk, {}
        taro = desk.person("通関 太郎", "taro@naxtrade.example")
        ichiro = desk.person("審査 一郎", "ichiro@desk.example")
        self._measure("an application", lambda: taro.sends(FORM, "申込"))
        request = next(got for got in reversed(ichiro.mails) if got.kind == "review-request")
        self._measure("確認依頼", lambda: ichiro.replies(request, "確認依頼\n理由を詳しく教えてください。\n"))
        asked = next(got for got in reversed(taro.mails) if got.kind == "confirmation-request")
        self._measure(
            "the answer to it", lambda: taro.replies(asked, "修正\nパスワード初期化の希望理由：担当者が交代したため\n")
        )
        self._measure("状況", lambda: taro.sends("状況\n", f"状況 {asked.receipt}"))
        self._measure("承認", lambda: approve(desk, ichiro))
        somebody = desk.person("", f"{time.time_ns()}@elsewhere.example")
        self._measure("a stranger's mail", lambda: somebody.sends(QUESTION, "お尋ね"))
        kinds = [got.kind for got in taro.mails]
        assert kinds == ["received", "confirmation-request", "received", "answer", "completed"], kinds
        for person in desk.people.values():
            person.forgets()
        desk.passes(hours=24)
        return self.costs

    def _measure(self, name: str, action: Callable[[], object]) -> None:
        began, begin = cpu_seconds(self.server), time.perf_counter()
        action()
        self.costs[name] = cpu_seconds(self.server) - began, time.perf_counter() - begin


def print_table(applications: list[int], rounds: list[list[Costs]]) -> None:
    print(f"{'CPU / clock, ms':<24}" + "".join(f"{count:>20,}" for count in applications) + f"{'ratio':>16}")
    for name in rounds[0][0]:
        cells, ratios = "", []
        for place in range(len(applications)):
            cpu, clock = (median(one[place][name][which] for one in rounds) * 1000 for which in (0, 1))
            cells += f"{cpu:>12.1f} /{clock:>6.1f}"
        for which in (0, 1):
            ratios.append(median(one[-1][name][which] / one[0][name][which] for one in rounds))
        print(f"{name:<24}{cells}{ratios[0]:>9.2f} /{ratios[1]:>5.2f}")


if __name__ == "__main__":
    main()
