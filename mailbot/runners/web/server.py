"""The web server (uvicorn), on the event loop of the desk."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass

import uvicorn

from mailbot.errors import Permanent
from mailbot.runners.web.site import Site

IDLE_SECONDS = 15
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class WebAddress:
    """Where to listen; with a certificate, over HTTPS."""

    host: str
    port: int
    tls_cert: str = ""
    tls_key: str = ""
    trusted_proxies: tuple[str, ...] = ()  # whose X-Forwarded-For is believed


class WebServer:
    """Serves the site until `stop`."""

    def __init__(self, address: WebAddress, site: Site) -> None:
        self._address = address
        self._server = uvicorn.Server(
            uvicorn.Config(
                site.asgi(),
                ssl_certfile=address.tls_cert or None,
                ssl_keyfile=address.tls_key or None,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(address.trusted_proxies),
                forwarded_allow_ips=list(address.trusted_proxies),
                limit_concurrency=MOST_AT_ONCE,
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=5,
                lifespan="off",
            )
        )
        # The desk has its own way to hear signals.
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> tuple[str, int]:
        """Listen; returns where.  Raises Permanent when the port cannot be had."""
        try:
            listener = socket.create_server((self._address.host, self._address.port), backlog=MOST_AT_ONCE)
        except OSError as error:
            place = f"{self._address.host}:{self._address.port}"
            raise Permanent(f"cannot listen on {place} ({error.strerror}); is the port taken? Set web.port") from error
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        host, port = listener.getsockname()[:2]
        return host, port

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
