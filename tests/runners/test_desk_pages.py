"""The desk's own pages from outside: log-in, second factor, roles, sessions, CSRF, the audit log."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from mailbot.desk.pages import log_in, log_ins
from mailbot.desk.pages.list_urls import place_of
from mailbot.desk.pages.table import PAGES
from mailbot.desk.website.attempts import Client
from mailbot.model.desk_login import EVERYBODY, DeskRole
from mailbot.model.login_limits import WINDOW
from mailbot.records.log import audit
from mailbot.records.secrets import desk_logins, logins
from tests.testkit.desk import DeskUnderTest
from tests.testkit.desk_browser import ICHIRO, OPS, READER, DeskBrowser, LogIn, new_log_in, words

READ, REVIEW, OPERATE = DeskRole.READER, DeskRole.REVIEWER, DeskRole.OPERATOR
Opens = Callable[..., Awaitable[DeskBrowser]]


@pytest.fixture
async def opens(desk: DeskUnderTest) -> AsyncIterator[Opens]:
    """Makes browsers whose people have logged in; they are closed at the end of the test."""
    opened: list[DeskBrowser] = []

    async def opens(email: str, *roles: DeskRole, log_in: LogIn | None = None, **more: str) -> DeskBrowser:
        browser = DeskBrowser(log_in or new_log_in(desk, email, *roles), **more)
        opened.append(browser)
        assert (await browser.logs_in()).status_code == 303
        return browser

    yield opens
    for one in opened:
        await one.client.aclose()


@pytest.mark.parametrize(
    "changes",
    [{"password": "wrong"}, {"code": "000000"}, {"code": ""}, {"code": "12345６"}, {"email": "nobody@desk.example"}],
)
async def test_what_is_wrong_of_a_log_in_is_not_said(desk: DeskUnderTest, changes: dict[str, str]) -> None:
    """T-56."""
    browser = DeskBrowser(new_log_in(desk, OPS, OPERATE))
    answer = await browser.logs_in(**changes)
    assert (answer.status_code, "のいずれかが正しくありません" in answer.text) == (401, True)
    assert not browser.client.cookies
    assert (await browser.get("/desk/audit")).status_code == 403
    desk.passes(seconds=60)
    assert (await browser.logs_in()).status_code == 303
    await browser.client.aclose()


async def test_a_code_counts_once(desk: DeskUnderTest, opens: Opens) -> None:
    """RFC 6238 §5.2: who reads it over the shoulder cannot use it."""
    first = await opens(OPS, OPERATE)
    second = DeskBrowser(first.log_in)
    assert (await second.logs_in()).status_code == 401
    desk.passes(seconds=30)
    assert (await second.logs_in()).status_code == 303
    await second.client.aclose()


async def test_guesses_are_slowed_down_and_told(desk: DeskUnderTest, opens: Opens) -> None:
    """T-56: the one who guesses waits; a known browser of the same person does not."""
    known = await opens(OPS, OPERATE)
    guesser, tried = DeskBrowser(known.log_in, peer="198.51.100.7"), 0
    while tried < 10:
        answer = await guesser.logs_in(password=f"guess {tried}")
        if answer.status_code == 429:
            desk.passes(seconds=int(answer.headers["retry-after"]))
        tried += answer.status_code == 401
    assert (await guesser.logs_in()).status_code == 429
    assert (await known.logs_in()).status_code == 303
    (notice,) = desk.person("", OPS).mails
    assert "ログインの誤りが続いています" in notice.subject
    desk.person("", OPS).forgets()
    desk.person("", "operator@desk.example").forgets()
    await guesser.client.aclose()


async def test_guesses_here_are_none_for_an_office(desk: DeskUnderTest) -> None:
    """A 事業所コード in the place of the address pauses no log-in of the office: nobody of it would be told."""
    for number in range(3):
        client = Client(f"198.51.100.{number}")
        log_in.log_in("123456", "guess", "000000", client, desk.clock.now(), desk.context)
    with desk.store.reading():
        assert logins.failures(desk.clock.now() - WINDOW, account="123456") == []


async def test_a_role_opens_its_pages_only(desk: DeskUnderTest, opens: Opens) -> None:
    """Each page of the table: who may not ask for it is told so, and nothing is done."""
    people = {READ: await opens(READER, READ), REVIEW: await opens(ICHIRO, REVIEW), OPERATE: await opens(OPS, OPERATE)}
    for one in PAGES:
        path = "/desk" + one.path.replace("{number}", "2699999C")
        for role, browser in people.items():
            answer = await (browser.get(path) if one.method == "GET" else browser.sends(path))
            refused = answer.status_code == 403 and "権限では利用できません" in answer.text
            assert refused == (role not in one.roles), (path, role)
    assert all(one.roles <= EVERYBODY for one in PAGES)


async def test_a_form_needs_the_token_of_its_session(desk: DeskUnderTest, opens: Opens) -> None:
    """Another session's token, none, or a page of somebody else's site: refused."""
    ops, reader = await opens(OPS, OPERATE), await opens(READER, READ)
    for fields in ({"csrf": await reader.csrf()}, {"csrf": ""}, {}):
        answer = await ops.post("/desk/log-ins/end", {"session": "1", **fields})
        assert (answer.status_code, "何も変更していません" in answer.text) == (403, True)
    foreign = await ops.post("/desk/log-ins/end", {"csrf": await ops.csrf()}, **{"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403 and "このページ以外からの操作" in foreign.text and "/desk/login" in foreign.text
    assert (await reader.get("/desk/account")).status_code == 200


@pytest.mark.parametrize("change", ["remove", "password", "reset", "end", "idle", "day"])
async def test_a_session_ends_at_once(desk: DeskUnderTest, opens: Opens, change: str) -> None:
    """A log-in that was removed, changed or reset, a session that an operator ended, or that was not used."""
    ops, reader = await opens(OPS, OPERATE), await opens(READER, READ)
    assert (await reader.get("/desk/account")).status_code == 200
    now = desk.clock.now()
    match change:
        case "remove":
            log_ins.remove_login(READER, "root", now, desk.context)
        case "password":
            log_ins.new_password(READER, "root", now, desk.context)
        case "reset":
            log_ins.reset_second_factor(READER, "root", now, desk.context)
        case "end":
            numbers = (await ops.get("/desk/log-ins")).text.split('name="session" value="')[1:]
            assert "終了しました" in (await ops.sends("/desk/log-ins/end", session=numbers[0].partition('"')[0])).text
        case "idle":
            desk.passes(minutes=31)
        case "day":
            for _ in range(17):
                desk.passes(minutes=29)
                last = await reader.get("/desk/account")
            assert last.status_code == 403
    answer = await reader.get("/desk/account")
    assert (answer.status_code, "ログアウトしました" in answer.text) == (403, True)
    desk.deliver()
    for person in desk.people.values():
        person.forgets()


async def test_a_lost_second_factor_is_reset_and_told(desk: DeskUnderTest, opens: Opens) -> None:
    """The old app's codes end; everybody with a log-in reads who did it."""
    reader = await opens(READER, READ)
    await opens(OPS, OPERATE)
    old = reader.log_in.code()
    log_ins.reset_second_factor(READER, "root", desk.clock.now(), desk.context)
    desk.deliver()
    for address in (OPS, READER, "operator@desk.example"):
        (notice,) = desk.person("", address).mails
        assert "認証アプリが再設定されました" in notice.subject and "root" in notice.text
        desk.person("", address).forgets()
    desk.passes(seconds=60)
    assert (await reader.logs_in(code=old)).status_code == 401
    assert (await reader.logs_in()).status_code == 303


async def test_a_log_in_leads_to_a_page_of_the_desk_only(desk: DeskUnderTest, opens: Opens) -> None:
    ops = await opens(OPS, OPERATE)
    for to, led in (
        ("/desk/audit?who=x", "/desk/audit?who=x"),
        ("//evil.example/desk/", "/desk"),
        ("/desk/\\evil.example", "/desk"),
        ("https://evil.example", "/desk"),
        ("/applications", "/desk"),
    ):
        desk.passes(seconds=30)
        answer = await ops.logs_in(to=to)
        assert (answer.status_code, answer.headers["location"]) == (303, led)
    stranger = DeskBrowser(ops.log_in)
    page = await stranger.get("/desk/audit?who=x")
    assert page.status_code == 403 and 'name="to" value="/desk/audit?who=x"' in page.text
    await stranger.client.aclose()


async def test_no_session_is_of_an_office_and_of_the_desk(desk: DeskUnderTest, opens: Opens) -> None:
    """A cookie of the one is none of the other."""
    ops = await opens(OPS, OPERATE)
    cookie = ops.client.cookies["mailbot-desk"]
    ops.client.cookies.clear()
    ops.client.cookies.set("mailbot", cookie)
    assert (await ops.get("/applications")).status_code == 403
    assert (await ops.get("/desk/account")).status_code == 403


async def test_own_password(desk: DeskUnderTest, opens: Opens) -> None:
    ops = await opens(OPS, OPERATE)
    new = "correct horse battery"
    for old, code, first, again, says in (
        ("wrong", None, new, new, "正しくありません"),
        (None, "000000", new, new, "正しくありません"),
        (None, None, new, "other", "同じではありません"),
        (None, None, "short", "short", "12文字以上"),
        (None, None, "my ops password", "my ops password", "12文字以上"),
    ):
        desk.passes(seconds=30)
        fields = {"old": old or ops.log_in.password, "code": code or ops.log_in.code(), "new": first, "again": again}
        assert says in (await ops.sends("/desk/account/password", **fields)).text
    desk.passes(seconds=30)
    fields = {"old": ops.log_in.password, "code": ops.log_in.code(), "new": new, "again": new}
    assert (await ops.sends("/desk/account/password", **fields)).status_code == 303
    assert (await ops.get("/desk/account")).status_code == 403
    desk.passes(seconds=30)
    ops.log_in.password = new
    assert (await ops.logs_in()).status_code == 303
    for person in desk.people.values():
        person.forgets()


async def test_the_audit_log_in_parts(desk: DeskUnderTest, opens: Opens) -> None:
    """Filters and parts stand in the URL; forwards and back again."""
    ops = await opens(OPS, OPERATE)
    with desk.store.transaction():
        for number in range(120):
            audit.look(desk.clock.now(), READER, f"mail {number}")
    first = await ops.get(f"/desk/audit?who={READER}")
    assert first.text.count("<tr>") == 1 + 50 and "mail 119" in words(first) and "mail 69" not in words(first)
    url, seen = first.text.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&"), 50
    second = await ops.get(url)
    assert "mail 69" in words(second) and "mail 20" in words(second) and "mail 19 " not in words(second)
    back = second.text.split('rel="prev"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert (await ops.get(back)).text.count("<tr>") == 1 + seen
    assert "mail 119" in words(await ops.get(back))
    for strange in ("x", "-1", "9" * 30, "1~2", "%00"):
        assert (await ops.get(f"/desk/audit?after={strange}")).status_code == 200
    assert place_of({"after": "2026\0~5"}).after == ()  # PostgreSQL refuses it
    assert "この条件に合う記録はありません" in (await ops.get("/desk/audit?who=nobody")).text


async def test_a_fault_of_the_desk_is_said_in_its_frame(
    desk: DeskUnderTest, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not there, and what fails: one sentence, and the log-in stays."""
    ops = await opens(OPS, OPERATE)
    missing = await ops.get("/desk/nowhere")
    assert missing.status_code == 404 and "/desk/style.css" in missing.text
    monkeypatch.setattr(desk_logins, "listing", lambda: 1 / 0)
    failed = await ops.get("/desk/log-ins")
    assert (
        failed.status_code == 500 and "ただいまご利用になれません" in failed.text and "ZeroDivision" not in failed.text
    )
    assert (await ops.get("/desk/account")).status_code == 200


async def test_english(desk: DeskUnderTest, opens: Opens) -> None:
    ops = await opens(OPS, OPERATE, language="en")
    for path in ("/desk/account", "/desk/log-ins", "/desk/audit", "/desk/login"):
        assert (await ops.get(path)).status_code == 200
    assert "Who can log in" in (await ops.get("/desk/log-ins")).text
