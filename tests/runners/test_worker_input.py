"""The input of a worker process that reads nothing: who wakes it goes on, and it is ended at the stop."""

import sys
import threading

from mailbot.runners.worker_process import WorkerProcess

STOPPED = "print('wrote', flush=True); import time; time.sleep(3600)"
PIPE_OCTETS = 65_536  # pipe(7)


def test_a_process_that_reads_nothing_stops_nobody_else() -> None:
    """Two processes wake each other through the parent: one that hangs must stop neither the other nor the desk."""
    started = threading.Event()
    process = WorkerProcess([sys.executable, "-c", STOPPED], started.set, wall_seconds=60)
    process.start()
    assert started.wait(timeout=30)

    def wake() -> None:
        for _ in range(2 * PIPE_OCTETS):
            process.wake()

    waking = threading.Thread(target=wake, daemon=True)
    waking.start()
    waking.join(timeout=30)
    assert not waking.is_alive()
    process.stop(0.1)
