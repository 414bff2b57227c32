"""The listeners for HTTP: the pages, and the health check."""

from collections.abc import Callable

from mailbot.app.wiring import health_of, web_of
from mailbot.clock import Clock
from mailbot.config import Config
from mailbot.desk.context import DeskContext
from mailbot.errors import Permanent
from mailbot.logs import get_logger
from mailbot.runners.web.health import health_app
from mailbot.runners.web.server import WebServer
from mailbot.runners.web.site import Site

log = get_logger("mailbot")


class WebServers:
    """Both listeners, on the running event loop.  Attributes: `pages`, `health`, the addresses of those that run."""

    def __init__(self, config: Config, context: DeskContext, clock: Clock, sent: Callable[[], None]) -> None:
        """`sent` is called when there may be a notice to write."""
        self.pages: tuple[str, int] | None = None
        self.health: tuple[str, int] | None = None
        self._health = WebServer(health_of(config), health_app(context.store, config.smtp.min_free_bytes))
        self._pages: WebServer | None = None
        if config.web.enabled:
            https = bool(config.web.tls_cert) or config.desk.base_url.startswith("https://")
            site = Site(context, clock, https=https, sent=sent, password_checks=config.web.password_checks)
            self._pages = WebServer(web_of(config), site.asgi())

    async def start(self, *, alone: bool) -> None:
        """Listen.  A port that is in use is logged, and the other roles go on; with no other role (`alone`), raise
        Permanent for that of the pages."""
        try:
            self.health = await self._health.start()
        except Permanent as error:
            log.error("health-check-not-started", detail=error.public)
        try:
            self.pages = await self._pages.start() if self._pages is not None else None
        except Permanent as error:
            if alone:
                await self.stop()
                raise
            log.error("web-server-not-started", detail=error.public)

    async def stop(self) -> None:
        await self._health.stop()
        if self._pages is not None:
            await self._pages.stop()
