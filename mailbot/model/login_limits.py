"""Rate limit of log-in attempts with a 事業所パスワード (threats, T-56): an exponential delay, then a lockout.

Pure functions of the times of the failed attempts within WINDOW.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
FAILURES_WITHOUT_DELAY = 3  # failed attempts of one office without a delay
MOST_FAILURES_OF_OFFICE = 10  # within WINDOW; one more is locked out
MOST_FAILURES_OF_PEER = 30  # of one IP address within WINDOW, for any offices
LONGEST_DELAY = timedelta(minutes=5)


def seconds_to_wait(of_office: Sequence[datetime], of_peer: Sequence[datetime], now: datetime) -> int:
    """Seconds until the next attempt is allowed, 0 when it is allowed at `now`.

    `of_office`, `of_peer`: times of the failed attempts of the office and of the IP address in WINDOW, oldest first.
    """
    waits = [_until(of_office, MOST_FAILURES_OF_OFFICE, now), _until(of_peer, MOST_FAILURES_OF_PEER, now)]
    if len(of_office) > FAILURES_WITHOUT_DELAY:
        delay = min(timedelta(seconds=2 ** (len(of_office) - FAILURES_WITHOUT_DELAY)), LONGEST_DELAY)
        waits.append(of_office[-1] + delay - now)
    longest = max(waits).total_seconds()
    return max(0, -int(-longest // 1))


def starts_lockout(of_office: Sequence[datetime]) -> bool:
    """Whether the last of these failed attempts starts a lockout, of which the 管理責任者 is notified."""
    return len(of_office) == MOST_FAILURES_OF_OFFICE


def _until(failures: Sequence[datetime], most: int, now: datetime) -> timedelta:
    """Time until fewer than `most` failures are within WINDOW; 0 or negative when that is so."""
    return failures[-most] + WINDOW - now if len(failures) >= most else timedelta(0)
