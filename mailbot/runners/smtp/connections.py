"""The open connections, and how many there may be: in all, of one client, and in a minute (T-9, T-10).

A client is an IPv4 address or the /64 network of an IPv6 address.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from mailbot.model.client_address import address_prefix, is_in

MINUTE_SECONDS = 60.0


class Connection(Protocol):
    """What the limits ask of a session."""

    peer: str  # IP address of the client

    @property
    def in_transaction(self) -> bool: ...
    def stalled_seconds(self) -> float: ...
    def close_with(self, name: str) -> None: ...


@dataclass(frozen=True)
class ConnectionLimits:
    """`exempt`: networks of clients, such as relays, to which only `most` and `evict_after_seconds` apply."""

    most: int  # at one time
    most_of_client: int  # at one time
    most_of_client_in_a_minute: int
    evict_after_seconds: int  # without progress in a mail transaction, when `most` are open
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()


class Connections:
    """The open connections of the SMTP server."""

    def __init__(self, limits: ConnectionLimits, time: Callable[[], float]) -> None:
        """`time`: the clock of the event loop, in seconds."""
        self._limits = limits
        self._time = time
        self._open: dict[Connection, str] = {}  # with the client
        self._of_client: Counter[str] = Counter()
        self._minute_began_at = time()
        self._begun: Counter[str] = Counter()  # connections of the current minute by client

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._open))

    def add(self, connection: Connection) -> None:
        client = address_prefix(connection.peer)
        self._open[connection] = client
        self._of_client[client] += 1
        now = self._time()
        if now - self._minute_began_at >= MINUTE_SECONDS:
            self._minute_began_at = now
            self._begun.clear()
        self._begun[client] += 1

    def discard(self, connection: Connection) -> None:
        """Also when it is not there any more."""
        client = self._open.pop(connection, None)
        if client is not None:
            self._of_client[client] -= 1
            if not self._of_client[client]:
                del self._of_client[client]

    def refuse(self, connection: Connection) -> str:
        """The name of the reply with which `connection` is refused, "" when it may go on.

        When `most` are open, the one without progress for longest is closed: of those outside of a mail transaction,
        and of those in one that have made none for `evict_after_seconds`.
        """
        limits, client = self._limits, self._open.get(connection, "")
        many = (
            self._of_client[client] > limits.most_of_client or self._begun[client] > limits.most_of_client_in_a_minute
        )
        if many and not is_in(connection.peer, limits.exempt):
            return "too_many_of_address"
        if len(self._open) <= limits.most:
            return ""
        stalled = [(one.stalled_seconds(), one) for one in self._open if one is not connection]
        found = [pair for pair in stalled if not pair[1].in_transaction or pair[0] >= limits.evict_after_seconds]
        if not found:
            return "too_many_connections"
        max(found, key=lambda pair: pair[0])[1].close_with("idle_too_long")
        return ""
