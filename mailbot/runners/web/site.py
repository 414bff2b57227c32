"""The request handlers of the web pages.  A GET changes nothing: link scanners fetch every URL."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailbot.clock import Clock, tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.website import downloads, login_link
from mailbot.desk.website import login as office_login
from mailbot.desk.website import pages as office_pages
from mailbot.desk.website.login import Client, LoggedIn
from mailbot.desk.website.pages import Issued, ShownPassword
from mailbot.errors import Temporary
from mailbot.model.contract import Office
from mailbot.model.people import Language
from mailbot.records.register import offices
from mailbot.records.secrets import logins
from mailbot.records.secrets.logins import Session
from mailbot.runners.web.responses import attachment, equal_secrets, is_same_origin, page, redirect, secured

MAX_FORM_BYTES = 8_192
MAX_FIELDS = 10

log = structlog.get_logger("mailbot.web")
Handler = Callable[[Request], Awaitable[Response]]


class Site:
    """The ASGI application.  `https`: whether people reach it over HTTPS; the session cookie is then `Secure`."""

    def __init__(
        self, context: DeskContext, clock: Clock, *, https: bool, sent: Callable[[], None], password_checks: int = 2
    ) -> None:
        """`sent` is called when there may be a notice to write; `password_checks`: how many at the same time."""
        self._context = context
        self._clock = clock
        self._https = https
        self._sent = sent
        self._cookie = "__Host-mailbot" if https else "mailbot"
        self._password_checks = asyncio.Semaphore(password_checks)  # argon2id takes 64 MiB for each

    def asgi(self) -> Starlette:
        """The application with its routes."""
        pages: list[tuple[str, Handler, str]] = [
            ("/", self.home, "GET"),
            ("/login", self.log_in, "POST"),
            ("/logout", self.log_out, "POST"),
            ("/link", self.send_link, "POST"),
            ("/link/{token}", self.link, "GET"),
            ("/link/{token}", self.open_link, "POST"),
            ("/applications", self.overview, "GET"),
            ("/applications/{number}", self.application, "GET"),
            ("/applications/{number}", self.show_password, "POST"),
            ("/applications/{number}/{name}", self.download, "GET"),
            ("/password", self.password_form, "GET"),
            ("/password", self.change_password, "POST"),
            ("/style.css", self.style, "GET"),
        ]
        routes = [Route(path, self._guarded(handler), methods=[method]) for path, handler, method in pages]
        app = Starlette(routes=routes, exception_handlers={404: self._not_found, 405: self._not_found})
        app.router.redirect_slashes = False  # the URL of such a redirect would be made from the Host header field
        return app

    def _guarded(self, handler: Handler) -> Handler:
        """`handler` with the origin check and the security headers; an error is answered with a fixed text."""

        async def guarded(request: Request) -> Response:
            try:
                if request.method == "POST" and not is_same_origin(request):
                    response = page(self._pages.login(Language.JA, problem="origin"), 403)
                else:
                    response = await handler(request)
            except Temporary as error:
                log.warning("web-unavailable", detail=error.detail)
                response = page(self._pages.message(Language.JA, "away"), 503, {"Retry-After": "60"})
            except Exception:
                log.exception("web-failed", path=request.url.path)
                response = page(self._pages.message(Language.JA, "away"), 500)
            return secured(response, https=self._https)

        return guarded

    @property
    def _pages(self) -> Any:
        return self._context.pages

    async def _not_found(self, request: Request, error: Exception) -> Response:
        del request, error
        return secured(page(self._pages.message(Language.JA, "not_found"), 404), https=self._https)

    async def home(self, request: Request) -> Response:
        """The log-in page; with a session, a redirect to the overview."""
        if await self._session(request) is not None:
            return redirect("/applications")
        return page(self._pages.login(_language(request)))

    async def log_in(self, request: Request) -> Response:
        form = await _form(request)
        code, password = form.get("code", ""), form.get("password", "")
        client, context, language = self._client(request, code), self._context, _language(request)
        async with self._password_checks:
            result = await run_in_threadpool(office_login.log_in, code, password, client, self._clock.now(), context)
        self._sent()
        if isinstance(result, LoggedIn):
            response = redirect("/applications")
            response.set_cookie(
                self._cookie, result.session_id, path="/", secure=self._https, httponly=True, samesite="strict"
            )
            self._set_known(response, result.session.office, result.browser_cookie)
            return response
        if result.wait_seconds:
            html = self._pages.login(language, problem="wait", code=code[:20], wait_seconds=result.wait_seconds)
            return page(html, 429, {"Retry-After": str(result.wait_seconds)})
        if result.paused:
            return page(self._pages.login(language, problem="paused", code=code[:20]), 403)
        return page(self._pages.login(language, problem="wrong", code=code[:20]), 401)

    async def send_link(self, request: Request) -> Response:
        """The same page whether there is such an office or not."""
        code = (await _form(request)).get("code", "")
        client, now = self._client(request, code), self._clock.now()
        await run_in_threadpool(login_link.send_link, code, client, now, self._context)
        self._sent()
        return page(self._pages.message(_language(request), "link_sent"))

    async def link(self, request: Request) -> Response:
        """The page of a link, also of one that does not work: only the POST finds out, and uses it."""
        token = request.path_params["token"]
        return page(self._pages.link(_language(request), token if token.isalnum() else ""))

    async def open_link(self, request: Request) -> Response:
        client, now = self._client(request, ""), self._clock.now()
        found = await run_in_threadpool(login_link.open_link, request.path_params["token"], client, now, self._context)
        if found is None:
            return page(self._pages.message(_language(request), "link_over"), 404)
        response = redirect("/")
        self._set_known(response, *found)
        return response

    def _client(self, request: Request, code: str) -> Client:
        """Whoever makes the request, with the cookie that it has for the office with that code."""
        name = self._known_cookie(office_login.office_code_of(code))
        return Client(request.client.host if request.client else "", request.cookies.get(name, ""))

    def _known_cookie(self, office_code: str) -> str:
        return f"{self._cookie}-{office_code.lower()}"

    def _set_known(self, response: Response, office_code: str, value: str) -> None:
        seconds = self._context.settings.known_browser_days * 24 * 3600
        name = self._known_cookie(office_code)
        response.set_cookie(
            name, value, max_age=seconds, path="/", secure=self._https, httponly=True, samesite="strict"
        )

    async def log_out(self, request: Request) -> Response:
        session = await self._session(request)
        form = await _form(request)
        if session is not None and equal_secrets(form.get("csrf"), session.csrf):
            await run_in_threadpool(self._end_session, request.cookies[self._cookie])
        response = redirect("/")
        response.delete_cookie(self._cookie, path="/", secure=self._https, httponly=True, samesite="strict")
        return response

    async def overview(self, request: Request) -> Response:
        session = await self._session(request)
        found = await run_in_threadpool(office_pages.overview, session, self._context) if session else None
        if session is None or found is None:
            return self._session_ended(request)
        return page(self._pages.overview(found.office, found.cases, found.news, session.csrf))

    async def application(self, request: Request) -> Response:
        session = await self._session(request)
        if session is None:
            return self._session_ended(request)
        number, now = request.path_params["number"], self._clock.now()
        found = await run_in_threadpool(office_pages.issued, session, number, now, self._context)
        return self._issued(found, session)

    async def download(self, request: Request) -> Response:
        """A paper or the calendar file of an application."""
        session = await self._session(request)
        if session is None:
            return self._session_ended(request)
        number, name, now = request.path_params["number"], request.path_params["name"], self._clock.now()
        file = await run_in_threadpool(downloads.download, session, number, name, now, self._context)
        if isinstance(file, downloads.NotPrintable):
            self._sent()
            return page(self._pages.message(Language.JA, "paper"), 503)
        return attachment(file) if file is not None else page(self._pages.message(Language.JA, "not_found"), 404)

    async def show_password(self, request: Request) -> Response:
        """One password, in this response only: going back or reloading is a new request, which is recorded as well."""
        session = await self._session(request)
        form = await _form(request)
        if session is None or not equal_secrets(form.get("csrf"), session.csrf):
            return self._session_ended(request)
        number, user_id = request.path_params["number"], form.get("user_id", "")
        found = await run_in_threadpool(
            office_pages.show_password, session, number, user_id, self._clock.now(), self._context
        )
        self._sent()
        return self._issued(found, session)

    async def password_form(self, request: Request) -> Response:
        session = await self._session(request)
        office = await self._office(session)
        if session is None or office is None:
            return self._session_ended(request)
        return page(self._pages.change(office, session.csrf))

    async def change_password(self, request: Request) -> Response:
        session = await self._session(request)
        form = await _form(request)
        office = await self._office(session)
        if session is None or office is None or not equal_secrets(form.get("csrf"), session.csrf):
            return self._session_ended(request)
        old, new, again = (form.get(name, "") for name in ("old", "new", "again"))
        client = self._client(request, session.office)
        problem = "differ"
        if new == again:
            async with self._password_checks:
                problem = await run_in_threadpool(
                    office_login.change_password, session, old, new, client, self._clock.now(), self._context
                )
            self._sent()
        if problem:
            return page(self._pages.change(office, session.csrf, problem), 429 if problem == "wait" else 422)
        return page(self._pages.message(office.language, "changed"))

    async def style(self, request: Request) -> Response:
        del request
        return Response(self._pages.style(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    async def _session(self, request: Request) -> Session | None:
        cookie = request.cookies.get(self._cookie, "")
        return await run_in_threadpool(self._find_session, cookie) if cookie else None

    def _find_session(self, session_id: str) -> Session | None:
        with self._context.store.transaction():
            return logins.find(session_id, self._clock.now())

    async def _office(self, session: Session | None) -> Office | None:
        """The office that is logged in; None when it has left the register meanwhile."""
        return await run_in_threadpool(self._find_office, session.office) if session else None

    def _find_office(self, code: str) -> Office | None:
        with self._context.store.reading():
            return offices.office(code)

    def _end_session(self, session_id: str) -> None:
        with self._context.store.transaction():
            logins.end(session_id)

    def _session_ended(self, request: Request) -> Response:
        return page(self._pages.login(_language(request), problem="ended"), 403)

    def _issued(self, found: ShownPassword | Issued | None, session: Session) -> Response:
        if found is None:
            return page(self._pages.message(Language.JA, "not_found"), 404)
        one = found.issued if isinstance(found, ShownPassword) else found
        shown = (found.user_id, found.password) if isinstance(found, ShownPassword) else None
        files = downloads.available(one.case, tokyo_date(self._clock.now()))
        html = self._pages.application(
            one.office, one.case, session.csrf, ids=one.ids, over=one.over, shown=shown, files=files
        )
        return page(html)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name; none when the body is too large or is not a form."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            return {}
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:  # not ASCII, or too many fields
        return {}
    return {name: value for name, value in reversed(pairs)}


def _language(request: Request) -> Language:
    """English when Accept-Language prefers it and does not contain Japanese."""
    wanted = request.headers.get("accept-language", "ja").lower()
    return Language.EN if wanted.startswith("en") and "ja" not in wanted else Language.JA
