"""What is on the disk before the 250: the order of the system calls, as strace sees them (T-89)."""

import os
import re
import signal
import smtplib
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_process import ENVIRONMENT
from tests.testkit.servers import needed

pytestmark = pytest.mark.slow

MAILS = 5
TRACED = "openat,close,pwrite64,fdatasync,fsync,sendto,sendmsg,write,unlink,unlinkat"


def sends(port: int, number: int) -> None:
    head = f"From: taro@naxtrade.example\r\nSubject: x\r\nMessage-ID: <{number}.sync@naxtrade.example>\r\n\r\n"
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail("taro@naxtrade.example", ["desk@desk.example"], (head + FORM.replace("\n", "\r\n")).encode())


def test_each_250_comes_after_its_fdatasync(tmp_path: Path) -> None:
    needed("strace", "strace")
    desk = tmp_path / "desk"
    mailbot(tmp_path, "init", str(desk), "--sample")
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-y", "-s", "60", "-e", f"trace={TRACED}", "-o", str(trace)]
    process = subprocess.Popen(
        [*command, sys.executable, "-m", "mailbot", "serve", "--roles", "smtp"],
        cwd=desk,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
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
    for number in range(MAILS):
        sends(port, number)
    os.killpg(process.pid, signal.SIGTERM)  # strace itself waits for the desk
    process.wait(60)
    rest.join()
    process.stderr.close()
    assert orders(trace.read_text(errors="replace")) == ["synced"] * MAILS


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
        elif "Stored safely" in line:
            found.append("synced" if ever and not dirty else "not synced")
            ever = False
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
