"""Disks that are full or failing, at the first write, the second, and so on: strace puts the errors in (T-91, T-92).

What was answered by 250 is kept; nothing is refused for good; the words are always the same; and the desk goes on by
itself, but after a failed sync it looks at the disk anew.
"""

import os
import re
import smtplib
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_process import Desk, received, tally
from tests.testkit.servers import needed

pytestmark = pytest.mark.slow

MAILS = 6
MOST_TRIES = 30


def strace(folder: Path, fault: str) -> list[str]:
    needed("strace", "strace")
    calls = "pwrite64,fdatasync,fsync"
    options = ("-f", "--seccomp-bpf", "-q")  # with seccomp, the other system calls run at their own speed
    return ["strace", *options, "-o", str(folder / "trace"), "-e", f"trace={calls}", "-e", f"inject={fault}"]


def send(port: int, number: int) -> str:
    """The answer to one mail: a code and words, "" when the desk is gone."""
    head = f"From: taro@naxtrade.example\r\nSubject: x\r\nMessage-ID: <{number}.fault@naxtrade.example>\r\n\r\n"
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.sendmail(
                "taro@naxtrade.example", ["desk@desk.example"], (head + FORM.replace("\n", "\r\n")).encode()
            )
    except smtplib.SMTPDataError as error:
        return f"{error.smtp_code} {error.smtp_error!r}"
    except (smtplib.SMTPException, OSError):
        return ""
    return "250"


def send_all(folder: Path, desk: Desk, wrap: list[str], roles: str) -> tuple[Desk, list[str], int]:
    """Every mail until it is taken, the desk started again (without faults) when it has ended."""
    answers: list[str] = []
    restarts = 0
    for number in range(MAILS):
        for _ in range(MOST_TRIES):
            answer = send(desk.port, number) if desk.port else ""
            if not answer:
                desk.end("kill")
                desk = Desk(folder, roles=roles)
                restarts += 1
                continue
            answers.append(answer)
            if answer == "250":
                break
        else:
            pytest.fail(f"mail {number} was not taken: {answers[-3:]}\n{desk.said[-2000:]}")
    return desk, answers, restarts


def injected(folder: Path) -> int:
    return (folder / "trace").read_text(errors="replace").count("(INJECTED)")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("roles", ["smtp", "smtp,worker"])
@pytest.mark.parametrize(
    "fault",
    [
        *[f"pwrite64:error=ENOSPC:when={n}" for n in (1, 2, 4, 7, 11)],
        "pwrite64:error=ENOSPC:when=5..12",
        *[f"pwrite64:error=EIO:when={n}" for n in (1, 3, 6, 10)],
        *[f"fdatasync:error=EIO:when={n}" for n in (1, 2, 4)],
        "fdatasync:error=ENOSPC:when=2",
    ],
)
def test_a_disk_that_fails_loses_nothing(tmp_path: Path, fault: str, roles: str) -> None:
    mailbot(tmp_path, "init", "--sample")
    wrap = strace(tmp_path, fault)
    first = desk = Desk(tmp_path, roles=roles, wrap=wrap)
    if not desk.port and "ptrace" in desk.said and os.environ.get("CI") != "true":
        pytest.skip(f"strace may not trace here: {desk.said}")
    desk, answers, restarts = send_all(tmp_path, desk, wrap, roles)
    if roles != "smtp":
        done = "SELECT count(*) FROM inbox WHERE state = 'done'"
        while tally(tmp_path, done) != [len(received(tmp_path))]:
            assert desk.handled.acquire(timeout=60)
    desk.end("terminate")
    assert injected(tmp_path)
    assert {answer[:3] for answer in answers} <= {"250", "451"}
    assert all("could not be stored safely just now" in answer for answer in answers if answer[:3] == "451"), answers
    assert not re.search(r"SQLite|OperationalError|disk I/O", " ".join(answers))
    assert len({message_from_bytes(raw)["Message-ID"] for raw in received(tmp_path).values()}) == MAILS
    assert tally(tmp_path, "PRAGMA integrity_check") == ["ok"]
    # The second sync is that of the folder with the name of a new log, whose failure SQLite does not tell.
    if fault.startswith("fdatasync") and "when=2" not in fault and roles == "smtp":
        assert restarts == 1 and "disk-failed" in first.said
    if fault.startswith("pwrite64") and first.port:
        assert restarts == 0  # it goes on by itself


@pytest.mark.timeout(120)
def test_a_store_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    mailbot(tmp_path, "init", "--sample")
    desk = Desk(tmp_path, roles="smtp", wrap=strace(tmp_path, "pwrite64:error=ENOSPC"))
    desk.end("terminate")
    if desk.port == 0:
        assert "The store cannot be used just now" in desk.said
        assert "Traceback" not in desk.said
