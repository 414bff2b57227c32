"""Commands and processes of a desk with a million applications, beside one with a thousand.

    python -m bench.growth_processes --folder DIR [--applications 1000 1000000] [--store sqlite] [--idle 120]

Takes the stores of `bench.growth_mails` in DIR, and fills those that are not there.  In the folder of each desk it
runs commands, each in a process of its own, and then `mailbot serve` until it listens, and for `--idle` seconds more.
Prints for each the time by the clock, the CPU time (seconds), and the peak resident memory (MiB); of `serve` those of
each process at its end, and the CPU time of the last minute.  `doctor` is left out without `--doctor`: in an SQLite
database it reads each page.
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bench.command_usage import mailbot_usage
from bench.pages import backend, cpu_seconds
from bench.stored_desk import Size, arguments, stored_desk
from mailbot.desk.calendar import deadlines
from mailbot.records.maintenance import raw_mail_retention
from tests.testkit.desk import DeskUnderTest
from tests.testkit.desk_process import Desk

COMMANDS = (
    "applications list",
    "applications list --office G7",
    "applications list --state received",
    "log list",
    "log list --office G7",
    "log search 受付完了",
    "log search 貨物ひきとり",
    "outbox list",
    "outbox list --state failed",
    "inquiries list",
    "quarantine list",
    "audit list",
    "stats",
    "stats --since 30d",
)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--idle", type=int, default=120)
    parser.add_argument("--doctor", action="store_true")
    given = parser.parse_args()
    for count in given.applications:
        folder = given.folder / f"{given.store}-{count}"
        folder.mkdir(exist_ok=True, parents=True, mode=0o755)
        with stored_desk(folder, given.store, Size(applications=count)) as desk:
            print(f"{given.store}, {count} applications", flush=True)
            for line in tasks(desk):
                print(line, flush=True)
            for words in (*COMMANDS, *(["doctor"] if given.doctor else [])):
                print(f"{words:<40}{mailbot_usage(folder / 'desk', *words.split()).show()}", flush=True)
            for line in serve(folder / "desk", given.idle):
                print(line, flush=True)


def tasks(desk: DeskUnderTest) -> Iterator[str]:
    """The tasks of a minute, and the deletion of old raw mail, in this process."""
    server = backend(desk.store)
    desk.passes(hours=24)
    for _ in range(60):  # the day's own tasks, and the index for words, are done first
        if not desk.run_due_tasks():
            break
    tomorrow = desk.clock.now() + timedelta(days=1)
    for name, action in (
        ("tasks of a minute", desk.run_due_tasks),
        ("deleting what is old, once a day", lambda: deadlines.delete_what_is_old(tomorrow, desk.context)),
        (
            f"deleting {deadlines.MOST_EMPTIED} of the raw mails",
            lambda: raw_mail_retention.delete_some_raw_mail(desk.store, desk.clock.now(), 300, deadlines.MOST_EMPTIED),
        ),
    ):
        began, begin = cpu_seconds(server), time.perf_counter()
        action()
        spent, took = cpu_seconds(server) - began, time.perf_counter() - begin
        yield f"{name:<40}{took:8.3f} s, CPU {spent:7.3f} s"


def serve(folder: Path, seconds: int) -> Iterator[str]:
    """`mailbot serve` until it listens, and then idle."""
    begin = time.perf_counter()
    desk = Desk(folder)
    try:
        yield f"{'serve: listens after':<40}{time.perf_counter() - begin:8.2f} s"
        time.sleep(max(seconds - 60, 0))
        before = dict(processes(desk.process.pid))
        time.sleep(60)
        for pid, (cpu, peak) in processes(desk.process.pid):
            minute = cpu - before.get(pid, (cpu, 0))[0]
            yield f"{'serve: a process':<40}CPU {cpu:6.2f} s, of the last minute {minute:5.2f} s, {peak} MiB"
    finally:
        desk.end("terminate")


def processes(session: int) -> Iterator[tuple[int, tuple[float, int]]]:
    """Of each process of a session: CPU time, peak resident memory in MiB."""
    for folder in Path("/proc").glob("[0-9]*"):
        fields = (folder / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
        if int(fields[3]) == session:
            lines = (folder / "status").read_text(encoding="utf-8").splitlines()
            peak = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))
            yield int(folder.name), ((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak)


if __name__ == "__main__":
    main()
