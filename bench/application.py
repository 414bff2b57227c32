"""What one application costs, from the stored mail to its signed notices: CPU time, SQL statements, commits, octets.

    python -m bench.application [--profile]

The mail is received, authenticated and decided on, and its notices are written and taken from the queue, in this
process.  What follows is not counted: the application is withdrawn, and a day passes.
"""

import argparse
import cProfile
import pstats
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from mailbot.desk import reception
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.records.database.sqlite_connection import SqliteConnection
from tests.testkit.contract_forms import ABOLITION, BROKER, MAILBOX
from tests.testkit.desk import FORM, DeskUnderTest, open_desk_under_test

FORMS = {"パスワード初期化": FORM, "利用者IDの廃止": ABOLITION, "通関士IDの追加": BROKER, "メールボックス": MAILBOX}
ROUNDS = 15
SHOWN = 25  # functions of a profile


class Measured:
    """The costs of the applications so far."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.statements = Counter[str]()  # SQL text → how often
        self.deciding = self.commits = self.octets = 0  # statements of `reception.handle`; growth of both databases
        self.profile = cProfile.Profile()

    def apply(self, desk: DeskUnderTest, form: str, *, profiled: bool) -> None:
        """One application, its notices, and what makes the next one possible."""
        taro = desk.person("通関 太郎", "taro@naxtrade.example")
        before = stored(desk)
        with self._counted():
            start = time.process_time()
            if profiled:
                self.profile.enable()
            taro.sends(form, "申込")
            self.profile.disable()
            self.seconds.append(time.process_time() - start)
        self.octets += stored(desk) - before
        taro.replies(next(got for got in taro.mails if got.kind == "received"), "取下げ\n")
        for person in desk.people.values():
            person.forgets()
        desk.passes(hours=24)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        run, commit, handle = SqliteConnection.execute_sql, SqliteConnection.commit, reception.handle

        def counted(connection: SqliteConnection, sql: str, params: object = None) -> object:
            self.statements[sql] += 1
            return run(connection, sql, params)

        def committed(connection: SqliteConnection) -> None:
            self.commits += connection.writing  # else it ends a transaction that only reads
            commit(connection)

        def handled(*given: Any) -> Outcome:
            before = self.statements.total()
            outcome = handle(*given)
            self.deciding += self.statements.total() - before
            return outcome

        with (
            mock.patch.object(SqliteConnection, "execute_sql", counted),
            mock.patch.object(SqliteConnection, "commit", committed),
            mock.patch.object(reception, "handle", handled),
        ):
            yield


def stored(desk: DeskUnderTest) -> int:
    """The octets in use of both databases."""
    octets = 0
    for part in (desk.store, desk.store.intake):
        with part.reading():
            size, count, free = (
                part._connection.execute_sql(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_size", "page_count", "freelist_count")
            )
        octets += size * (count - free)
    return octets


def main() -> None:
    """Print a row for each procedure: the least CPU time of its applications, and the mean of the other costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true", help="print the functions and statements that cost most")
    profiled = parser.parse_args().profile
    print(f"{'procedure':<16}{'CPU, ms':>9}{'statements':>12}{'deciding':>10}{'commits':>9}{'kB':>7}")
    for name, form in FORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            desk, measured = open_desk_under_test(Path(folder)), Measured()
            Measured().apply(desk, form, profiled=False)
            for _ in range(ROUNDS):
                measured.apply(desk, form, profiled=profiled)
        counts = (measured.statements.total(), measured.deciding, measured.commits, measured.octets / 1000)
        statements, deciding, commits, kilobytes = (count / ROUNDS for count in counts)
        row = f"{statements:>12.1f}{deciding:>10.1f}{commits:>9.1f}{kilobytes:>7.1f}"
        print(f"{name:<16}{min(measured.seconds) * 1000:>9.1f}{row}")
        if profiled:
            for sql, count in measured.statements.most_common():
                print(f"{count / ROUNDS:>6.1f}  {sql[:150]}")
            pstats.Stats(measured.profile).sort_stats("cumtime").print_stats(SHOWN)


if __name__ == "__main__":
    main()
