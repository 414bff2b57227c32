"""The web server (uvicorn), on the event loop of the desk."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from mailbot.errors import ConfigError, Permanent
from mailbot.runners.tls import reload_certificate, server_context
from mailbot.runners.web.connection import WebConnection, WebLimits
from mailbot.runners.web.listener import LimitedListener


@dataclass(frozen=True)
class WebAddress:
    """The address to listen on; with a certificate, over HTTPS."""

    host: str
    port: int
    tls_cert: str = ""
    tls_key: str = ""
    trusted_proxies: tuple[str, ...] = ()  # IP addresses whose X-Forwarded-For is trusted
    key: str = "web.port"  # of the configuration, for error texts
    limits: WebLimits = field(default_factory=WebLimits)


class WebServer:
    """Serves an application until `stop`."""

    def __init__(self, address: WebAddress, app: Starlette) -> None:
        self._address = address
        limits = address.limits
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=partial(WebConnection, limits),  # type: ignore[arg-type]
                ws="none",
                ssl_certfile=address.tls_cert or None,
                ssl_keyfile=address.tls_key or None,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(address.trusted_proxies),
                forwarded_allow_ips=list(address.trusted_proxies),
                limit_concurrency=limits.most + 2,  # WebConnection has closed those beyond `most`
                timeout_keep_alive=limits.request_seconds,
                timeout_graceful_shutdown=5,
                lifespan="off",
            )
        )
        # The desk handles SIGTERM and SIGINT itself (app/server.py).
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> tuple[str, int]:
        """Listen; returns IP address and port.  Raises Permanent when the port cannot be opened, ConfigError for the
        certificate."""
        try:
            listener = socket.create_server((self._address.host, self._address.port), backlog=self._address.limits.most)
        except OSError as error:
            where = f"{self._address.host}:{self._address.port}"
            raise Permanent(
                f"cannot listen on {where} ({error.strerror});"
                f" if another program uses the port, set {self._address.key}"
            ) from error
        if self._address.tls_cert:
            try:
                server_context(*self._certificate(self._address))
            except ConfigError:
                listener.close()
                raise
        limited = LimitedListener(listener, self._address.limits)
        self._serving = asyncio.create_task(self._server.serve(sockets=[limited]))
        host, port = limited.getsockname()[:2]
        return host, port

    def reload_certificate(self, address: WebAddress) -> None:
        """Use the certificate of `address` for new connections.  Raises ConfigError; then the old one stays."""
        context = self._server.config.ssl if self._server.config.loaded else None
        if context is not None and address.tls_cert:
            reload_certificate(context, *self._certificate(address))

    @staticmethod
    def _certificate(address: WebAddress) -> tuple[Path, Path | None, str]:
        return Path(address.tls_cert), Path(address.tls_key) if address.tls_key else None, "web.tls_cert / web.tls_key"

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
