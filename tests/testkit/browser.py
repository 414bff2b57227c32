"""A browser on the desk's web pages, in the process of the test."""

import re

import httpx

from mailbot.runners.web.site import Site
from tests.testkit.desk import DeskUnderTest

SAMPLE = {"code": "NAC001", "password": "sample-NAC001"}


class Browser:
    """Somebody with a browser on the desk's pages; `peer` is where from."""

    def __init__(self, desk: DeskUnderTest, *, https: bool = False, peer: str = "203.0.113.5") -> None:
        site = Site(desk.context, desk.clock, https=https, sent=desk.deliver)
        transport = httpx.ASGITransport(app=site.asgi(), client=(peer, 40000))
        scheme = "https" if https else "http"
        self.client = httpx.AsyncClient(transport=transport, base_url=f"{scheme}://desk.test")

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def post(self, path: str, data: dict[str, str], **headers: str) -> httpx.Response:
        return await self.client.post(path, data=data, headers=headers, follow_redirects=False)

    async def logs_in(self, **changes: str) -> httpx.Response:
        return await self.post("/login", {**SAMPLE, **changes})

    async def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.get("/applications")).text)
        assert found is not None
        return found[1]

    async def looks(self, number: str, user_id: str, **changes: str) -> httpx.Response:
        data = {"csrf": await self.csrf(), "user_id": user_id, **changes}
        return await self.post(f"/applications/{number}", data)
