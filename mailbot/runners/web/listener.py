"""The listening socket of the web server: it bounds the connections that are in a TLS handshake too (T-9, T-10).

asyncio tells a protocol of its connection when the handshake is complete, and gives a client a minute for that.
"""

import contextlib
import socket
from typing import Any

from mailbot.model.client_address import address_prefix
from mailbot.runners.web.connection import WebLimits

_MOST_REFUSED = 100  # in one call: then the event loop goes on, and calls again
_ROOM = 2  # times `most`: `WebConnection` chooses among the connections whose handshake is complete


class LimitedListener(socket.socket):
    """Closes the connections of a client beyond its limit, and the oldest of all when there are too many."""

    def __init__(self, listener: socket.socket, limits: WebLimits) -> None:
        """Takes over the descriptor of `listener`, which cannot be used any more."""
        # With any other protocol number asyncio would leave Nagle's algorithm on for the connections: a client delays
        # its acknowledgement of the header of an answer by 40 ms, and the body would wait for it.
        super().__init__(listener.family, listener.type, socket.IPPROTO_TCP, listener.detach())
        self._limits = limits
        self._accepted: dict[socket.socket, str] = {}  # with the client, the oldest first

    def accept(self) -> tuple[socket.socket, Any]:
        """Raises BlockingIOError when no connection waits, or for now after many that were refused."""
        for _ in range(_MOST_REFUSED):
            connection, address = super().accept()
            client = address_prefix(address[0])
            self._accepted = {one: whose for one, whose in self._accepted.items() if one.fileno() >= 0}
            of_client = sum(whose == client for whose in self._accepted.values())
            if of_client >= _ROOM * self._limits.most_of_client and client not in self._limits.exempt:
                connection.close()
                continue
            if len(self._accepted) >= _ROOM * self._limits.most:
                oldest = next(iter(self._accepted))
                del self._accepted[oldest]
                with contextlib.suppress(OSError):  # the client has gone already
                    oldest.shutdown(socket.SHUT_RDWR)
            self._accepted[connection] = client
            return connection, address
        raise BlockingIOError
