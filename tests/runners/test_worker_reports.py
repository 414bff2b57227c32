"""What the parent reads of the reports of a worker process."""

import math
import os
import time

from mailbot.runners.worker_process import _Lines


def test_lines_come_in_pieces() -> None:
    """Whole lines alone, and nothing at the deadline, however far away it is."""
    source, sink = os.pipe()
    lines = _Lines(source)
    os.write(sink, b"began 7\nen")
    assert lines.read(time.monotonic() + 1e9) == [b"began 7\n"]
    assert lines.read(time.monotonic()) == []
    os.write(sink, b"ded\n")
    assert lines.read(math.inf) == [b"ended\n"]
    os.close(sink)
    assert lines.read(math.inf) is None
    os.close(source)
