"""Applications processed by one set of processes and by two, each held to half a core, on one PostgreSQL.

    python -m bench.two_sets [--applications 200] [--rounds 3]

A set is `mailbot serve --roles worker,sender` as it runs on one machine of several: it decides, writes notices and
delivers them (into a folder).  All its processes together are held to half a core by SIGSTOP; the server is not held.
The mails, of as many offices, are in the intake store before; measured is the time in which the middle of the notices
(from the 20th to the 90th of 100) is delivered.  Needs PostgreSQL.
"""

import argparse
import os
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bench.rivals.desks import contact, register
from mailbot.app.context import open_configured_store
from mailbot.config import load
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.queues import received
from mailbot.register_files.register_file import write_register
from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_process import Desk
from tests.testkit.postgres import Postgres
from tests.testkit.servers import server_folder

CORES = 0.5  # for a set
SLICE = 0.02  # seconds between looks at the time that a set has used
LOOK_SECONDS = 2.0  # between looks for processes that were started
MOST_SAVED = 0.25  # seconds of CPU time
BEGIN, END = 0.2, 0.9  # of the notices
SECONDS = 600  # most for a run
DURABLE = ""  # settings of the server: its defaults


def application(number: int) -> Arrival:
    """The mail of the applicant of one office."""
    sender = contact(number)
    form = FORM.replace("NAC001", f"X{number:05}").replace("1ANAC", f"{number:04}X")
    head = f"From: {sender}\nTo: desk@desk.example\nSubject: application\nMessage-ID: <{number}@naxtrade.example>\n"
    raw = f"{head}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{form}"
    return Arrival(
        Envelope(sender, ("desk@desk.example",)), raw.replace("\n", "\r\n").encode(), Evidence(), datetime.now(UTC)
    )


@contextmanager
def one_set(folder: Path, url: str) -> Iterator[None]:
    """A set of processes, held to CORES."""
    desk = Desk(folder, {"MAILBOT_STORE_URL": url}, roles="worker,sender", listens=False)
    ended = threading.Event()
    limiter = threading.Thread(target=hold, args=(desk.process.pid, ended))
    limiter.start()
    try:
        yield
    finally:
        ended.set()
        limiter.join()
        desk.end("kill")


def hold(group: int, ended: threading.Event) -> None:
    """Stop all processes of the group whenever they have used more than CORES of the time, as cpulimit(1) does.

    Little of what they did not use is saved up: else a set that had to wait would run at full speed after it.
    """
    members, at = members_of(group), time.monotonic()
    looked, allowed = at, cpu_seconds(members)
    while not ended.wait(SLICE):
        now = time.monotonic()
        if now - looked > LOOK_SECONDS:
            members, looked = members_of(group), now
        used, more = cpu_seconds(members), CORES * (now - at)
        allowed, at = min(allowed + more, used + MOST_SAVED), now
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGSTOP if used > allowed else signal.SIGCONT)
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGCONT)


def members_of(group: int) -> list[int]:
    """The processes of a group."""
    found = subprocess.run(["pgrep", "-g", str(group)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def cpu_seconds(processes: Sequence[int]) -> float:
    """User and system time of processes (proc_pid_stat(5))."""
    ticks = 0
    for process in processes:
        with suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(server: Postgres, sets: int, applications: int) -> float:
    """Applications a second."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, url = Path(name), server.database()
        os.environ["MAILBOT_STORE_URL"] = url
        mailbot(folder, "init", "--sample")
        write_register(register(applications, reviewers=2), folder / "register.toml")
        mailbot(folder, "register", "import", "register.toml", "--yes")
        store = open_configured_store(load(folder / "config.toml", os.environ))
        received.accept(store, [application(number) for number in range(applications)])
        store.close()
        for _ in range(sets):
            stack.enter_context(one_set(folder, url))
        return _rate(server, url.rpartition("/")[2], applications)


def _rate(server: Postgres, database: str, applications: int) -> float:
    began, first = 0.0, 0
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        done = int(str(server.sql("SELECT count(*) FROM outbox WHERE state = 'sent'", database)[0][0]))
        decided, total = server.sql(
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'done'), (SELECT count(*) FROM outbox)", database
        )[0]
        expected = int(str(total)) / max(int(str(decided)), 1) * applications  # notices of all applications
        if not began and decided and done >= BEGIN * expected:
            began, first = time.monotonic(), done
        if began and done >= END * expected:
            each = expected / applications
            return (done - first) / each / (time.monotonic() - began)
        time.sleep(0.1)
    raise TimeoutError(f"{SECONDS} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    rates: dict[int, list[float]] = {1: [], 2: []}
    with server_folder() as root:
        server = Postgres(root / "postgres", settings=DURABLE).make().start()
        try:
            for _ in range(given.rounds):
                for sets, found in rates.items():
                    found.append(measure(server, sets, given.applications))
                    print(f"{sets} set{'s' * (sets > 1)}: {found[-1]:.1f} applications a second", flush=True)
        finally:
            server.stop()
    one, two = (statistics.median(found) for found in rates.values())
    print(f"median: {one:.1f} and {two:.1f}, ratio {two / one:.2f}")


if __name__ == "__main__":
    main()
