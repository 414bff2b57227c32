"""What one application costs, from the stored mail to its signed notices: CPU time and SQL statements by procedure.

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
from pathlib import Path
from unittest import mock

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
        self.profile = cProfile.Profile()

    def apply(self, desk: DeskUnderTest, form: str, *, profiled: bool) -> None:
        """One application, its notices, and what makes the next one possible."""
        taro = desk.person("通関 太郎", "taro@naxtrade.example")
        run = SqliteConnection.execute_sql

        def counted(connection: SqliteConnection, sql: str, params: object = None) -> object:
            self.statements[sql] += 1
            return run(connection, sql, params)

        with mock.patch.object(SqliteConnection, "execute_sql", counted):
            start = time.process_time()
            if profiled:
                self.profile.enable()
            taro.sends(form, "申込")
            self.profile.disable()
            self.seconds.append(time.process_time() - start)
        taro.replies(next(got for got in taro.mails if got.kind == "received"), "取下げ\n")
        for person in desk.people.values():
            person.forgets()
        desk.passes(hours=24)


def main() -> None:
    """Print a row for each procedure: the least CPU time of its applications, and the statements of one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true", help="print the functions and statements that cost most")
    profiled = parser.parse_args().profile
    print(f"{'procedure':<16}{'CPU, ms':>9}{'statements':>12}")
    for name, form in FORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            desk, measured = open_desk_under_test(Path(folder)), Measured()
            Measured().apply(desk, form, profiled=False)
            for _ in range(ROUNDS):
                measured.apply(desk, form, profiled=profiled)
        each = measured.statements.total() / ROUNDS
        print(f"{name:<16}{min(measured.seconds) * 1000:>9.1f}{each:>12.1f}")
        if profiled:
            for sql, count in measured.statements.most_common():
                print(f"{count / ROUNDS:>6.1f}  {sql[:150]}")
            pstats.Stats(measured.profile).sort_stats("cumtime").print_stats(SHOWN)


if __name__ == "__main__":
    main()
