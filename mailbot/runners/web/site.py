"""The web pages as an ASGI application.  A GET changes nothing: link scanners fetch every URL."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailbot.clock import Clock
from mailbot.desk.context import DeskContext
from mailbot.errors import Temporary
from mailbot.logs import get_logger
from mailbot.model.people import Language
from mailbot.runners.web.desk_handlers import DeskHandlers, is_of_desk
from mailbot.runners.web.invented_cookies import PERIOD, InventedCookies
from mailbot.runners.web.login_handlers import LoginHandlers
from mailbot.runners.web.office_handlers import OfficeHandlers
from mailbot.runners.web.responses import is_same_origin, page, secured
from mailbot.runners.web.sessions import Sessions

log = get_logger("mailbot.web")
Handler = Callable[[Request], Awaitable[Response]]


class Site:
    """The ASGI application.  `https`: whether people reach it over HTTPS; the session cookie is then `Secure`."""

    def __init__(
        self, context: DeskContext, clock: Clock, *, https: bool, sent: Callable[[], None], password_checks: int = 2
    ) -> None:
        """`sent` is called when there may be a notice to write; `password_checks`: how many at the same time."""
        self._sessions = sessions = Sessions(context, clock, https, sent)
        self._invented = InventedCookies()
        self._https = https
        self._pages = context.pages
        checks = asyncio.Semaphore(password_checks)
        self._login = LoginHandlers(sessions, checks)
        self._desk = DeskHandlers(sessions, checks)
        self._office = OfficeHandlers(sessions)

    def asgi(self) -> Starlette:
        """The application with its routes."""
        login, office = self._login, self._office
        one = "/applications/{number}"
        pages: list[tuple[str, Handler, str]] = [
            ("/", login.home, "GET"),
            ("/login", login.log_in, "POST"),
            ("/logout", login.log_out, "POST"),
            ("/link", login.send_link, "POST"),
            ("/link/{token}", login.link, "GET"),
            ("/link/{token}", login.open_link, "POST"),
            ("/password", login.password_form, "GET"),
            ("/password", login.change_password, "POST"),
            ("/applications", office.overview, "GET"),
            (one, office.application, "GET"),
            (one, office.show_password, "POST"),
            (f"{one}/withdrawal", office.withdrawal_form, "GET"),
            (f"{one}/withdrawal", office.withdraw, "POST"),
            (f"{one}/{{kind}}.pdf", office.paper, "GET"),
            (f"{one}/calendar.ics", office.calendar, "GET"),
            ("/style.css", self.style, "GET"),
            *self._desk.routes(),
        ]
        routes = [Route(path, self._guarded(handler), methods=[method]) for path, handler, method in pages]
        app = Starlette(routes=routes, exception_handlers={404: self._not_found, 405: self._not_found})
        app.router.redirect_slashes = False  # the URL of such a redirect would be made from the Host header field
        return app

    def _guarded(self, handler: Handler) -> Handler:
        """`handler` with the origin check and the security headers; an error is answered with a fixed text."""

        async def guarded(request: Request) -> Response:
            try:
                if self._is_flood(request):
                    response = Response(status_code=429, headers={"Retry-After": f"{PERIOD.total_seconds():.0f}"})
                elif request.method == "POST" and not is_same_origin(request):
                    response = self._foreign(request)
                else:
                    response = await handler(request)
            except Temporary as error:
                log.warning("web-unavailable", detail=error.detail)
                response = self._message(request, "away", 503, {"Retry-After": "60"})
            except Exception:
                log.exception("web-failed", path=request.url.path)
                response = self._message(request, "away", 500)
            return secured(response, https=self._https)

        return guarded

    def _is_flood(self, request: Request) -> bool:
        """Whether the client invents cookies: no page is written for it."""
        if not self._sessions.has_invented_cookie(request):
            return False
        address = request.client.host if request.client else ""
        return self._invented.is_one_too_many(address, self._sessions.clock.elapsed())

    def _foreign(self, request: Request) -> Response:
        """The log-in page in the place of a POST that comes from another site."""
        if is_of_desk(request):
            return self._desk.says_log_in(request, 403, problem="origin")
        return page(self._pages.login(Language.JA, problem="origin"), 403)

    def _message(self, request: Request, kind: str, status: int, headers: dict[str, str] | None = None) -> Response:
        """One sentence, without anything of whoever is logged in."""
        if is_of_desk(request):
            return self._desk.message(request, kind, status, headers)
        return page(self._pages.message(Language.JA, kind), status, headers)

    async def _not_found(self, request: Request, error: Exception) -> Response:
        del error
        return secured(self._message(request, "not_found", 404), https=self._https)

    async def style(self, request: Request) -> Response:
        del request
        return Response(self._pages.style(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})
