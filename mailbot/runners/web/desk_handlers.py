"""The desk's own pages: log-in and log-out, and one way for every page of `desk/pages/table.py`.

Session, role, origin and CSRF token are checked here, before a handler of the table is called.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailbot.desk.pages import log_in as desk_log_in
from mailbot.desk.pages.asked import Answer, Asked, DeskPage, Download, NotFound, Page, SeeOther
from mailbot.desk.pages.frame import menu_of, written
from mailbot.desk.pages.log_in import DeskLoggedIn
from mailbot.desk.pages.log_ins import end_session
from mailbot.desk.pages.table import PAGES, PREFIX
from mailbot.desk.website.attempts import Client
from mailbot.model.desk_login import DeskLogin, DeskSession
from mailbot.records.secrets import desk_logins
from mailbot.runners.web.requests import Pairs, fields_of, language_of
from mailbot.runners.web.responses import STRANGERS, WITH_FRAME, attachment, equal_secrets, page, redirect
from mailbot.runners.web.sessions import Sessions
from mailbot.runners.web.uploads import FormTooLarge, form_with_file

Handler = Callable[[Request], Awaitable[Response]]
Found = tuple[DeskSession, DeskLogin]

MAX_FORM_BYTES = 65_536
HOME = f"{PREFIX}/account"
_LONGEST_PATH = 500  # characters of where a log-in leads


class DeskHandlers:
    """`password_checks`: how many passwords are compared at the same time, together with those of offices."""

    def __init__(self, sessions: Sessions, password_checks: asyncio.Semaphore) -> None:
        self._sessions = sessions
        self._context = sessions.context
        self._password_checks = password_checks

    def routes(self) -> list[tuple[str, Handler, str]]:
        """(path, handler, method) of every page."""
        own: list[tuple[str, Handler, str]] = [
            (PREFIX, self.home, "GET"),
            (f"{PREFIX}/login", self.log_in_page, "GET"),
            (f"{PREFIX}/login", self.log_in, "POST"),
            (f"{PREFIX}/logout", self.log_out, "POST"),
            (f"{PREFIX}/style.css", self.style, "GET"),
        ]
        return own + [(f"{PREFIX}{one.path}", self._handler(one), one.method) for one in PAGES]

    # ── log-in ───────────────────────────────────────────────────────────────────────────────────────────────────────
    async def home(self, request: Request) -> Response:
        """To the first page that the log-in may ask for."""
        found = await self._find(request)
        if found is None:
            return self._log_in_first(request)
        menu = await run_in_threadpool(menu_of, found[1], self._sessions.clock.now(), self._context)
        return redirect(menu[0].path if menu else HOME)

    async def log_in_page(self, request: Request) -> Response:
        changed = "changed" if request.query_params.get("changed") == "1" else ""
        return self.says_log_in(request, problem=changed)

    async def log_in(self, request: Request) -> Response:
        """A session and the page that was asked for, or why not."""
        form = dict(reversed(await fields_of(request)))
        email, password, code = form.get("email", ""), form.get("password", ""), form.get("code", "")
        to, now = _path_in(form.get("to", "")), self._sessions.clock.now()
        client = self._client(request)
        async with self._password_checks:
            result = await run_in_threadpool(desk_log_in.log_in, email, password, code, client, now, self._context)
        self._sessions.sent()
        if isinstance(result, DeskLoggedIn):
            response = redirect(to or PREFIX)
            self._sessions.set_cookie(response, self._sessions.desk_cookie, result.session_id)
            self._sessions.set_long_cookie(response, self._known_cookie, result.browser_cookie)
            return response
        if result.wait_seconds:
            wait = result.wait_seconds
            headers = {"Retry-After": str(wait)}
            return self.says_log_in(request, 429, headers, problem="wait", wait_seconds=wait, email=email[:254], to=to)
        return self.says_log_in(request, 401, problem="wrong", email=email[:254], to=to)

    async def log_out(self, request: Request) -> Response:
        found = await self._find(request)
        form = dict(await fields_of(request))
        if found is not None and equal_secrets(form.get("csrf"), found[0].csrf):
            number, email, now = found[0].number, found[1].email, self._sessions.clock.now()
            await run_in_threadpool(end_session, number, email, now, self._context)
        response = redirect(f"{PREFIX}/login")
        self._sessions.delete_cookie(response, self._sessions.desk_cookie)
        return response

    def _log_in_first(self, request: Request) -> Response:
        """The log-in page in the place of another one, to which it leads; it says so where a session has ended."""
        to = ""
        if request.method == "GET":
            query = request.url.query
            to = _path_in(f"{request.url.path}?{query}" if query else request.url.path)
        problem = "ended" if request.cookies.get(self._sessions.desk_cookie) else ""
        return self.says_log_in(request, 403, problem=problem, to=to)

    def says_log_in(
        self, request: Request, status: int = 200, headers: dict[str, str] | None = None, **values: object
    ) -> Response:
        shown = Page("login", {"problem": "", "email": "", "wait_seconds": 0, "to": "", **values}, status)
        html = written(shown, language_of(request), self._sessions.clock.now(), self._context)
        return page(html, status, headers)

    def message(self, request: Request, kind: str, status: int, headers: dict[str, str] | None = None) -> Response:
        """One sentence, without anything of whoever is logged in."""
        shown = Page("message", {"kind": kind}, status)
        return page(written(shown, language_of(request), self._sessions.clock.now(), self._context), status, headers)

    # ── every other page ─────────────────────────────────────────────────────────────────────────────────────────────
    def _handler(self, of: DeskPage) -> Handler:
        async def handle(request: Request) -> Response:
            found = await self._find(request)
            if found is None:
                return self._log_in_first(request)
            session, login = found
            if not login.may(of.roles):
                return await self._answer(request, of, found, Page("message", {"kind": "not_allowed"}, 403))
            pairs: Pairs = []
            file = None
            try:
                if of.file_octets:
                    pairs, file = await form_with_file(request, of.file_octets)
                elif of.method == "POST":
                    pairs = await fields_of(request, MAX_FORM_BYTES, of.many)
            except FormTooLarge:
                return await self._answer(request, of, found, Page("message", {"kind": "too_large"}, 413))
            form = _by_name(pairs)
            if of.method == "POST" and not equal_secrets(next(iter(form.get("csrf", ())), ""), session.csrf):
                return await self._answer(request, of, found, Page("message", {"kind": "not_sent"}, 403))
            asked = Asked(
                login=login,
                now=self._sessions.clock.now(),
                language=language_of(request),
                path=request.path_params,
                query=dict(request.query_params),
                form=form,
                session_number=session.number,
                client=self._client(request),
                file=file,
            )
            async with self._password_checks if of.is_costly else nullcontext():
                answer = await run_in_threadpool(of.handler, asked, self._context)
            if of.method == "POST":
                self._sessions.sent()
            return await self._answer(request, of, found, answer)

        return handle

    async def _answer(self, request: Request, of: DeskPage, found: Found, answer: Answer) -> Response:
        match answer:
            case SeeOther(path):
                return redirect(path)
            case Download(file):
                return attachment(file)
            case NotFound():
                shown = Page("message", {"kind": "not_found"}, 404)
            case Page():
                shown = answer
        now, language = self._sessions.clock.now(), language_of(request)
        html = await run_in_threadpool(written, shown, language, now, self._context, found=found, here=of.menu)
        return page(html, shown.status, STRANGERS if shown.strangers else WITH_FRAME if shown.frames else None)

    # ── who asks ─────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _find(self, request: Request) -> Found | None:
        session_id = request.cookies.get(self._sessions.desk_cookie, "")
        if not session_id or self._sessions.is_invented(session_id):
            return None
        return await run_in_threadpool(self._find_session, session_id, self._sessions.clock.now())

    def _find_session(self, session_id: str, now: datetime) -> Found | None:
        store = self._context.store
        with store.reading():
            found = desk_logins.find_session(session_id, now)
        if found is not None and desk_logins.is_use_noted(found[0], now):
            with store.transaction():
                desk_logins.use(found[0], now)
        return found

    def _client(self, request: Request) -> Client:
        return Client(request.client.host if request.client else "", request.cookies.get(self._known_cookie, ""))

    @property
    def _known_cookie(self) -> str:
        return f"{self._sessions.cookie}-desk-known"

    async def style(self, request: Request) -> Response:
        del request
        sheet = self._context.desk_pages.style()
        return Response(sheet, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def is_of_desk(request: Request) -> bool:
    """Whether it is for one of the desk's own pages."""
    return request.url.path == PREFIX or request.url.path.startswith(f"{PREFIX}/")


def _by_name(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    form: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        form[name] = (*form.get(name, ()), value)
    return form


def _path_in(text: str) -> str:
    """The path of a page of the desk that `text` is, "" when it is anything else: nobody is led elsewhere."""
    is_ours = text.startswith(f"{PREFIX}/") and "\\" not in text and text.isascii() and text.isprintable()
    return text if is_ours and len(text) <= _LONGEST_PATH else ""
