"""What is on the disk before the 250, and before a notice leaves: the order of the system calls, by strace (T-89)."""

import os
import re
import signal
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pytest

from bench.rivals.counting_sink import counting_sink
from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_process import ENVIRONMENT
from tests.testkit.servers import needed

pytestmark = pytest.mark.slow

MAILS, NOTICES = 5, 4  # of an application
STORED, LEAVES = "Stored safely", "MAIL FROM:"
TRACED = "openat,close,pwrite64,fdatasync,fsync,sendto,sendmsg,write,unlink,unlinkat,clone,clone3"


def sends(port: int, number: int, text: str = FORM) -> None:
    head = f"From: taro@naxtrade.example\r\nSubject: x\r\nMessage-ID: <{number}.sync@naxtrade.example>\r\n"
    head += "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail("taro@naxtrade.example", ["desk@desk.example"], (head + text.replace("\n", "\r\n")).encode())


@contextmanager
def traced(folder: Path, roles: str, environment: Mapping[str, str] = MappingProxyType({})) -> Iterator[int]:
    """A desk in `folder` whose system calls are in `folder/trace` afterwards; yields its port."""
    needed("strace", "strace")
    mailbot(folder, "init", "desk", "--sample")
    command = ["strace", "-f", "-y", "-s", "60", "-e", f"trace={TRACED}", "-o", str(folder / "trace")]
    process = subprocess.Popen(
        [*command, sys.executable, "-m", "mailbot", "serve", "--roles", roles],
        cwd=folder / "desk",
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, **environment},
        start_new_session=True,
    )
    assert process.stderr is not None
    port = 0
    for line in process.stderr:
        if match := re.search(r"listening on 127\.0\.0\.1:(\d+)", line):
            port = int(match[1])
            break
        if "ptrace" in line and os.environ.get("CI") != "true":
            pytest.skip(f"strace may not trace here: {line}")
    rest = threading.Thread(target=process.stderr.read)
    rest.start()
    assert port
    try:
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # strace itself waits for the desk
        process.wait(60)
        rest.join()
        process.stderr.close()


def test_each_250_comes_after_its_fdatasync(tmp_path: Path) -> None:
    with traced(tmp_path, "smtp") as port:
        for number in range(MAILS):
            sends(port, number)
    assert orders((tmp_path / "trace").read_text(errors="replace")) == ["synced"] * MAILS


def test_a_decision_is_on_the_disk_before_its_notices_leave(tmp_path: Path) -> None:
    """The commits of the decision and of its notices are not synced each; the one that claims them for delivery is."""
    with counting_sink() as sink:
        relay = {"MAILBOT_RELAY_HOST": "127.0.0.1", "MAILBOT_RELAY_PORT": str(sink.port)}
        with traced(tmp_path, "smtp,worker,sender", relay) as port:
            sends(port, 0)
            sink.wait_for(NOTICES)  # by then what a desk writes when it starts is on the disk
            sends(port, 1, "状況\n")
            sink.wait_for(NOTICES + 1)
    assert syncs((tmp_path / "trace").read_text(errors="replace"))[1:] == ["synced"]


def orders(trace: str) -> list[str]:
    """For each «250 Stored»: whether the write-ahead log was synced after its last write and before the answer."""
    found, dirty, ever = [], False, False
    for line in trace.splitlines():
        if "pwrite64(" in line and "-wal>" in line:
            dirty, ever = True, True
        elif re.search(r"f(?:data)?sync\(\d+<[^>]*-wal>\) += 0", line) or re.search(
            r"f(?:data)?sync resumed.*= 0", line
        ):
            dirty = False
        elif STORED in line:
            found.append("synced" if ever and not dirty else "not synced")
            ever = False
    return found


def syncs(trace: str) -> list[str]:
    """For each «250 Stored»: whether the process that sends had synced its last write to the main log when it sent."""
    process: dict[str, str] = {}  # thread → the thread that began its process
    found, dirty, waiting = [], set[str](), False
    for line in trace.splitlines():
        thread = line.split()[0]
        own = process.setdefault(thread, thread)
        if child := re.search(r"clone3?\(.*CLONE_THREAD.* = (\d+)", line):
            process[child[1]] = own
        elif call := re.search(r"(pwrite64|fdatasync)\(\d+<[^>]*mailbot\.sqlite3-wal>", line):
            (dirty.add if call[1] == "pwrite64" else dirty.discard)(own)
        elif STORED in line:
            waiting = True
        elif LEAVES in line and waiting:
            found.append("not synced" if own in dirty else "synced")
            waiting = False
    return found


def test_the_check_sees_a_missing_sync() -> None:
    write, sync, answer = (
        "1 pwrite64(5</s/m-wal>, ...",
        "1 fdatasync(5</s/m-wal>) = 0",
        '1 sendto(9, "250 2.0.0 Stored safely',
    )
    assert orders("\n".join((write, sync, answer))) == ["synced"]
    assert orders("\n".join((write, answer, sync))) == ["not synced"]
    assert orders(answer) == ["not synced"]
