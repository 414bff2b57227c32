"""One of the desk's own people with a browser, in the process of the test; and log-ins for them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape

import httpx

from mailbot.desk.pages import log_ins
from mailbot.model.desk_login import DeskRole
from mailbot.model.totp import code_at
from mailbot.records.secrets import desk_logins
from mailbot.runners.web.site import Site
from tests.testkit.desk import DeskUnderTest

ICHIRO, RYOKO, OPS, READER = "ichiro@desk.example", "ryoko@desk.example", "ops@desk.example", "reader@desk.example"
NAMES = {OPS: "運用 三郎", READER: "閲覧 四郎"}
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class LogIn:
    """What somebody knows to log in."""

    desk: DeskUnderTest
    email: str
    password: str

    def code(self) -> str:
        """What the authenticator app shows now."""
        with self.desk.store.reading():
            found = desk_logins.find(self.email)
        return code_at(found.totp_key, self.desk.clock.now().timestamp()) if found is not None else "000000"


def new_log_in(desk: DeskUnderTest, email: str, *roles: DeskRole) -> LogIn:
    """A log-in that an operator has added; whoever was told has read it."""
    secrets = log_ins.add_login(email, NAMES.get(email, ""), roles, "root", desk.clock.now(), desk.context)
    desk.deliver()
    for person in desk.people.values():
        person.forgets()
    return LogIn(desk, email, secrets.password)


class DeskBrowser:
    """Somebody with a browser on the desk's own pages; `peer` is where from."""

    def __init__(self, log_in: LogIn, *, peer: str = "203.0.113.20", language: str = "ja") -> None:
        self.log_in = log_in
        desk = log_in.desk
        self.site = Site(desk.context, desk.clock, https=False, sent=desk.deliver)
        transport = httpx.ASGITransport(app=self.site.asgi(), client=(peer, 40000))
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://desk.test", headers={"Accept-Language": language}
        )

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def post(self, path: str, data: dict[str, str | list[str]], **headers: str) -> httpx.Response:
        return await self.client.post(path, data=data, headers=headers, follow_redirects=False)

    async def logs_in(self, **changes: str) -> httpx.Response:
        one = self.log_in
        form = {"email": one.email, "password": one.password, "code": one.code(), **changes}
        return await self.post("/desk/login", dict(form))

    async def csrf(self) -> str:
        found = _CSRF.search((await self.get("/desk/account")).text)
        assert found is not None
        return found[1]

    async def sends(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """A form of a page, with its token."""
        return await self.post(path, {"csrf": await self.csrf(), **fields})


def words(response: httpx.Response) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


@asynccontextmanager
async def logged_in(desk: DeskUnderTest, email: str, *roles: DeskRole, **more: str) -> AsyncIterator[DeskBrowser]:
    """A browser whose person has logged in, with a new log-in."""
    browser = DeskBrowser(new_log_in(desk, email, *roles), **more)
    try:
        assert (await browser.logs_in()).status_code == 303
        yield browser
    finally:
        await browser.client.aclose()
