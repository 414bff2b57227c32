"""The log-in under attack: who guesses locks out nobody else, and never takes all memory (T-56)."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from mailbot.desk.website import login as office_login
from mailbot.model.known_browser import browser_cookie, browser_id_in
from mailbot.records.schema.secret_tables import LoginTryRow
from tests.testkit.browser import SAMPLE, Browser
from tests.testkit.desk import DeskUnderTest, Person

LINK = re.compile(r"https?://\S+/link/([a-z2-7]+)")
NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
BROWSER_ID = "abcdefghijklmnop"


@pytest.fixture
async def browsers(desk: DeskUnderTest) -> AsyncIterator[Callable[..., Browser]]:
    """Makes browsers; they are closed at the end of the test."""
    opened: list[Browser] = []

    def browser(peer: str = "203.0.113.5") -> Browser:
        opened.append(Browser(desk, peer=peer))
        return opened[-1]

    yield browser
    for one in opened:
        await one.client.aclose()


async def guess(browser: Browser, desk: DeskUnderTest, number: int, **changes: str) -> None:
    """`number` wrong passwords, waiting as long as the desk asks for."""
    done = 0
    while done < number:
        answer = await browser.logs_in(password=f"guess {done}", **changes)
        if answer.status_code == 429:
            desk.passes(seconds=int(answer.headers["retry-after"]))
        else:
            done += 1


async def guess_from_everywhere(browsers: Callable[..., Browser], number: int = 50) -> None:
    for one in range(number):
        assert (await browsers(f"198.51.{one // 3}.7").logs_in(password="guess")).status_code == 401


async def test_who_guesses_locks_out_nobody_else(
    desk: DeskUnderTest, hanako: Person, browsers: Callable[..., Browser]
) -> None:
    """T-56: finding 8: ten wrong passwords from one address, and one notice."""
    guessers = [browsers("198.51.100.7"), browsers("198.51.100.8")]
    for _ in range(10):
        for guesser in guessers:
            await guess(guesser, desk, 1)
    assert (await guessers[0].logs_in()).status_code == 429
    assert (await browsers().logs_in()).status_code == 303
    hanako.gets("security")
    hanako.gets_nothing()


async def test_an_ipv6_network_is_one_client(desk: DeskUnderTest, browsers: Callable[..., Browser]) -> None:
    """T-56."""
    for number in range(4):
        await browsers(f"2001:db8:1:2::{number}").logs_in(password="guess")
    assert (await browsers("2001:db8:1:2:ffff::9").logs_in()).status_code == 429
    assert (await browsers("2001:db8:1:3::9").logs_in()).status_code == 303


async def test_guesses_from_everywhere_lock_out_no_known_browser(
    desk: DeskUnderTest, browsers: Callable[..., Browser]
) -> None:
    """T-56: a browser that has logged in before keeps its way in, from any address, and its own ten guesses."""
    known = browsers("203.0.113.5")
    await known.logs_in()
    await guess_from_everywhere(browsers)
    assert (await browsers("203.0.113.77").logs_in()).status_code == 429
    assert (await known.logs_in()).status_code == 303
    moved = browsers("203.0.113.99")
    moved.client.cookies.update(known.client.cookies)
    assert (await moved.logs_in()).status_code == 303
    await guess(moved, desk, 10)
    assert (await known.logs_in()).status_code == 429


async def test_a_known_browser_of_one_office_is_none_of_another(
    desk: DeskUnderTest, browsers: Callable[..., Browser]
) -> None:
    known = browsers()
    await known.logs_in()
    value = known.client.cookies["mailbot-nac001"]
    known.client.cookies.set("mailbot-sky001", value, domain="desk.test")
    for number in range(50):
        await browsers(f"198.51.{number}.7").logs_in(code="SKY001", password="guess")
    assert (await known.logs_in(code="SKY001", password="sample-SKY001")).status_code == 429


async def test_the_link_to_the_administrator_is_a_way_in(
    desk: DeskUnderTest, hanako: Person, browsers: Callable[..., Browser]
) -> None:
    """T-56, T-51: it works once, replaces no password, and a GET of it changes nothing."""
    await guess_from_everywhere(browsers)
    hanako.gets("security")
    locked_out = browsers("203.0.113.77")
    page = await locked_out.logs_in()
    assert page.status_code == 429 and 'action="/link"' in page.text
    assert (await locked_out.post("/link", {"code": "NAC001"})).status_code == 200
    sent = hanako.gets("security")
    found = LINK.search(sent.text)
    assert found is not None
    await locked_out.post("/link", {"code": "NAC001"})
    hanako.gets_nothing()  # one at a time
    path = f"/link/{found[1]}"
    for _ in range(3):
        assert (await browsers("192.0.2.1").get(path)).status_code == 200  # a scanner
    opened = await locked_out.post(path, {})
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    assert (await locked_out.get("/applications")).status_code == 403
    assert (await locked_out.logs_in(password="wrong")).status_code == 401
    assert (await locked_out.logs_in()).status_code == 303
    other = browsers("203.0.113.78")
    assert (await other.post(path, {})).status_code == 404
    assert (await other.logs_in()).status_code == 429


async def test_a_link_that_is_old_or_none(
    desk: DeskUnderTest, hanako: Person, browsers: Callable[..., Browser]
) -> None:
    browser = browsers()
    for path in ("/link/abcdefghijklmnop", "/link/%2e%2e", "/link/<script>"):
        assert (await browser.get(path)).status_code == 200
        assert (await browser.post(path, {})).status_code == 404
    await guess_from_everywhere(browsers)
    hanako.gets("security")
    await browser.post("/link", {"code": "NAC001"})
    found = LINK.search(hanako.gets("security").text)
    assert found is not None
    desk.passes(minutes=31)
    assert (await browser.post(f"/link/{found[1]}", {})).status_code == 404


async def test_no_link_is_sent_while_nobody_has_to_wait(hanako: Person, browsers: Callable[..., Browser]) -> None:
    """T-66: nor for an office that does not exist; the page says the same."""
    known, unknown = browsers(), browsers()
    pages = [
        (await known.post("/link", {"code": "NAC001"})).text,
        (await unknown.post("/link", {"code": "XXX999"})).text,
    ]
    assert pages[0] == pages[1]
    hanako.gets_nothing()


async def test_tries_that_no_longer_count_are_deleted(desk: DeskUnderTest, browsers: Callable[..., Browser]) -> None:
    """T-56: tries for unknown codes must not fill the store."""
    for number in range(20):
        await browsers(f"198.51.100.{number}").logs_in(code=f"ABC{number:03d}")
    desk.passes(minutes=16)
    await browsers().logs_in()
    with desk.context.store.reading():
        assert [(row.office, row.succeeded) for row in LoginTryRow.select()] == [("NAC001", True)]


async def test_passwords_are_verified_a_few_at_a_time(
    browsers: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-56: argon2id takes 64 MiB for each: ninety at once took 2.6 GB."""
    running, most, lock = 0, 0, threading.Lock()
    pairs = threading.Barrier(2, timeout=60)  # each waits for a second one, so that two are seen on any machine
    verify = office_login._is_right

    def counted(*arguments: Any) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            pairs.wait()
            return verify(*arguments)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(office_login, "_is_right", counted)
    browser = browsers()
    answers = await asyncio.gather(*(browser.logs_in(code=f"ABC{n:03d}") for n in range(20)))
    assert {answer.status_code for answer in answers} == {401}
    assert most == 2


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (browser_cookie(KEY, "NAC001", BROWSER_ID, NOW + timedelta(days=1)), BROWSER_ID),
        (browser_cookie(OTHER_KEY, "NAC001", BROWSER_ID, NOW + timedelta(days=1)), BROWSER_ID),  # an older key
        (browser_cookie(b"x" * 32, "NAC001", BROWSER_ID, NOW + timedelta(days=1)), ""),
        (browser_cookie(KEY, "SKY001", BROWSER_ID, NOW + timedelta(days=1)), ""),
        (browser_cookie(KEY, "NAC001", BROWSER_ID, NOW), ""),
        (browser_cookie(KEY, "NAC001", BROWSER_ID, NOW - timedelta(days=1)).replace(".1", ".9", 1), ""),
        ("", ""),
        ("a.b.c", ""),
        ("é" * 80, ""),
    ],
)
def test_cookies_of_known_browsers(cookie: str, expected: str) -> None:
    assert browser_id_in(cookie, "NAC001", NOW, KEY, OTHER_KEY) == expected


async def test_over_https_the_cookie_of_a_known_browser_goes_no_other_way(desk: DeskUnderTest) -> None:
    secure = Browser(desk, https=True)
    cookies = (await secure.logs_in()).headers.get_list("set-cookie")
    assert [one.split("=")[0] for one in cookies] == ["__Host-mailbot", "__Host-mailbot-nac001"]
    # A link in a web mail leads to the page with the session (Lax), which a GET does not change.
    for one, same_site in zip(cookies, ("lax", "strict"), strict=True):
        assert {"HttpOnly", "Secure", f"SameSite={same_site}", "Path=/"} <= {part.strip() for part in one.split(";")}
    await secure.client.aclose()


async def test_many_log_ins_at_once_over_a_real_socket(start: Callable[..., Any]) -> None:
    """T-56: all are answered; SAMPLE's right password too."""
    running = await start(roles=("smtp", "worker", "sender", "web"))
    pages = running.service.pages
    async with httpx.AsyncClient(base_url=f"http://{pages.host}:{pages.port}", timeout=60) as client:
        wrong = [client.post("/login", data={"code": f"ABC{n:03d}", "password": "x"}) for n in range(25)]
        answers = await asyncio.gather(*wrong, client.post("/login", data=SAMPLE))
        assert [answer.status_code for answer in answers] == [401] * 25 + [303]
