"""Limits of the operating system on the desk's processes (setrlimit(2), prctl(2)).

Of memory and CPU time for the process that reads incoming mail (T-70, T-72); no core dumps of any, which would contain
the keys of passwords and reply tokens (T-54).
"""

import ctypes
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

MEMORY_BYTES = 2 * 1024**3  # of address space; the libraries alone use 700 MB
CPU_SECONDS = 10  # for one mail; the slowest of the corpus takes 0.3, the most expensive within all limits about 2


_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """No core dump of this process or its children; other processes of the same user cannot read its memory (Linux)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # fails only for a wrong number


def confine_memory(limit: int = MEMORY_BYTES) -> None:
    """Limit the address space to `limit` octets: an allocation beyond it raises MemoryError."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


@contextmanager
def confined_cpu() -> Iterator[None]:
    """Limit the CPU time of the block to CPU_SECONDS: beyond it the kernel ends the process (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS + 1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
