"""The worker process: a mail that crashes it affects nothing else (T-72, T-73)."""

import asyncio
import os
import smtplib
import subprocess
import sys
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.runners.worker import Handled
from mailbot.runners.worker_process import MEMORY_EXIT, WorkerProcess
from tests.testkit.bombs import workbook
from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_process import Desk, send, tally
from tests.testkit.waiting import until

pytestmark = pytest.mark.slow

POISON = "この行は毒です"
# A mail with that line makes the reader do what a fault of an interpreter or a hostile mail would.
SITE = """
import os, re, mailbot.mail.message as m
real = m.SplitMessage.read
def read(mail, *extent):
    if "{poison}".encode() in mail.raw:
        {deed}
    return real(mail, *extent)
m.SplitMessage.read = read
"""
DEEDS = {
    "it is killed": "os.kill(os.getpid(), 9)",
    "it takes all memory": "[bytes(10**9) for _ in range(10**4)]",
    "it takes more memory than a mail may": "bytes(300 * 2**20)",
    "it never ends": "while True: pass",
    "it never ends in an extension": "re.match('(a|a)+b', 'a' * 99)",
    "it crashes": "import ctypes; ctypes.string_at(0)",
}
# How often the mail is begun, the time it is quarantined included: one death by a limit is enough.
ATTEMPTS = {deed: 4 if deed in ("it is killed", "it crashes") else 2 for deed in DEEDS}


def poisoned(folder: Path, deed: str) -> dict[str, str]:
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(SITE.format(poison=POISON, deed=deed))
    path = os.pathsep.join(filter(None, (str(folder / "site"), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "PYTHONFAULTHANDLER": "", "MAILBOT_WORKER_CPU_SECONDS": "1"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("deed", DEEDS)
def test_a_poison_mail_is_quarantined_and_the_next_goes_on(tmp_path: Path, deed: str) -> None:
    mailbot(tmp_path, "init", "--sample")
    desk = Desk(tmp_path, environment=poisoned(tmp_path, DEEDS[deed]))
    acknowledged: list[str] = []
    asyncio.run(send(desk.port, 1, acknowledged, text=POISON))
    asyncio.run(send(desk.port, 2, acknowledged, text=FORM))
    assert desk.handled.acquire(timeout=120)
    desk.end("terminate")
    assert len(acknowledged) == 2
    rows = tally(tmp_path, "SELECT state || ' ' || disposition || ' ' || reason FROM inbox ORDER BY id")
    assert rows == ["done quarantined kept-failing", "done carried_out submitted"]
    attempts = tally(tmp_path, "SELECT attempts FROM inbox WHERE id = 1")
    assert attempts == [ATTEMPTS[deed]]
    assert tally(tmp_path, "SELECT count(*) FROM outbox WHERE kind = 'alert' AND caused_by = 1") == [1]


@pytest.mark.timeout(300)
def test_a_large_mail_is_read_within_the_limits(tmp_path: Path) -> None:
    """The most expensive honest mail: five tables, each of as many rows and columns as are read."""
    cells = [[f'<c t="inlineStr"><is><t>値{row}-{column}</t></is></c>' for column in range(60)] for row in range(999)]
    sheet = workbook("".join(f"<row>{''.join(row)}</row>" for row in cells), compression=zipfile.ZIP_DEFLATED)
    mail = EmailMessage()
    mail["From"], mail["To"] = "taro@naxtrade.example", "desk@desk.example"
    mail.set_content(FORM, charset="utf-8")
    for number in range(5):
        mail.add_attachment(sheet, maintype="application", subtype="octet-stream", filename=f"{number}.xlsx")
    mailbot(tmp_path, "init", "--sample")
    desk = Desk(tmp_path)
    with smtplib.SMTP("127.0.0.1", desk.port) as client:
        client.send_message(mail)
    assert desk.handled.acquire(timeout=120)
    desk.end("terminate")
    assert "worker-died" not in desk.said
    assert tally(tmp_path, "SELECT disposition || ' ' || reason FROM inbox") == ["answered incomplete"]


def test_the_first_notice_is_written_while_its_decision_is_committed(tmp_path: Path) -> None:
    """Of most mails; not of one whose announcement comes when the process is at something else."""
    mailbot(tmp_path, "init", "--sample")
    desk = Desk(tmp_path, environment={"MAILBOT_WORKER_PROCESSES": "2", "MAILBOT_LOG_LEVEL": "debug"})
    for number in range(5):
        asyncio.run(send(desk.port, number, []))
    until(lambda: "notice-written-ahead" in desk.said, "the mail that was written ahead is stored")
    desk.end("terminate")


def test_a_worker_that_dies_without_a_mail_is_started_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mailbot.runners.worker_process.RESTART_SECONDS", 0.01)
    starts = tmp_path / "starts"
    script = f"open({str(starts)!r}, 'a').write('x')"
    process = WorkerProcess([sys.executable, "-c", script], lambda: None, wall_seconds=120)
    process.start()
    while not starts.exists() or len(starts.read_text()) < 3:
        os.sched_yield()
    process.stop(15)


def test_a_mail_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """By wall-clock time: a process may wait without using CPU time."""
    starts = tmp_path / "starts"
    script = f"import sys, time; open({str(starts)!r}, 'a').write('x'); print('began 7', flush=True); time.sleep(1000)"
    process = WorkerProcess([sys.executable, "-c", script], lambda: None, wall_seconds=0.2)
    process.start()
    while not starts.exists() or len(starts.read_text()) < 3:
        os.sched_yield()
    process._stopping.set()
    process.stop(15)


def test_a_worker_that_does_not_end_does_not_keep_the_desk_from_stopping(tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = f"import time; open({str(started)!r}, 'a').write('x'); time.sleep(1000)"
    process = WorkerProcess([sys.executable, "-c", script], lambda: None, wall_seconds=120)
    process.start()
    while not started.exists():
        os.sched_yield()
    process.stop(0.01)
    assert started.read_text() == "x"


def test_a_process_that_does_not_move_is_killed_and_started_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SIGSTOP, or a deadlock of its threads; but not one that reports that it moves, nor one in a mail."""
    monkeypatch.setattr("mailbot.runners.worker_process.HUNG_SECONDS", 0.2)
    starts = tmp_path / "starts"
    moves = "while True: print('moved 0.0', flush=True); time.sleep(0.01)"
    for lines, killed in (
        ("time.sleep(1000)", True),
        (moves, False),
        ("print('began 7', flush=True); time.sleep(1000)", False),
    ):
        starts.unlink(missing_ok=True)
        script = (
            f"import time; open({str(starts)!r}, 'a').write('x'); {lines}"
            if killed or "began" in lines
            else f"import time; open({str(starts)!r}, 'a').write('x')\n{lines}"
        )
        process = WorkerProcess([sys.executable, "-c", script], lambda: None, wall_seconds=120)
        process.start()
        while (
            not starts.exists()
            or (process.states()[0].still_seconds < 1 and killed)
            or ("began" in lines and not process.states()[0].mail)
        ):
            os.sched_yield()
        while killed and len(starts.read_text()) < 2:
            process.end_hung()
            os.sched_yield()
        process.end_hung()
        assert (process.states()[0].restarts > 0) == killed
        process.stop(0.01)


def test_the_parent_is_told_what_became_of_a_mail(tmp_path: Path) -> None:
    counted: list[Handled] = []
    script = "import sys; print('handled accepted 1500 two words', flush=True); sys.stdin.read()"
    process = WorkerProcess([sys.executable, "-c", script], lambda: None, 120, count=counted.append)
    process.start()
    while not counted:
        os.sched_yield()
    process.stop(15)
    assert counted == [Handled("accepted", "two words", 1.5)]


DEATHS = {  # how a process dies in mail 7 → what the next process is told
    "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)": ["--exceeded", "7:cpu"],
    "import os; os._exit(86)": ["--exceeded", "7:memory"],
    "import time; time.sleep(1000)": ["--exceeded", "7:wall-clock"],
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": [],
    "import os; os.abort()": [],
    "raise SystemExit(1)": [],
    "print('ended', flush=True); import os, signal; os.kill(os.getpid(), signal.SIGXCPU)": [],
}


@pytest.mark.parametrize("death", DEATHS)
def test_the_next_process_is_told_of_the_limit(death: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mailbot.runners.worker_process.RESTART_SECONDS", 0.01)
    starts = tmp_path / "starts"
    script = (
        f"import sys; file = open({str(starts)!r}, 'a'); print(*sys.argv[1:], file=file, flush=True)\n"
        f"if sum(1 for _ in open({str(starts)!r})) > 1: sys.stdin.read()\nprint('began 7', flush=True)\n{death}"
    )
    process = WorkerProcess([sys.executable, "-c", script], lambda: None, wall_seconds=1)
    process.start()
    while not starts.exists() or starts.read_text().count("\n") < 2:
        os.sched_yield()
    process.stop(15)
    assert starts.read_text().split("\n")[:2] == ["", " ".join(DEATHS[death])]


def test_a_process_that_has_no_memory_left_says_so() -> None:
    script = (
        "from types import SimpleNamespace; from mailbot.runners.confinement import Limits\n"
        "from mailbot.runners.worker_process import limited_and_reported\n"
        "with limited_and_reported(Limits(2, 0, 256, 0), SimpleNamespace(id=7, raw=b'')): raise MemoryError"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (MEMORY_EXIT, "began 7\n")
