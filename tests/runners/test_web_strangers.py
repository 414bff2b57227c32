"""Requests of clients that are nobody: they take nothing that the handling of mail needs, and there are not many."""

import fcntl
from pathlib import Path

import httpx
import pytest

from tests.runners.test_web_limits import Start
from tests.testkit.browser import SAMPLE
from tests.testkit.running_desk import Running

ROLES = ("web",)
RECEIPT = "2600001C"
INVENTED = ("a" * 32, "a" * 64, "x", "", "é", "a" * 4_000)
ASKED = [
    ("GET", "/"),
    ("GET", "/applications"),
    ("GET", f"/applications/{RECEIPT}"),
    ("GET", f"/applications/{RECEIPT}/withdrawal"),
    ("GET", f"/applications/{RECEIPT}/form.pdf"),
    ("GET", f"/applications/{RECEIPT}/calendar.ics"),
    ("GET", "/password"),
    ("GET", f"/link/{'a' * 26}"),
    ("POST", f"/link/{'a' * 26}"),
    ("POST", "/link"),
    ("POST", "/logout"),
    ("POST", "/password"),
    ("POST", f"/applications/{RECEIPT}"),
    ("POST", f"/applications/{RECEIPT}/withdrawal"),
]
FIELDS = {"code": "XXX999", "csrf": "a" * 32, "user_id": "1", "revision": "1", "old": "a", "new": "b", "again": "b"}


def headers(cookie: str) -> list[tuple[str, bytes]]:
    return [("Cookie", f"mailbot={cookie}".encode())]


async def asks_beside_a_writer(client: httpx.AsyncClient, running: Running, cookie: str) -> None:
    """Each page, while another process holds the writer lock of the store."""
    with Path(f"{running.context.store.path}.lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        for method, path in ASKED:
            data = FIELDS if method == "POST" else None
            answer = await client.request(method, path, data=data, headers=headers(cookie))
            assert answer.status_code < 500, (method, path)


@pytest.mark.parametrize("cookie", INVENTED)
async def test_invented_cookies_wait_for_no_writer(start: Start, monkeypatch: pytest.MonkeyPatch, cookie: str) -> None:
    """T-10: fifteen clients kept the worker from the store.  Here another process holds its lock."""
    running = await start(roles=ROLES)
    monkeypatch.setattr(running.context.store, "lock_timeout_seconds", 0.02)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.service.pages.port}") as client:
        await asks_beside_a_writer(client, running, cookie)


async def test_the_cookie_of_a_session_that_has_ended_waits_for_no_writer(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-10."""
    running = await start(roles=ROLES)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.service.pages.port}") as client:
        cookie = (await client.post("/login", data=SAMPLE)).cookies["mailbot"]
        with running.context.store.transaction():
            running.context.store._connection.execute_sql("DELETE FROM session")
        client.cookies.clear()
        monkeypatch.setattr(running.context.store, "lock_timeout_seconds", 0.02)
        await asks_beside_a_writer(client, running, cookie)


async def test_who_invents_cookies_is_soon_refused_and_nobody_else(start: Start) -> None:
    """T-10, T-56: a page is not written for each of them; a session from the same address goes on."""
    running = await start(roles=ROLES)
    url = f"http://127.0.0.1:{running.service.pages.port}"
    async with httpx.AsyncClient(base_url=url) as client:
        await client.post("/login", data=SAMPLE)
        async with httpx.AsyncClient(base_url=url) as stranger:
            found = [await stranger.get("/applications", headers=headers(f"{n:064}")) for n in range(40)]
        assert {one.status_code for one in found[:20]} == {403}
        assert [(one.status_code, one.headers["retry-after"], one.text) for one in found[-5:]] == [(429, "60", "")] * 5
        assert "frame-ancestors" in found[-1].headers["content-security-policy"]
        assert (await client.get("/applications")).status_code == 200
        assert (await client.get("/", headers=headers(""))).status_code in (200, 303)
