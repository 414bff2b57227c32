"""Limits of the operating system on the process that reads incoming mail (T-70, T-72; setrlimit(2))."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

MEMORY_BYTES = 2 * 1024**3  # of address space; the libraries alone use 700 MB
CPU_SECONDS = 10  # for one mail; the slowest of the corpus takes 0.3, the most expensive within all limits about 2


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
