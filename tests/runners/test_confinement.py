"""The limits of one mail: they end what exceeds them, count nothing else, and end with the mail (T-70, T-72)."""

import resource
import signal
import subprocess
import sys

import pytest

from mailbot.app.wiring import limits_of
from mailbot.config import load
from mailbot.runners.confinement import MB, Limits, confined

BEGIN = """
import re, threading, time
from mailbot.runners.confinement import MB, Limits, confined
limits = Limits(cpu_seconds=0.2, cpu_seconds_per_mb=1, memory_mb=100, memory_mb_per_mb=20)
def burn(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end: pass
def beside(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""
SCRIPTS = {  # what is done with the limits above → what becomes of the process
    "with confined(limits, 0): burn(60)": "cpu",
    "with confined(limits, 0): re.match('(a|a)+b', 'a' * 99)": "cpu",  # holds the interpreter lock all the time
    "with confined(limits, MB): burn(0.5)": "ended",
    "with confined(limits, MB): burn(60)": "cpu",
    "with confined(limits, 0): beside(lambda: burn(0.5))": "ended",
    "def mail():\n with confined(limits, 0): burn(60)\nbeside(mail)": "cpu",
    "for _ in range(5):\n with confined(limits, 0): burn(0.1)": "ended",
    "with confined(limits, 0): pass\nburn(0.5)": "ended",
    "with confined(limits, 0): bytes(110 * MB)": "memory",
    "with confined(limits, 0): bytes(90 * MB)": "ended",
    "with confined(limits, MB): bytes(110 * MB)": "ended",
    "before = bytes(300 * MB)\nwith confined(limits, 0): bytes(90 * MB)": "ended",
    "with confined(limits, 0): pass\nbytes(300 * MB)": "ended",
    "try:\n with confined(limits, 0): bytes(300 * MB)\nexcept MemoryError: bytes(300 * MB)": "ended",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_a_limit_ends(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", BEGIN + script], capture_output=True, text=True, check=False)
    endings = {0: "ended", -signal.SIGXCPU: "cpu"}
    assert ("memory" if "MemoryError" in done.stderr else endings.get(done.returncode, done.stderr)) == SCRIPTS[script]


def test_an_earlier_limit_of_the_process_is_restored() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with confined(Limits(2, 1, 256, 16), 0):
        assert resource.getrlimit(resource.RLIMIT_DATA)[0] > 256 * MB
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_the_limits_grow_with_the_mail() -> None:
    limits = limits_of(load(None, {"MAILBOT_WORKER_CPU_SECONDS": "2", "MAILBOT_WORKER_MEMORY_MB": "256"}))
    assert (limits.cpu_of(0), limits.memory_of(0)) == (2, 256 * MB)
    assert limits.cpu_of(5 * MB) == 2 + 5 * limits.cpu_seconds_per_mb
    assert limits.memory_of(5 * MB) == (256 + 5 * limits.memory_mb_per_mb) * MB
