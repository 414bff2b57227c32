"""How often somebody may try a 事業所パスワード (threats, T-56): a delay that grows, then a pause.

Pure: the failures of the last while come in, the seconds to wait go out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
FAILURES_WITHOUT_DELAY = 3  # failures without a delay
MOST_FAILURES_OF_OFFICE = 10  # failures of one office within the window
MOST_FAILURES_OF_PEER = 30  # … from one address, whatever offices it tries
LONGEST_DELAY = timedelta(minutes=5)


def seconds_to_wait(of_office: Sequence[datetime], of_peer: Sequence[datetime], now: datetime) -> int:
    """0 when a try is allowed at `now`.  The failures are those of the window, oldest first."""
    waits = [_until(of_office, MOST_FAILURES_OF_OFFICE, now), _until(of_peer, MOST_FAILURES_OF_PEER, now)]
    if len(of_office) > FAILURES_WITHOUT_DELAY:
        delay = min(timedelta(seconds=2 ** (len(of_office) - FAILURES_WITHOUT_DELAY)), LONGEST_DELAY)
        waits.append(of_office[-1] + delay - now)
    longest = max(waits).total_seconds()
    return max(0, -int(-longest // 1))


def starts_lockout(of_office: Sequence[datetime]) -> bool:
    """Whether the last of these failures is the one that begins a pause: the 管理責任者 is told."""
    return len(of_office) == MOST_FAILURES_OF_OFFICE


def _until(failures: Sequence[datetime], most: int, now: datetime) -> timedelta:
    """Until so many of them have left the window that one more is allowed."""
    return failures[-most] + WINDOW - now if len(failures) >= most else timedelta(0)
