"""The worker processes that `mailbot serve` starts."""

import os
import sys
from pathlib import Path

import pytest

from mailbot.app import worker_processes
from mailbot.app.worker_processes import InboxWorker, OneProcess, TwoProcesses, make_processes, process_count
from mailbot.config import AuthSection, Config, WorkerSection
from mailbot.runners.notices_ahead import octets_of
from tests.runners.test_notices_ahead import NOTICE
from tests.testkit.waiting import until


@pytest.mark.parametrize(
    ("cores", "configured", "processes"), [(1, 0, 1), (2, 0, 2), (64, 0, 2), (1, 2, 2), (64, 1, 1)]
)
def test_as_many_as_there_are_cores(
    cores: int, configured: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_processes.os, "sched_getaffinity", lambda process: set(range(cores)))
    config = Config(worker=WorkerSection(processes=configured))
    assert process_count(config) == processes
    made = make_processes(config, [sys.executable], lambda: None)
    assert isinstance(made, TwoProcesses if processes == 2 else OneProcess)
    close(made)


@pytest.mark.parametrize(("require", "first"), [("registered", "decide"), ("dmarc", "write")])
def test_received_mail_wakes_who_transfers_it(require: str, first: str) -> None:
    made = make_processes(
        Config(worker=WorkerSection(processes=2), auth=AuthSection(require=require)), ["mailbot"], lambda: None
    )
    assert isinstance(made, TwoProcesses)
    assert first in made._receiving._command
    close(made)


def close(made: InboxWorker) -> None:
    """Processes that were never started."""
    for end in made._sockets if isinstance(made, TwoProcesses) else ():
        end.close()


def test_a_notice_is_announced_to_the_process_that_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time anew when it was started again: the parent keeps both ends of the socket."""
    monkeypatch.setattr("mailbot.runners.worker_process.RESTART_SECONDS", 0.01)
    got, notice = tmp_path / "got", tmp_path / "notice"
    notice.write_bytes(octets_of(NOTICE))
    script = f"""
import socket, sys
from mailbot.runners.notices_ahead import announcing, notice_of, receiving
from mailbot.runners.worker_process import run_until_stdin_closes
end = socket.socket(fileno=int(sys.argv[4]))
notice = notice_of(open({str(notice)!r}, "rb").read())
if sys.argv[2] == "decide":
    announce = announcing(end)
    run_until_stdin_closes(lambda: announce(notice))
else:
    def announced(got):
        print(got == notice, file=open({str(got)!r}, "a"))
        sys.exit("and is started again")
    run_until_stdin_closes(lambda: None, receiving={{end.fileno(): receiving(end, announced)}})
"""
    processes = TwoProcesses([sys.executable, "-c", script], lambda: None, 120)
    processes.start()
    until(
        lambda: processes.received() or (got.exists() and got.read_text().startswith("True\nTrue\n")),
        "it was announced twice",
    )
    processes.stop()


@pytest.mark.parametrize("authenticates", [False, True])
def test_each_is_woken_by_what_the_other_reports(tmp_path: Path, authenticates: bool) -> None:
    """Each reports when it is woken from outside, and wakes the other one by that, once."""
    first, second = ("write", "decide") if authenticates else ("decide", "write")
    said = tmp_path / "said"
    script = f"""
import os, sys
stages, report, said = sys.argv[2], dict(decide="wrote", write="ready")[sys.argv[2]], open({str(said)!r}, "a")
print(stages, "has started", file=said, flush=True)
woken = 0
while os.read(0, 1):
    woken += 1
    print(stages, woken, file=said, flush=True)
    if woken == 1:
        print(report, flush=True)
        if stages == "write":
            print("wrote", flush=True)
"""
    written: list[str] = []
    processes = TwoProcesses(
        [sys.executable, "-c", script], lambda: written.append("written"), 120, authenticates=authenticates
    )
    processes.start()
    said.touch()
    while not {"write has started", "decide has started"} <= set(said.read_text().split("\n")):
        os.sched_yield()
    while f"{first} 1" not in said.read_text():
        processes.received()  # lost while the process starts
        os.sched_yield()
    while not {f"{second} 1", f"{first} 2"} <= set(said.read_text().split("\n")) or not written:
        os.sched_yield()
    processes.stop()
    assert written == ["written"]
