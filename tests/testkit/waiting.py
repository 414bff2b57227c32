"""Waiting for what other processes do, without guessing how long it takes."""

import threading
import time
from collections.abc import Callable

PATIENCE_SECONDS = 40.0


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Return as soon as `condition` holds.  Raises TimeoutError when it does not within a long while."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s: {what}")
        pause.wait(0.05)
