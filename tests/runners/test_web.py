"""The web server: log-in, viewing one password of ID通知内容, and attacks (T-51 … T-57)."""

import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import httpx
import pytest

from mailbot.desk.operators.applications import revoke_passwords, take_approval_back
from mailbot.errors import Permanent
from mailbot.model.lifecycle import Event
from mailbot.records.register import offices
from mailbot.records.secrets import logins
from tests.testkit.browser import SAMPLE, Browser
from tests.testkit.contract_forms import BROKER
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import audited

PASSWORD = re.compile(r'class="password">([^<]+)<')


@pytest.fixture
async def browser(desk: DeskUnderTest) -> AsyncIterator[Browser]:
    one = Browser(desk)
    yield one
    await one.client.aclose()


@pytest.fixture
def approved(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> str:
    """The password reset of 1ANACA0A is approved, and all notices are read."""
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    for person in (taro, hanako, ichiro):
        person.forgets()
    return receipt


async def test_from_the_log_in_to_the_password(
    desk: DeskUnderTest, hanako: Person, browser: Browser, approved: str
) -> None:
    login = await browser.logs_in()
    assert (login.status_code, login.headers["location"]) == (303, "/applications")
    overview = await browser.get("/applications")
    assert approved in overview.text and "パスワード初期化" in overview.text and "審査終了" in overview.text
    page = await browser.get(f"/applications/{approved}")
    assert "1ANACA0A" in page.text and PASSWORD.search(page.text) is None
    shown = await browser.looks(approved, "1ANACA0A")
    secret = desk.context.vault.open(desk.application(approved).id, desk.clock.now().date())[0]
    found = PASSWORD.search(shown.text)
    assert found is not None and found[1] == secret.password
    told = hanako.gets("security")
    assert "1ANACA0A" in told.text and secret.password not in told.text
    step = desk.application(approved).steps[-1]
    assert (step.event, step.words) == (Event.LOOK, "1ANACA0A")
    assert audited()[-1][1] == "office NAC001"
    # Once per click: fetching the page again shows nothing, another click is another look.
    assert PASSWORD.search((await browser.get(f"/applications/{approved}")).text) is None
    await browser.looks(approved, "1ANACA0A")
    hanako.gets("security")


async def test_what_an_operator_has_undone(desk: DeskUnderTest, taro: Person, browser: Browser, approved: str) -> None:
    """The page shows the same as the mails: revoked passwords, and an approval that was taken back."""
    await browser.logs_in()
    page = f"/applications/{approved}"
    assert "取り消し" not in (await browser.get(page)).text
    revoke_passwords(desk.application(approved), "ops", desk.clock.now(), desk.context)
    shown = (await browser.get(page)).text
    assert "11月20日（金） 10:00に当デスクの運用担当者が取り消しました" in shown and "1ANACA0A" in shown
    assert PASSWORD.search((await browser.looks(approved, "1ANACA0A")).text) is None
    taro.sends(BROKER)
    ichiro = desk.person("", "ichiro@desk.example")
    ichiro.replies(next(got for got in ichiro.mails if got.kind == "review-request"), "承認")
    other = f"/applications/{taro.mails[-1].receipt}"
    assert "審査終了" in (await browser.get(other)).text
    application = desk.application(taro.mails[-1].receipt)
    take_approval_back(application, "<b>番号の確認</b>のため", "ops", desk.clock.now(), desk.context)
    again = (await browser.get(other)).text
    assert "承認を取り消し、あらためて審査しています" in again and "受付" in again
    assert "&lt;b&gt;番号の確認&lt;/b&gt;のため" in again


@pytest.mark.parametrize(("code", "password"), [("NAC001", "wrong"), ("XXX999", "sample-NAC001"), ("", ""), ("NAC002", "sample-NAC001")])  # fmt: skip
async def test_a_wrong_log_in_does_not_say_what_was_wrong(browser: Browser, code: str, password: str) -> None:
    answer = await browser.logs_in(code=code, password=password)
    assert answer.status_code == 401
    assert "事業所コードまたは事業所パスワードが正しくありません。" in answer.text
    assert "お忘れの場合は、管理責任者様から" in answer.text and "ご登録の電話番号で" in answer.text
    assert "set-cookie" not in answer.headers
    assert (await browser.get("/applications")).status_code == 403


async def test_codes_as_people_type_them(browser: Browser) -> None:
    assert (await browser.logs_in(code=" ｎａｃ００１ ")).status_code == 303


async def test_wrong_passwords_wait_longer_and_longer_and_the_administrator_is_told(
    desk: DeskUnderTest, hanako: Person, browser: Browser
) -> None:
    """T-56: at most ten tries in 15 minutes from one address; others are not locked out."""
    waits, failures = [], 0
    while failures < 10:
        answer = await browser.logs_in(password=f"guess {failures}")
        if answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            desk.passes(seconds=waits[-1])
            continue
        failures += 1
    assert waits == sorted(waits) and waits[0] == 2
    hanako.gets("security")
    other = Browser(desk, peer="198.51.100.7")
    assert (await browser.logs_in()).status_code == 429  # also with the right password
    assert (await other.logs_in()).status_code == 303
    desk.passes(minutes=15)
    assert (await browser.logs_in()).status_code == 303
    await other.client.aclose()


async def test_one_address_that_tries_many_offices(desk: DeskUnderTest, browser: Browser) -> None:
    for number in range(30):
        assert (await browser.logs_in(code=f"ABC{number:03d}")).status_code == 401
    assert (await browser.logs_in()).status_code == 429
    elsewhere = Browser(desk, peer="198.51.100.7")
    assert (await elsewhere.logs_in()).status_code == 303
    await elsewhere.client.aclose()


async def test_a_session_ends(desk: DeskUnderTest, browser: Browser) -> None:
    await browser.logs_in()
    desk.passes(minutes=14)
    assert (await browser.get("/applications")).status_code == 200
    desk.passes(minutes=15, seconds=1)
    ended = await browser.get("/applications")
    assert ended.status_code == 403 and "ログアウトしました" in ended.text
    await browser.logs_in()
    for _ in range(60):
        desk.passes(minutes=10)
        last = await browser.get("/applications")
    assert last.status_code == 403


async def test_log_out(browser: Browser) -> None:
    await browser.logs_in()
    csrf = await browser.csrf()
    stolen = dict(browser.client.cookies)
    await browser.post("/logout", {"csrf": csrf})
    browser.client.cookies.update(stolen)
    assert (await browser.get("/applications")).status_code == 403


async def test_the_session_is_new_with_each_log_in(browser: Browser) -> None:
    """T-57: a session cookie that was set before the log-in is not valid after it (session fixation)."""
    browser.client.cookies.set("mailbot", "fixed")
    await browser.logs_in()
    assert browser.client.cookies.get("mailbot", domain="desk.test") != "fixed"
    browser.client.cookies.clear()
    browser.client.cookies.set("mailbot", "fixed")
    assert (await browser.get("/applications")).status_code == 403


@pytest.mark.parametrize("changes", [{"csrf": ""}, {"csrf": "x" * 32}, {"csrf": "é"}])
async def test_without_the_pages_token_nothing_is_shown(
    desk: DeskUnderTest, hanako: Person, browser: Browser, approved: str, changes: dict[str, str]
) -> None:
    await browser.logs_in()
    answer = await browser.looks(approved, "1ANACA0A", **changes)
    assert answer.status_code == 403 and PASSWORD.search(answer.text) is None
    hanako.gets_nothing()


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Origin": "null"}, {"Sec-Fetch-Site": "same-site"}])  # fmt: skip
async def test_a_form_of_another_site_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    answer = await browser.post("/login", SAMPLE, **headers)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},  # what Chromium says under our Referrer-Policy
        {"Origin": "http://desk.test", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "http://desk.test"},
        {},
    ],
)
async def test_what_browsers_say_of_a_form_of_ours(browser: Browser, headers: dict[str, str]) -> None:
    assert (await browser.post("/login", SAMPLE, **headers)).status_code == 303


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_only_a_post_shows_a_password(
    desk: DeskUnderTest, hanako: Person, browser: Browser, approved: str, method: str
) -> None:
    """T-51: a link scanner that fetches every URL twice, even with the cookie."""
    await browser.logs_in()
    for path in ("/", "/login", "/logout", "/applications", f"/applications/{approved}", "/password"):
        for _ in range(2):
            answer = await browser.client.request(method, path, params={"user_id": "1ANACA0A"})
            assert PASSWORD.search(answer.text) is None
    hanako.gets_nothing()
    assert Event.LOOK not in [s.event for s in desk.application(approved).steps]
    assert (await browser.get("/applications")).status_code == 200  # and nobody was logged out


async def test_another_offices_application_looks_as_if_it_did_not_exist(
    browser: Browser, approved: str, desk: DeskUnderTest
) -> None:
    other = {"code": "NAC002", "password": "sample-NAC002"}
    assert (await browser.post("/login", other)).status_code == 303
    theirs, nobodys = [await browser.get(f"/applications/{n}") for n in (approved, "2699999C")]
    assert (theirs.status_code, theirs.text) == (404, nobodys.text)
    answer = await browser.looks(approved, "1ANACA0A")
    assert answer.status_code == 404 and PASSWORD.search(answer.text) is None


async def test_the_view_period_ends_for_good(desk: DeskUnderTest, browser: Browser, approved: str) -> None:
    """T-52, T-96: 2026-11-20 is a Friday and 11-23 a holiday, so the third business day is 11-25."""
    end = desk.application(approved).view_period
    assert end is not None and end.last.isoformat() == "2026-11-25"
    desk.passes(days=5)
    await browser.logs_in()
    assert PASSWORD.search((await browser.looks(approved, "1ANACA0A")).text)
    desk.passes(days=1)
    await browser.logs_in()
    page = await browser.get(f"/applications/{approved}")
    assert "参照期間を過ぎたため表示できません。改めてパスワード再発行の手続きをお願いします" in page.text
    assert PASSWORD.search((await browser.looks(approved, "1ANACA0A")).text) is None
    desk.run_due_tasks()
    desk.clock.advance(timedelta(days=-3))  # a clock set back reopens nothing
    assert PASSWORD.search((await browser.looks(approved, "1ANACA0A")).text) is None


async def test_before_the_approval_there_is_nothing(desk: DeskUnderTest, taro: Person, browser: Browser) -> None:
    taro.sends(BROKER)
    receipt = taro.gets("received").receipt
    await browser.logs_in()
    page = (await browser.get(f"/applications/{receipt}")).text
    assert "内容を審査しています。" in page and "ID通知内容" not in page
    assert PASSWORD.search((await browser.looks(receipt, "1ANACA0A")).text) is None


async def test_the_office_password_is_changed(desk: DeskUnderTest, hanako: Person, browser: Browser) -> None:
    await browser.logs_in()
    other = Browser(desk)
    await other.logs_in()
    new = "新しい秘密の言葉-2026"
    form = {"csrf": await browser.csrf(), "old": SAMPLE["password"], "new": new, "again": new}
    assert (await browser.post("/password", form)).status_code == 200
    hanako.gets("security")
    for one in (browser, other):
        assert (await one.get("/applications")).status_code == 403  # every session has ended
    assert (await browser.logs_in()).status_code == 401
    assert (await browser.logs_in(password=new)).status_code == 303
    office = offices.office("NAC001")
    assert office is not None and office.password_hash.startswith("$argon2id$")
    await other.client.aclose()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"old": "wrong"}, "現在のパスワードが正しくありません。お忘れの場合は"),
        ({"new": "short", "again": "short"}, "8文字以上"),
        ({"new": "x" * 65, "again": "x" * 65}, "8文字以上"),
        ({"again": "other-password"}, "異なります"),
        ({"new": "sample-NAC001", "again": "sample-NAC001"}, "同じです"),
        ({"new": "my-nac001-secret", "again": "my-nac001-secret"}, "事業所コードを含める"),
    ],
)
async def test_an_office_password_that_is_not_taken(
    desk: DeskUnderTest, hanako: Person, browser: Browser, changes: dict[str, str], words: str
) -> None:
    await browser.logs_in()
    form = {"csrf": await browser.csrf(), "old": SAMPLE["password"], "new": "long-enough-1", "again": "long-enough-1"}
    answer = await browser.post("/password", {**form, **changes})
    assert answer.status_code == 422 and words in answer.text
    hanako.gets_nothing()
    assert (await browser.get("/applications")).status_code == 200


async def test_every_answer_carries_the_headers(desk: DeskUnderTest, browser: Browser, approved: str) -> None:
    """T-53."""
    await browser.logs_in()
    answers = [
        await browser.get(path) for path in ("/", "/applications", f"/applications/{approved}", "/nowhere", "/password")
    ]
    answers += [await browser.looks(approved, "1ANACA0A"), await browser.logs_in(password="x")]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "script" not in policy
        assert "charset=utf-8" in answer.headers.get("content-type", "charset=utf-8")
        assert "<script" not in answer.text and " style=" not in answer.text and "http" not in answer.text.replace("https://desk.test", "")  # fmt: skip


async def test_over_https_the_cookie_goes_no_other_way(desk: DeskUnderTest) -> None:
    secure = Browser(desk, https=True)
    answer = await secure.logs_in()
    cookie = answer.headers.get_list("set-cookie")[0]
    assert cookie.startswith("__Host-mailbot=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "max-age" in answer.headers["strict-transport-security"]
    assert (await secure.get("/applications")).status_code == 200
    await secure.client.aclose()


async def test_what_people_wrote_is_no_mark_up(desk: DeskUnderTest, browser: Browser) -> None:
    """T-57."""
    answer = await browser.logs_in(code='"><script>alert(1)</script>', password="x")
    assert "<script" not in answer.text and "&lt;script&gt;" in answer.text


async def test_bodies_that_are_no_form(browser: Browser) -> None:
    async def without_end() -> AsyncIterator[bytes]:
        for _ in range(1_000):
            yield b"code=NAC001&" * 1_000

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await browser.client.post("/login", content=without_end(), headers=headers)).status_code in (401, 429)
    many = b"&".join(b"a=%d" % n for n in range(100)) + b"&code=NAC001&password=sample-NAC001"
    assert (await browser.client.post("/login", content=many, headers=headers)).status_code in (401, 429)
    for content, kind in ((b"x" * 100_000, "application/x-www-form-urlencoded"), (b"{}", "application/json"), (b"\xff", "multipart/form-data")):  # fmt: skip
        answer = await browser.client.post("/login", content=content, headers={"Content-Type": kind})
        assert answer.status_code in (401, 429)


async def test_a_store_that_is_away_says_nothing_of_itself(
    desk: DeskUnderTest, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("/var/lib/secret-path is full")

    monkeypatch.setattr(logins, "find", broken)
    await browser.logs_in()
    answer = await browser.get("/applications")
    assert answer.status_code in (500, 503) and "secret-path" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_english(desk: DeskUnderTest) -> None:
    browser = Browser(desk)
    assert "Log in" in (await browser.get("/", **{"Accept-Language": "en-GB,en"})).text
    assert "ログイン" in (await browser.get("/", **{"Accept-Language": "ja,en;q=0.5"})).text
    await browser.post("/login", {"code": "SKY001", "password": "sample-SKY001"})
    assert "There is no application yet." in (await browser.get("/applications")).text
    await browser.client.aclose()


async def test_over_a_real_socket_beside_the_mail(start: Callable[..., Any]) -> None:
    running = await start(roles=("smtp", "worker", "sender", "web"))
    pages = running.service.pages
    assert pages is not None
    async with httpx.AsyncClient(base_url=f"http://{pages.host}:{pages.port}") as client:
        answer = await client.post("/login", data=SAMPLE)
        assert answer.status_code == 303
        assert (await client.get("/applications")).status_code == 200


async def test_behind_a_proxy_tries_are_counted_by_whose_they_are(start: Callable[..., Any]) -> None:
    """T-56: one client that guesses does not lock out the others behind the same proxy."""
    running = await start(roles=("smtp", "worker", "sender", "web"))
    pages = running.service.pages
    assert pages is not None
    async with httpx.AsyncClient(base_url=f"http://{pages.host}:{pages.port}") as client:
        guesser, honest = {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "198.51.100.7"}
        for number in range(30):
            await client.post("/login", data={"code": f"ABC{number:03d}", "password": "x"}, headers=guesser)
        assert (await client.post("/login", data=SAMPLE, headers=guesser)).status_code == 429
        assert (await client.post("/login", data=SAMPLE, headers=honest)).status_code == 303


@pytest.mark.parametrize("key, stops", [("port", True), ("health_port", False)])
async def test_a_port_that_is_taken(start: Callable[..., Any], key: str, *, stops: bool) -> None:
    """The desk does not start without its pages, whoever watches it; without the port for monitors it does."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Permanent, match=r"set web\.port") if stops else nullcontext():
            running = await start(web={key: taken.getsockname()[1]}, roles=("smtp", "worker", "sender", "web"))
            assert running.service.pages and running.port and running.service.health is None
