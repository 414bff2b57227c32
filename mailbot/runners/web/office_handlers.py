"""The request handlers of a logged-in office: overview, application, one password, 取下げ, papers."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailbot.desk.website import application as office_application
from mailbot.desk.website import overview as office_overview
from mailbot.desk.website.application import NotPrintable
from mailbot.runners.web.requests import form_of
from mailbot.runners.web.responses import attachment, equal_secrets, page
from mailbot.runners.web.sessions import Sessions


class OfficeHandlers:
    """Each handler but `withdrawal_form` and the papers answers with a whole page of the office."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._context = sessions.context
        self._pages = sessions.context.pages
        self._printing = asyncio.Semaphore(1)  # a PDF takes about a second of CPU time

    async def overview(self, request: Request) -> Response:
        session = await self._sessions.session(request)
        before, now = request.query_params.get("before", ""), self._sessions.clock.now()
        found = None
        if session is not None:
            found = await run_in_threadpool(office_overview.overview, session, now, self._context, before=before)
        if session is None or found is None:
            return self._sessions.log_in_first(request)
        return page(self._pages.overview(found, session.csrf))

    async def application(self, request: Request) -> Response:
        return await self._application(request, withdrawing=False)

    async def withdrawal_form(self, request: Request) -> Response:
        """What a 取下げ does, and the button for it."""
        return await self._application(request, withdrawing=True)

    async def _application(self, request: Request, *, withdrawing: bool) -> Response:
        session = await self._sessions.session(request)
        if session is None:
            return self._sessions.log_in_first(request)
        number, now = request.path_params["number"], self._sessions.clock.now()
        found = await run_in_threadpool(office_application.application_page, session, number, now, self._context)
        if found is None:
            return self._sessions.not_found(await self._sessions.office(session), session)
        if withdrawing and found.may_withdraw:
            return page(self._pages.withdrawal(found, session.csrf))
        return page(self._pages.application(found, session.csrf))

    async def show_password(self, request: Request) -> Response:
        """One password, in this response only: going back or reloading is a new request, which is recorded as well."""
        session = await self._sessions.session(request)
        form = await form_of(request)
        if session is None or not equal_secrets(form.get("csrf"), session.csrf):
            return self._sessions.log_in_first(request)
        number, user_id, now = request.path_params["number"], form.get("user_id", ""), self._sessions.clock.now()
        found = await run_in_threadpool(office_application.show_password, session, number, user_id, now, self._context)
        self._sessions.sent()
        if found is None:
            return self._sessions.not_found(await self._sessions.office(session), session)
        return page(self._pages.application(found[0], session.csrf, shown=found[1]))

    async def withdraw(self, request: Request) -> Response:
        """取下げ of the revision that was shown, once."""
        session = await self._sessions.session(request)
        form = await form_of(request)
        if session is None or not equal_secrets(form.get("csrf"), session.csrf):
            return self._sessions.log_in_first(request)
        number, now, shown = request.path_params["number"], self._sessions.clock.now(), form.get("revision", "")
        revision = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 9 else -1
        found = await run_in_threadpool(
            office_application.withdraw_application, session, number, revision, now, self._context
        )
        self._sessions.sent()
        if found is None:
            return self._sessions.not_found(await self._sessions.office(session), session)
        one, done = found
        html = self._pages.application(one, session.csrf, flash="withdrawn" if done else "not_withdrawn")
        return page(html, 200 if done else 409)

    async def paper(self, request: Request) -> Response:
        """申込書 or 承認通知 as PDF."""
        session = await self._sessions.session(request)
        if session is None:
            return self._sessions.log_in_first(request)
        number, now = request.path_params["number"], self._sessions.clock.now()
        kind = request.path_params["kind"].replace("-", "_")
        async with self._printing:
            found = await run_in_threadpool(office_application.paper, session, number, kind, now, self._context)
        if isinstance(found, NotPrintable):
            self._sessions.sent()
            return page(self._pages.message(found.office.language, "no_paper", found.office, session.csrf), 503)
        if found is None:
            return self._sessions.not_found(await self._sessions.office(session), session)
        return attachment(found)

    async def calendar(self, request: Request) -> Response:
        """The days of the application as a calendar file."""
        session = await self._sessions.session(request)
        if session is None:
            return self._sessions.log_in_first(request)
        found = await run_in_threadpool(
            office_application.calendar, session, request.path_params["number"], self._context
        )
        if found is None:
            return self._sessions.not_found(await self._sessions.office(session), session)
        return attachment(found)
