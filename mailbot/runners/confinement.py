"""Limits of CPU time and memory while one incoming mail is handled (T-70, T-72; timer_create(2), setrlimit(2)).

They grow with the size of the mail.  Of 800 mails of other projects' test suites the slowest takes 0.2 s and 11 MB; the
most expensive within all limits of the readers 4.2 s with 1.1 MB (five full sheets), and 180 MB with 24 MB.

Both work on Linux only; on another system the wall-clock limit of `worker_process` alone ends a mail that never ends.
"""

import ctypes
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MB = 1024 * 1024
_PR_SET_DUMPABLE = 4


@dataclass(frozen=True)
class Limits:
    """What one mail may use, by its size.  1 MB is 1,048,576 octets."""

    cpu_seconds: float
    cpu_seconds_per_mb: float
    memory_mb: int
    memory_mb_per_mb: int

    def cpu_of(self, octets: int) -> float:
        """CPU seconds for a mail of that size."""
        return self.cpu_seconds + self.cpu_seconds_per_mb * octets / MB

    def memory_of(self, octets: int) -> int:
        """Octets of memory for a mail of that size, beyond what the process has before it."""
        return self.memory_mb * MB + self.memory_mb_per_mb * octets


@contextmanager
def confined(limits: Limits, octets: int) -> Iterator[None]:
    """Apply `limits` to the block, in which the calling thread handles a mail of `octets` octets.

    With more CPU time the kernel ends the process (SIGXCPU); an allocation beyond the memory raises MemoryError.
    """
    if sys.platform != "linux":
        yield
        return
    with _confined_cpu(limits.cpu_of(octets)), _confined_memory(limits.memory_of(octets)):
        yield


@contextmanager
def _confined_memory(octets: int) -> Iterator[None]:
    """RLIMIT_DATA counts the private writable memory of the process.  The address space (RLIMIT_AS) would count what
    malloc only reserves, too: 64 MB for each thread that begins meanwhile.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_data_size() + octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_size() -> int:
    """What RLIMIT_DATA counts at the moment, in octets (proc_pid_status(5)); gVisor has it there alone."""
    found = re.search(r"^VmData:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    assert found is not None  # noqa: S101 - every process with memory has that line
    return int(found[1]) * 1024


class _Event(ctypes.Structure):
    """struct sigevent: SIGEV_SIGNAL (0) sends `signal` to the process."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("unused", ctypes.c_char * 48),
    )


class _Time(ctypes.Structure):
    """struct itimerspec."""

    _fields_ = tuple((name, ctypes.c_long) for name in ("interval", "interval_ns", "seconds", "nanoseconds"))


@contextmanager
def _confined_cpu(seconds: float) -> Iterator[None]:
    """A timer on the CPU time of this thread.  RLIMIT_CPU counts the whole process, which also writes notices and
    checks signatures.  A thread of Python that watches could not run while an extension, such as `re`, holds the
    interpreter lock; the signal of the kernel's timer ends the process even then.
    """
    libc = _libc()
    timer = ctypes.c_void_p()
    event = _Event(signal=signal.SIGXCPU)
    whole, rest = divmod(seconds, 1)
    expiry = _Time(seconds=int(whole), nanoseconds=max(int(rest * 1e9), 1))
    _check(libc.timer_create(time.CLOCK_THREAD_CPUTIME_ID, ctypes.byref(event), ctypes.byref(timer)))
    try:
        _check(libc.timer_settime(timer, 0, ctypes.byref(expiry), None))
        yield
    finally:
        libc.timer_delete(timer)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def forbid_core_dumps() -> None:
    """No core dump of this process or its children, which would contain the keys of passwords and reply tokens (T-54).

    Other processes of the same user cannot read its memory either (prctl(2), Linux).
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # fails only for a wrong number
