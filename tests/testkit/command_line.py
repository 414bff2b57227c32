"""The command line, typed: commands in the process of the test, `serve` in a process of its own."""

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO
from unittest import mock

from mailbot import cli
from tests.testkit.closed_days import CLOSED


def mailbot(folder: Path, *words: str, code: int = 0, printed: bool = False) -> str:
    """`mailbot WORDS` in `folder`, which must exit with `code`: what it printed, for an error on standard error.

    `printed`: what it printed, whatever the code.

    Octets that are not UTF-8 are surrogates (PEP 383).
    """
    wrote, complained = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    ended = _run(folder, words, io.StringIO(), wrote, complained)
    output, errors = (stream.buffer.getvalue().decode(errors="surrogateescape") for stream in (wrote, complained))
    assert ended == code, errors + output
    return output if code == 0 or printed else errors


def on_terminal(
    folder: Path, *words: str, typed: str = "", environment: Mapping[str, str] | None = None, code: int = 0
) -> bytes:
    """What `mailbot WORDS` in `folder` writes to a terminal (a pty), octet for octet, with what is `typed` on it."""
    ours, theirs = os.openpty()
    os.write(ours, typed.encode())
    written: list[bytes] = []
    reading = threading.Thread(target=_read, args=(ours, written))
    reading.start()
    variables = {"PATH": "/usr/bin:/bin", "TERM": "xterm", **(environment or {})}
    with (
        mock.patch.dict(os.environ, variables, clear=True),
        os.fdopen(theirs, "w", encoding="utf-8") as output,
        os.fdopen(os.dup(theirs), encoding="utf-8") as keyboard,
    ):
        ended = _run(folder, words, keyboard, output, output)
    reading.join()
    os.close(ours)
    assert ended == code, written
    return b"".join(written)


def _run(folder: Path, words: Sequence[str], stdin: TextIO, stdout: TextIO, stderr: TextIO) -> object:
    """The command line in this process; returns its exit code."""
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
        mock.patch.object(sys, "argv", ["mailbot", *words]),
        mock.patch.object(sys, "stdin", stdin),
    ):
        try:
            cli.main()
        except SystemExit as end:
            return end.code or 0
    raise AssertionError("mailbot returned without an exit code")


def _read(terminal: int, written: list[bytes]) -> None:
    with contextlib.suppress(OSError):  # EIO: the other side is closed
        while octets := os.read(terminal, 65_536):
            written.append(octets)


class served:  # noqa: N801 - reads as a sentence
    """`mailbot serve` as a process of its own, ended by SIGTERM."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> int:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mailbot", "serve"],
            cwd=self._folder,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **CLOSED,
                "MAILBOT_SMTP_PORT": "0",
                "MAILBOT_WEB_PORT": "0",
                "MAILBOT_WEB_HEALTH_PORT": "0",
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            },
        )
        assert self.process.stderr is not None
        self.said = []
        for line in self.process.stderr:
            self.said.append(line)
            if match := re.search(r"listening on 127\.0\.0\.1:(\d+)", line):
                return int(match[1])
        raise AssertionError("".join(self.said))

    def __exit__(self, *_: object) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if "delivered" in line and "000004" not in line and sum("delivered" in said for said in self.said) == 4:
                break
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)
        assert self.process.returncode == 0
