"""One connection of the web server: uvicorn's protocol with limits of time and number (T-9, T-10), and a strict parser.

uvicorn itself answers 503 to everybody when its connections are used up, and waits for a request without an end.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from mailbot.model.client_address import address_prefix
from mailbot.runners.web.request_head import StrictConnection

_MAX_HEAD_OCTETS = 16_384


@dataclass(frozen=True)
class WebLimits:
    """`exempt`: addresses of proxies, to which `most_of_client` does not apply."""

    most: int = 100  # connections
    most_of_client: int = 20  # connections of an IPv4 address or IPv6 /64
    request_seconds: int = 10  # until a request is complete
    exempt: tuple[str, ...] = ()


class WebConnection(H11Protocol):
    """One connection.  A client that does not send its request in time is disconnected without an answer."""

    def __init__(self, limits: WebLimits, **options: Any) -> None:
        super().__init__(**options)
        self.conn = StrictConnection(h11.SERVER, _MAX_HEAD_OCTETS)
        self._limits = limits
        self._request_limit: asyncio.TimerHandle | None = None  # while a request is awaited

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        others = [one for one in self.connections if isinstance(one, WebConnection) and one is not self]
        of_client = sum(one._client == self._client for one in others)
        if of_client >= self._limits.most_of_client and self._client not in self._limits.exempt:
            self._disconnect()
            return
        if len(others) >= self._limits.most:
            waiting = [one for one in others if one._request_limit is not None]
            min(waiting, key=lambda one: one._request_ends_at, default=self)._disconnect()
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body:
            self._stop_waiting()  # the request is complete

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._await_request()

    @property
    def _client(self) -> str:
        return address_prefix(self.client[0]) if self.client else ""

    @property
    def _request_ends_at(self) -> float:
        return self._request_limit.when() if self._request_limit is not None else 0.0

    def _await_request(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self._request_limit = self.loop.call_later(self._limits.request_seconds, self._disconnect)

    def _stop_waiting(self) -> None:
        if self._request_limit is not None:
            self._request_limit.cancel()
            self._request_limit = None

    def _disconnect(self) -> None:
        self._stop_waiting()
        self.connections.discard(self)
        self.transport.abort()
