"""Rate limit of log-in attempts with a 事業所パスワード (threats, T-56): an exponential delay, then a lockout.

Failed attempts are counted by client: a known browser, else an IPv4 address or IPv6 /64.  Whoever guesses from one
place locks out only that place.  Beyond a limit from everywhere together, only known browsers may try.

Pure functions of the times of the failed attempts within WINDOW.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
FAILURES_WITHOUT_DELAY = 3  # failed attempts of one client for an office without a delay
MOST_FAILURES_ANYWHERE = 30  # of one client within WINDOW, for any offices
LONGEST_DELAY = timedelta(minutes=5)


@dataclass(frozen=True)
class LoginLimits:
    """Most failed attempts for one office within WINDOW; one more is locked out."""

    of_client: int
    of_office: int  # of all clients but known browsers


def seconds_to_wait(
    of_client: Sequence[datetime],
    anywhere: Sequence[datetime],
    of_office: Sequence[datetime],
    limits: LoginLimits,
    now: datetime,
) -> int:
    """Seconds until the next attempt is allowed, 0 when it is allowed at `now`.

    Times of the failed attempts in WINDOW, oldest first, of the client for this office and for any; `of_office`: of all
    clients that are no known browsers, empty when this client is one.
    """
    waits = [
        _until(of_client, limits.of_client, now),
        _until(anywhere, MOST_FAILURES_ANYWHERE, now),
        _until(of_office, limits.of_office, now),
    ]
    if len(of_client) > FAILURES_WITHOUT_DELAY:
        delay = min(timedelta(seconds=2 ** (len(of_client) - FAILURES_WITHOUT_DELAY)), LONGEST_DELAY)
        waits.append(of_client[-1] + delay - now)
    longest = max(waits).total_seconds()
    return max(0, -int(-longest // 1))


def _until(failures: Sequence[datetime], most: int, now: datetime) -> timedelta:
    """Time until fewer than `most` failures are within WINDOW; 0 or negative when that is so."""
    return failures[-most] + WINDOW - now if len(failures) >= most else timedelta(0)
