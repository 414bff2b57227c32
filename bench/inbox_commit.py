"""How much is won when mails that wait at the same moment share one commit: both ways in turn, in one run."""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.database import open_store
from mailbot.runners.inbox_commit import InboxCommit

MAILS = 300
ROUNDS = 7
ARRIVAL = Arrival(
    Envelope("taro@naxtrade.example", ("desk@desk.example",)),
    b"x" * 4096,
    Evidence(),
    datetime(2026, 11, 20, tzinfo=UTC),
)


def one_by_one(commits: InboxCommit) -> None:
    for _ in range(MAILS):
        commits.put([ARRIVAL]).result()


def together(commits: InboxCommit) -> None:
    for future in [commits.put([ARRIVAL]) for _ in range(MAILS)]:
        future.result()


def seconds(commits: InboxCommit, put: object) -> float:
    start = time.perf_counter()
    put(commits)  # type: ignore[operator]
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store("sqlite:///bench.sqlite3", Path(folder), create=True)
        commits = InboxCommit(store)
        commits.start()
        pairs = [(seconds(commits, one_by_one), seconds(commits, together)) for _ in range(ROUNDS)]
        commits.stop()
        store.close()
    ratios = [alone / shared for alone, shared in pairs]
    print(f"{MAILS} mails of 4 kB, {ROUNDS} rounds of both ways in turn")
    print(f"one by one   {statistics.median(a for a, _ in pairs):8.3f} s (median)")
    print(f"together     {statistics.median(b for _, b in pairs):8.3f} s (median)")
    print(f"ratio        {min(ratios):8.1f} … {statistics.median(ratios):.1f} … {max(ratios):.1f} (min, median, max)")


if __name__ == "__main__":
    main()
