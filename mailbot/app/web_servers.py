"""The listeners for HTTP: the pages, and what monitors ask."""

import asyncio
from collections.abc import Callable

from mailbot.app.wiring import health_of, web_of
from mailbot.clock import Clock
from mailbot.config import Config
from mailbot.desk.context import DeskContext
from mailbot.errors import Permanent
from mailbot.logs import get_logger
from mailbot.runners.web.health import Watched, health_app
from mailbot.runners.web.server import WebServer
from mailbot.runners.web.site import Site

log = get_logger("mailbot")


class WebServers:
    """Both listeners, on the running event loop.  Attributes: `pages`, `health`, the addresses of those that run."""

    def __init__(
        self, config: Config, context: DeskContext, clock: Clock, sent: Callable[[], None], watched: Watched
    ) -> None:
        """`sent` is called when there may be a notice to write; `watched` answers monitors."""
        self.pages: tuple[str, int] | None = None
        self.health: tuple[str, int] | None = None
        self._health = WebServer(health_of(config), health_app(watched))
        self._pages: WebServer | None = None
        if config.web.enabled:
            https = bool(config.web.tls_cert) or config.desk.base_url.startswith("https://")
            site = Site(context, clock, https=https, sent=sent, password_checks=config.web.password_checks)
            self._pages = WebServer(web_of(config), site.asgi())

    async def start(self) -> None:
        """Listen.  Raises Permanent when the port of the pages cannot be opened, or their certificate not be used.

        The port for monitors is only logged: nothing that the desk is for depends on it.
        """
        try:
            self.health = await self._health.start()
        except Permanent as error:
            log.error("health-check-not-started", detail=error.public)
        try:
            self.pages = await self._pages.start() if self._pages is not None else None
        except Permanent:
            await self._health.stop()
            raise

    def reload_certificate(self, config: Config) -> None:
        """Read the certificate of the pages again, for new connections.  Raises ConfigError; the old one stays."""
        if self._pages is not None:
            self._pages.reload_certificate(web_of(config))

    async def stop(self) -> None:
        await asyncio.gather(*(one.stop() for one in (self._health, self._pages) if one is not None))
