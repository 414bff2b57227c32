"""Who makes a request: the session and the known browser, by their cookies."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailbot.clock import Clock
from mailbot.desk.context import DeskContext
from mailbot.desk.website.attempts import Client
from mailbot.desk.website.login import office_code_of
from mailbot.model.contract import Office
from mailbot.model.people import Language
from mailbot.model.session_id import is_genuine
from mailbot.records.register import offices
from mailbot.records.secrets import logins
from mailbot.records.secrets.logins import Session
from mailbot.runners.web.requests import language_of, receipt_in
from mailbot.runners.web.responses import page


@dataclass(frozen=True)
class Sessions:
    """What every handler needs.  `https`: whether people reach the pages over HTTPS; the cookies are then `Secure`.

    `sent` is called when there may be a notice to write.
    """

    context: DeskContext
    clock: Clock
    https: bool
    sent: Callable[[], None]

    @property
    def cookie(self) -> str:
        """The name of the session cookie."""
        return "__Host-mailbot" if self.https else "mailbot"

    @property
    def desk_cookie(self) -> str:
        """… of the desk's own people: no session is of both."""
        return f"{self.cookie}-desk"

    async def session(self, request: Request) -> Session | None:
        """The session of the request; its idle time begins again."""
        cookie = request.cookies.get(self.cookie, "")
        if not cookie or self.is_invented(cookie):
            return None
        return await run_in_threadpool(self._find_session, cookie)

    def has_invented_cookie(self, request: Request) -> bool:
        """Whether a session cookie was never made by this desk; this asks no store."""
        cookies = (request.cookies.get(name, "") for name in (self.cookie, self.desk_cookie))
        return any(cookie and self.is_invented(cookie) for cookie in cookies)

    def is_invented(self, session_id: str) -> bool:
        """Whether the desk has never made this id of a session."""
        return not is_genuine(session_id, *self.context.token_keys)

    def _find_session(self, session_id: str) -> Session | None:
        now, store = self.clock.now(), self.context.store
        with store.reading():
            found = logins.find(session_id, now)
        if found is None:
            return None
        session, is_noted = found
        if is_noted:
            with store.transaction():
                logins.use(session_id, now)
        return session

    async def office(self, session: Session | None) -> Office | None:
        """The office that is logged in; None when it has left the register meanwhile."""
        return await run_in_threadpool(self._find_office, session.office) if session else None

    def _find_office(self, code: str) -> Office | None:
        with self.context.store.reading():
            return offices.office(code)

    async def end(self, request: Request) -> None:
        """End the session of the request."""
        await run_in_threadpool(self._end, request.cookies[self.cookie])

    def _end(self, session_id: str) -> None:
        with self.context.store.transaction():
            logins.end(session_id)

    def set_session(self, response: Response, session_id: str) -> None:
        self.set_cookie(response, self.cookie, session_id)

    def set_cookie(self, response: Response, name: str, session_id: str) -> None:
        """SameSite=Lax: a link in a web mail leads to the page with the session; every change is a POST of ours."""
        response.set_cookie(name, session_id, path="/", secure=self.https, httponly=True, samesite="lax")

    def delete_session(self, response: Response) -> None:
        self.delete_cookie(response, self.cookie)

    def delete_cookie(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self.https, httponly=True, samesite="lax")

    def client(self, request: Request, code: str) -> Client:
        """Whoever makes the request, with the cookie that it has for the office with that code."""
        name = self._known_cookie(office_code_of(code))
        return Client(request.client.host if request.client else "", request.cookies.get(name, ""))

    def set_known(self, response: Response, office_code: str, value: str) -> None:
        """Make the browser a known one of the office."""
        self.set_long_cookie(response, self._known_cookie(office_code), value)

    def set_long_cookie(self, response: Response, name: str, value: str) -> None:
        """A cookie by which a browser is known again; it authorises nothing."""
        seconds = self.context.settings.known_browser_days * 24 * 3600
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self.https, httponly=True, samesite="strict")

    def _known_cookie(self, office_code: str) -> str:
        return f"{self.cookie}-{office_code.lower()}"

    def log_in_first(self, request: Request) -> Response:
        """The log-in page in the place of another one, to which it leads; it says so where a session has ended."""
        was_logged_in = bool(request.cookies.get(self.cookie))
        to = receipt_in(request.path_params.get("number", ""))
        html = self.context.pages.login(language_of(request), problem="ended" if was_logged_in else "", to=to)
        return page(html, 403)

    def not_found(self, office: Office | None, session: Session | None) -> Response:
        """The same for what is another office's and for what does not exist."""
        if office is None or session is None:
            return page(self.context.pages.message(Language.JA, "not_found"), 404)
        return page(self.context.pages.message(office.language, "not_found", office, session.csrf), 404)
