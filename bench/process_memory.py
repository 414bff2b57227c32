"""Resident memory of each process of `mailbot serve`: idle, and after ordinary mail (applications and questions).

    python -m bench.process_memory [--mails 100]

RSS as the kernel counts it (proc_pid_status(5)), with what the processes share counted in each.
"""

import argparse
import tempfile
import time
from pathlib import Path

from tests.durability.test_io_faults import send
from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import Desk

SETTLED = 3.0  # seconds without work before RSS is read


def processes(leader: int) -> dict[str, int]:
    """What each process of the desk is, and its RSS in MiB."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            status = (folder / "status").read_text()
        except OSError:
            continue
        if group == leader:
            name = f"worker, {words[words.index('--stages') + 1]}" if "--stages" in words else words[3]
            found[name] = next(int(x.split()[1]) // 1024 for x in status.split("\n") if x.startswith("VmRSS:"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=100)
    mails = parser.parse_args().mails
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mailbot(folder, "init", "--sample")
        desk = Desk(folder)
        try:
            time.sleep(SETTLED)
            idle = processes(desk.process.pid)
            for number in range(mails):
                send(desk.port, number)
            for _ in range(mails):
                desk.handled.acquire(timeout=60)
            time.sleep(SETTLED)
            busy = processes(desk.process.pid)
        finally:
            desk.end("terminate")
    for process, megabytes in sorted(idle.items()):
        print(f"{process:<16} idle {megabytes:>4} MiB, after {mails} mails {busy.get(process, 0):>4} MiB")


if __name__ == "__main__":
    main()
