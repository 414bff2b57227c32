"""What a mail, the tasks of each minute, lists and look-ups cost with many applications stored, beside few.

    python -m bench.growth [--applications 1000 100000]

Prints a row for each measurement and a column for each number of applications.  CPU time of an application is the
least of some rounds; of lists and look-ups the longest of some rounds, in milliseconds.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import stored_history
from bench.application import Measured
from mailbot.desk.calendar import deadlines
from mailbot.desk.pages import audit_pages, queue_pages, today_pages
from mailbot.desk.pages.asked import Asked
from mailbot.model.desk_login import DeskLogin, DeskRole
from mailbot.model.queued_mail import OutboxState
from mailbot.model.receipt import ReceiptNumber
from mailbot.records.applications import application_queries, application_store
from mailbot.records.log import mail_list
from mailbot.records.log.mail_list import Filters
from mailbot.records.maintenance import stages, statistics
from mailbot.records.queues import outbox
from tests.testkit.desk import FORM, DeskUnderTest, open_desk_under_test

ROUNDS = 7
LIMIT = 50  # of a list


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, nargs="+", default=[1_000, 100_000])
    columns = []
    for applications in parser.parse_args().applications:
        with tempfile.TemporaryDirectory() as folder:
            columns.append(measure(Path(folder), applications))
    for name in columns[0]:
        print(f"{name:<52}" + "".join(f"{column[name]:>14.1f}" for column in columns))


def measure(folder: Path, applications: int) -> dict[str, float]:
    desk = open_desk_under_test(folder)
    stored_history.originals(desk)
    before = time.perf_counter()
    count = stored_history.copy(desk.store, applications)
    print(f"{count} applications in {time.perf_counter() - before:.0f} s", flush=True)
    found = {"applications": float(count), **sizes(folder, count)}
    measured = Measured()
    for _ in range(ROUNDS):
        measured.apply(desk, FORM, profiled=False)
    found["an application, CPU"] = min(measured.seconds) * 1000
    for name, action in actions(desk).items():
        found[name] = longest(action)
        print(f"{name:<52}{found[name]:>14.1f}", flush=True)
    return found


def sizes(folder: Path, count: int) -> dict[str, float]:
    """Octets of the store for each application, in kB."""
    octets = sum(file.stat().st_size for file in folder.rglob("*.sqlite3*"))
    return {"stored, kB each (stub bodies)": octets / count / 1000}


def actions(desk: DeskUnderTest) -> dict[str, Callable[[], object]]:
    now = desk.clock.now()

    def read(query: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            with desk.store.reading():
                return query()

        return run

    def asked() -> Asked:
        login = DeskLogin(1, "ops@desk.example", "", frozenset({DeskRole.OPERATOR}), now)
        return Asked(login, now)

    def log(**filters: object) -> Callable[[], object]:
        return read(lambda: mail_list.select(desk.store, Filters(**filters), LIMIT))  # type: ignore[arg-type]

    return {
        "tasks of a minute": lambda: deadlines.run_due_tasks(now, desk.context),
        "desk page: today": lambda: today_pages.today(asked(), desk.context),
        "desk page: queue": lambda: queue_pages.queue(asked(), desk.context),
        "desk page: audit log": lambda: audit_pages.audit_page(asked(), desk.context),
        "applications list": read(lambda: application_store.listing(limit=LIMIT)),
        "applications list --office": read(lambda: application_store.listing(office="G7")),
        "applications show": read(lambda: application_store.by_receipt(ReceiptNumber.parse("0500123C"))),
        "news of an office": read(lambda: application_queries.latest_steps(["G7"], 20)),
        "outbox list": read(lambda: outbox.listing(limit=LIMIT)),
        "outbox list --state failed": read(lambda: outbox.listing(OutboxState.FAILED, LIMIT)),
        "log list": log(),
        "log list --office": log(office="G7"),
        "log list --receipt": log(receipt="0500123C"),
        "log list --address, found": log(address="g7.example"),
        "log list --address, nowhere": log(address="nobody.example"),
        "log list --state, nowhere": log(state="quarantined"),
        "log list --until": log(until=desk.clock.now().replace(year=2026, month=11, day=21)),
        "log search, frequent": log(words="受付完了"),
        "log search, nowhere": log(words="貨物ひきとり"),
        "stats": read(lambda: (statistics.applications_by_state(None), statistics.mails_by_disposition(None))),
        "stats, times": read(lambda: statistics.decision_times(None)),
        "stages": read(lambda: stages.waiting_stages(desk.store)),
    }


def longest(action: Callable[[], object]) -> float:
    """Milliseconds of the slowest of some runs."""
    seconds = []
    action()  # what one run alone has to do, such as deleting old mail
    for _ in range(3):
        begin = time.process_time()
        action()
        seconds.append(time.process_time() - begin)
        if seconds[-1] > 5:
            break
    return max(seconds) * 1000


if __name__ == "__main__":
    main()
