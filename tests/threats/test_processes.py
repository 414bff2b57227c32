"""What a process of the desk leaves behind: core dumps, and lines on stderr (threats, D and G)."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.config import Config
from tests.testkit.desk_folder import init
from tests.testkit.desk_process import Desk
from tests.testkit.exposure import warnings_of
from tests.testkit.waiting import until


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    init(tmp_path, "--sample")
    process = Desk(tmp_path)
    yield process
    process.end("terminate")


def children(pid: int) -> list[int]:
    return [int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()]


def test_no_process_leaves_a_core_dump(desk: Desk) -> None:
    """T-54: a dump would contain the keys."""
    until(lambda: children(desk.process.pid), "the worker process begins")
    for pid in (desk.process.pid, *children(desk.process.pid)):
        assert re.search(r"Max core file size +0 +0 ", Path(f"/proc/{pid}/limits").read_text())


def test_no_other_process_reads_the_memory() -> None:
    """T-54: PR_GET_DUMPABLE is 0 (prctl(2))."""
    program = "import ctypes; from mailbot.runners.confinement import forbid_core_dumps; forbid_core_dumps(); print(ctypes.CDLL(None).prctl(3))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


def answers(port: int, commands: bytes) -> bytes:
    """All replies to `commands`."""
    with socket.create_connection(("127.0.0.1", port)) as client, client.makefile("rb") as replies:
        client.sendall(commands + b"QUIT\r\n")
        return replies.read()


def test_what_an_smtp_client_sends_is_visible_on_stderr(desk: Desk) -> None:
    """T-86: also unknown commands; a client that is gone is not logged with each reply to it."""
    hostile = b"\x1b]0;title\x07\x1b[2J x\r\n\xc2\x9b2J\r\nEHLO \x1b[31m\r\nMAIL FROM:<\x1b[31m@x.example>\r\n"
    answers(desk.port, hostile)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", desk.port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # reset at close
            client.sendall(b"EHLO c.example\r\n" + b"NOOP\r\n" * 2_000)
    assert answers(desk.port, b"END\r\n").startswith(b"220")
    desk.end("terminate")
    assert "END" in desk.said and "TITLE" in desk.said
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", desk.said)
    assert desk.said.count("socket.send()") <= 1


@pytest.mark.parametrize(("user_id", "warned"), [(0, True), (1000, False)])
def test_who_runs_it_as_root_is_warned(user_id: int, *, warned: bool) -> None:
    assert any("runs as root" in text for text in warnings_of(Config(), user_id)) == warned
