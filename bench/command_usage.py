"""The time, CPU time and peak memory of a command in a process of its own.

A child has the peak memory of the process that started it, at least: a small one starts it.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_STARTER = """
import json, os, sys, time
begin = time.perf_counter()
silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[silent])
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - begin
code, cpu = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
print(json.dumps([seconds, cpu, usage.ru_maxrss // 1024, code]))
"""


@dataclass(frozen=True)
class Usage:
    """`seconds` by the clock; `cpu`: seconds; `peak`: resident memory in MiB; `code`: of its exit."""

    seconds: float
    cpu: float
    peak: int
    code: int

    def show(self) -> str:
        return f"{self.seconds:8.2f} s, CPU {self.cpu:7.2f} s, {self.peak:5} MiB, exit {self.code}"


def mailbot_usage(folder: Path, *words: str) -> Usage:
    """`mailbot WORDS` in a folder, without its output."""
    command: Sequence[str] = (sys.executable, "-S", "-c", _STARTER, sys.executable, "-m", "mailbot", *words)
    ended = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return Usage(*json.loads(ended.stdout))
