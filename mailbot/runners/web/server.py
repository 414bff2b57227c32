"""The web server (uvicorn), on the event loop of the desk."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass

import uvicorn

from mailbot.errors import Permanent
from mailbot.runners.web.site import Site

IDLE_SECONDS = 15
MAX_CONNECTIONS = 100


@dataclass(frozen=True)
class WebAddress:
    """The address to listen on; with a certificate, over HTTPS."""

    host: str
    port: int
    tls_cert: str = ""
    tls_key: str = ""
    trusted_proxies: tuple[str, ...] = ()  # IP addresses whose X-Forwarded-For is trusted


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
                limit_concurrency=MAX_CONNECTIONS,
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=5,
                lifespan="off",
            )
        )
        # The desk handles SIGTERM and SIGINT itself (app/server.py).
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> tuple[str, int]:
        """Listen; returns IP address and port.  Raises Permanent when the port cannot be opened."""
        try:
            listener = socket.create_server((self._address.host, self._address.port), backlog=MAX_CONNECTIONS)
        except OSError as error:
            where = f"{self._address.host}:{self._address.port}"
            raise Permanent(
                f"cannot listen on {where} ({error.strerror}); if another program uses the port, set web.port"
            ) from error
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        host, port = listener.getsockname()[:2]
        return host, port

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
