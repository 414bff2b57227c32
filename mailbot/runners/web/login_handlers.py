"""The request handlers of log-in, log-out, the link for a paused log-in, and the change of the 事業所パスワード."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailbot.desk.website import login as office_login
from mailbot.desk.website import login_link
from mailbot.desk.website.login import LoggedIn
from mailbot.runners.web.requests import form_of, language_of, page_of, receipt_in
from mailbot.runners.web.responses import equal_secrets, page, redirect
from mailbot.runners.web.sessions import Sessions


class LoginHandlers:
    """`password_checks` bounds how many passwords are compared at the same time: argon2id takes 64 MiB for each."""

    def __init__(self, sessions: Sessions, password_checks: asyncio.Semaphore) -> None:
        self._sessions = sessions
        self._context = sessions.context
        self._pages = sessions.context.pages
        self._password_checks = password_checks

    async def home(self, request: Request) -> Response:
        """The log-in page; with a session, a redirect to where it would lead."""
        to = receipt_in(request.query_params.get("to", ""))
        if await self._sessions.session(request) is not None:
            return redirect(page_of(to))
        return page(self._pages.login(language_of(request), to=to))

    async def log_in(self, request: Request) -> Response:
        """A session and the page that was asked for, or why not."""
        form = await form_of(request)
        code, password, to = form.get("code", ""), form.get("password", ""), receipt_in(form.get("to", ""))
        client, now, language = self._sessions.client(request, code), self._sessions.clock.now(), language_of(request)
        async with self._password_checks:
            result = await run_in_threadpool(office_login.log_in, code, password, client, now, self._context)
        self._sessions.sent()
        if isinstance(result, LoggedIn):
            response = redirect(page_of(to))
            self._sessions.set_session(response, result.session_id)
            self._sessions.set_known(response, result.session.office, result.browser_cookie)
            return response
        wait, code = result.wait_seconds, code[:20]
        if wait:
            html = self._pages.login(language, problem="wait", code=code, wait_seconds=wait, to=to)
            return page(html, 429, {"Retry-After": str(wait)})
        if result.paused:
            return page(self._pages.login(language, problem="paused", code=code, to=to), 403)
        return page(self._pages.login(language, problem="wrong", code=code, to=to), 401)

    async def send_link(self, request: Request) -> Response:
        """The same page whether there is such an office or not."""
        form = await form_of(request)
        code, to = form.get("code", ""), receipt_in(form.get("to", ""))
        client, now = self._sessions.client(request, code), self._sessions.clock.now()
        await run_in_threadpool(login_link.send_link, code, client, now, self._context, to)
        self._sessions.sent()
        return page(self._pages.message(language_of(request), "link_sent"))

    async def link(self, request: Request) -> Response:
        """The page of a link, also of one that does not work: only the POST finds out, and uses it."""
        token, to = request.path_params["token"], receipt_in(request.query_params.get("to", ""))
        return page(self._pages.link(language_of(request), token if token.isalnum() else "", to))

    async def open_link(self, request: Request) -> Response:
        """The log-in page for a browser that is a known one now."""
        to = receipt_in((await form_of(request)).get("to", ""))
        client, now = self._sessions.client(request, ""), self._sessions.clock.now()
        found = await run_in_threadpool(login_link.open_link, request.path_params["token"], client, now, self._context)
        if found is None:
            return page(self._pages.message(language_of(request), "link_over"), 404)
        response = redirect(f"/?to={to}" if to else "/")
        self._sessions.set_known(response, *found)
        return response

    async def log_out(self, request: Request) -> Response:
        session = await self._sessions.session(request)
        form = await form_of(request)
        if session is not None and equal_secrets(form.get("csrf"), session.csrf):
            await self._sessions.end(request)
        response = redirect("/")
        self._sessions.delete_session(response)
        return response

    async def password_form(self, request: Request) -> Response:
        session = await self._sessions.session(request)
        office = await self._sessions.office(session)
        if session is None or office is None:
            return self._sessions.log_in_first(request)
        return page(self._pages.change(office, session.csrf))

    async def change_password(self, request: Request) -> Response:
        session = await self._sessions.session(request)
        form = await form_of(request)
        office = await self._sessions.office(session)
        if session is None or office is None or not equal_secrets(form.get("csrf"), session.csrf):
            return self._sessions.log_in_first(request)
        old, new, again = (form.get(name, "") for name in ("old", "new", "again"))
        client, now = self._sessions.client(request, session.office), self._sessions.clock.now()
        problem = "differ"
        if new == again:
            async with self._password_checks:
                problem = await run_in_threadpool(
                    office_login.change_password, session, old, new, client, now, self._context
                )
            self._sessions.sent()
        if problem:
            return page(self._pages.change(office, session.csrf, problem), 429 if problem == "wait" else 422)
        return page(self._pages.message(office.language, "changed"))
