"""The limits of one mail: they end what exceeds them, count nothing else, and end with the mail (T-70, T-72)."""

import json
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
limits = Limits(cpu_seconds=0.05, cpu_seconds_per_mb=0.25, memory_mb=100, memory_mb_per_mb=20)
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
    "with confined(limits, MB): burn(0.12)": "ended",
    "with confined(limits, MB): burn(60)": "cpu",
    "with confined(limits, 0): beside(lambda: burn(0.12))": "ended",
    "def mail():\n with confined(limits, 0): burn(60)\nbeside(mail)": "cpu",
    "for _ in range(5):\n with confined(limits, 0): burn(0.025)": "ended",
    "with confined(limits, 0): pass\nburn(0.12)": "ended",
    "with confined(limits, 0): bytes(110 * MB)": "memory",
    "with confined(limits, 0): bytes(90 * MB)": "ended",
    "with confined(limits, MB): bytes(110 * MB)": "ended",
    "before = bytes(300 * MB)\nwith confined(limits, 0): bytes(90 * MB)": "ended",
    "with confined(limits, 0): pass\nbytes(300 * MB)": "ended",
    "try:\n with confined(limits, 0): bytes(300 * MB)\nexcept MemoryError: bytes(300 * MB)": "ended",
}

# Each in a copy of one process that has imported what they need.
EACH_IN_A_PROCESS = """
import json, os, sys, tempfile
ended = {}
for script in json.loads(sys.argv[1]):
    with tempfile.TemporaryFile() as complaints:
        if not (child := os.fork()):
            os.dup2(complaints.fileno(), 2)
            exec(script)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        complaints.seek(0)
        ended[script] = code, complaints.read().decode()
print(json.dumps(ended))
"""


@pytest.fixture(scope="module")
def ended() -> dict[str, tuple[int, str]]:
    """Script → exit code and standard error."""
    words = [sys.executable, "-c", BEGIN + EACH_IN_A_PROCESS, json.dumps([*SCRIPTS])]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_a_limit_ends(script: str, ended: dict[str, tuple[int, str]]) -> None:
    code, complaints = ended[script]
    endings = {0: "ended", -signal.SIGXCPU: "cpu"}
    assert ("memory" if "MemoryError" in complaints else endings.get(code, complaints)) == SCRIPTS[script]


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
