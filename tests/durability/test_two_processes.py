"""The two worker processes of one desk, each killed: it is started again, and nothing is lost or done twice."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.durability.test_io_faults import send
from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import Desk, tally
from tests.testkit.waiting import until

pytestmark = pytest.mark.slow

MAILS = 3


def process_of(desk: Desk, stages: str) -> list[int]:
    """The process of the desk with these stages, or none while it is started."""
    command = ["pgrep", "-g", str(desk.process.pid), "-f", f"worker --stages {stages}"]
    return [int(line) for line in subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("stages", ["decide", "write"])
def test_one_that_is_killed_is_started_again(stages: str, tmp_path: Path) -> None:
    mailbot(tmp_path, "init", "--sample")
    desk = Desk(tmp_path, {"MAILBOT_WORKER_PROCESSES": "2"})
    for number in range(MAILS):
        until(lambda: bool(process_of(desk, stages)), f"the process that is to {stages} runs")
        assert send(desk.port, number) == "250"
        killed = process_of(desk, stages)[:1]
        os.kill(killed[0], signal.SIGKILL)
        until(lambda killed=killed: process_of(desk, stages)[:1] != killed, "it has ended")  # type: ignore[misc]

    def states() -> set[str]:
        return set(tally(tmp_path, "SELECT state FROM inbox UNION ALL SELECT state FROM outbox"))

    until(lambda: desk.said.count("worker-died") == MAILS, "each end is logged")
    handled = "SELECT state FROM inbox WHERE state = 'done'"
    until(lambda: len(tally(tmp_path, handled)) == MAILS and states() == {"done", "sent"}, "everything is sent")
    desk.end("terminate")
    assert json.loads(mailbot(tmp_path, "log", "balance", "--json"))["faults"] == []
    assert json.loads(mailbot(tmp_path, "log", "verify", "--json"))["first_wrong"] is None
