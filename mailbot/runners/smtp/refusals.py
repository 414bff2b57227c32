"""Mails and recipients that were refused permanently (5yz): counted, and written down together.

A client can cause thousands in a second.  Those of one client for one reason become one row of the mail log.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.model.client_address import address_prefix

MOST_ROWS = 500  # of one period; the clients beyond are counted as one
OTHERS = "other addresses"


@dataclass(frozen=True)
class Refusal:
    """Refusals of one client for one reason; sender and recipient are those of the first."""

    at: datetime
    reason: str
    sender: str  # the reverse-path
    recipient: str
    peer: str  # the client's IP address
    count: int = 1


class RefusalLog:
    """Counts refusals for a period that begins with the first of them, then has them written."""

    def __init__(self, period_seconds: float, write: Callable[[Sequence[Refusal]], None]) -> None:
        """`write` is called on the event loop."""
        self._period_seconds = period_seconds
        self._write = write
        self._counted: dict[tuple[str, str], Refusal] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, refusal: Refusal) -> None:
        key = (address_prefix(refusal.peer), refusal.reason)
        if key not in self._counted and len(self._counted) >= MOST_ROWS:
            key, refusal = (OTHERS, refusal.reason), replace(refusal, peer=OTHERS)
        known = self._counted.get(key)
        self._counted[key] = refusal if known is None else replace(known, count=known.count + 1)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._period_seconds, self.flush)

    def flush(self) -> None:
        """Have what was counted written, and begin anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        counted, self._counted = list(self._counted.values()), {}
        if counted:
            self._write(counted)
