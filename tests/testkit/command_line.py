"""The command line, typed: most commands in the process of the test, `serve` in a process of its own."""

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

from mailbot import cli


def mailbot(folder: Path, *words: str, code: int = 0) -> str:
    """`mailbot WORDS` in `folder`, which must exit with `code`: what it printed, for an error on standard error."""
    printed, complained = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(complained),
        mock.patch.object(sys, "argv", ["mailbot", *words]),
        mock.patch.object(sys, "stdin", io.StringIO()),
    ):
        try:
            cli.main()
        except SystemExit as end:
            ended = end.code or 0
    output, errors = (stream.buffer.getvalue().decode() for stream in (printed, complained))
    assert ended == code, errors + output
    return output if code == 0 else errors


def on_terminal(folder: Path, *words: str, environment: Mapping[str, str] | None = None) -> bytes:
    """What `mailbot WORDS`, a process of its own in `folder`, writes to a terminal (a pty): octet for octet."""
    ours, theirs = os.openpty()
    variables = {"PATH": "/usr/bin:/bin", "TERM": "xterm", "PYTHONUTF8": "1", **(environment or {})}
    command = [sys.executable, "-m", "mailbot", *words]
    process = subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=variables)
    os.close(theirs)
    written = b""
    with contextlib.suppress(OSError):  # EIO: the process has closed its side
        while octets := os.read(ours, 65_536):
            written += octets
    os.close(ours)
    assert process.wait(timeout=30) == 0, written
    return written


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
