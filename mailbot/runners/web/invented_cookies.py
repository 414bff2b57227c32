"""How many requests with an invented session cookie one client has made lately (T-10)."""

from collections import Counter
from datetime import timedelta

from mailbot.model.client_address import address_prefix

MOST = 30  # of a client in a period: a browser with an old cookie makes fewer
PERIOD = timedelta(minutes=1)


class InventedCookies:
    """Counts by client: an IPv4 address or the /64 network of an IPv6 address."""

    def __init__(self) -> None:
        self._began = timedelta()
        self._seen: Counter[str] = Counter()

    def is_one_too_many(self, address: str, elapsed: timedelta) -> bool:
        """Count one more.  `elapsed`: on the monotonic clock."""
        if not timedelta() <= elapsed - self._began < PERIOD:
            self._began = elapsed
            self._seen.clear()
        client = address_prefix(address)
        self._seen[client] += 1
        return self._seen[client] > MOST
