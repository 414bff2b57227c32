"""The queue and the application on the desk's pages, from outside: decisions by the rules of a reply, or refused."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from mailbot.model.audit import AuditKind
from mailbot.model.desk_login import DeskRole
from mailbot.model.lifecycle import Event, State
from mailbot.records.log import audit
from mailbot.records.register import absences, offices
from mailbot.records.schema.register_tables import ReviewerRow
from tests.testkit.contract_forms import ABOLITION, BROKER
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.desk_browser import ICHIRO, OPS, READER, RYOKO, DeskBrowser, logged_in, words

REVIEW = DeskRole.REVIEWER
ASK = "今回も初期化が必要か、\nご確認をお願いいたします。"
NUMBER = "2600001C"
PAGE = f"/desk/applications/{NUMBER}"


@pytest.fixture
async def ichiro_on_pages(desk: DeskUnderTest) -> AsyncIterator[DeskBrowser]:
    async with logged_in(desk, ICHIRO, REVIEW) as browser:
        yield browser


def applied(desk: DeskUnderTest, taro: Person, form: str = FORM) -> None:
    taro.sends(form)
    for person in desk.people.values():
        person.forgets()


async def test_ask_then_approve(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro_on_pages: DeskBrowser
) -> None:
    """Nothing happens before it is confirmed; then both people get what they get after a reply."""
    applied(desk, taro)
    browser = ichiro_on_pages
    page = await browser.get(PAGE)
    for said in (
        "パスワード初期化",
        "1ANAC",
        "失念したため",
        "確認した事項",
        "仮パスワード（新規発行）",
        "taro@naxtrade.example",
    ):
        assert said in words(page), said
    last_look = await browser.sends(f"{PAGE}/confirm", do="ask", revision="1", words=ASK)
    said = words(last_look)
    assert "確認を依頼します" in said and "taro@naxtrade.example" in said and "hanako@naxtrade.example" in said
    assert "今回も初期化が必要か" in said and "2026年12月7日" in said
    assert desk.application(NUMBER).state is State.RECEIVED and desk.silent()
    done = await browser.sends(f"{PAGE}/decide", do="ask", revision="1", words=ASK.replace("\n", "\r\n"))
    assert "確認を依頼しました" in words(done)
    step = desk.application(NUMBER).steps[-1]
    assert (step.event, step.words, step.actor.email, step.mail_id) == (Event.ASK, ASK, ICHIRO, None)
    for person in (taro, hanako):
        assert "今回も初期化が必要か" in person.gets("confirmation-request").text
    desk.person("", ICHIRO).gets("decision")
    desk.person("", RYOKO).gets("decision")
    assert "（画面から）" in words(await browser.get(PAGE))
    done = await browser.sends(f"{PAGE}/decide", do="approve", revision="1", words="")
    assert "承認しました" in words(done) and desk.application(NUMBER).state is State.COMPLETED
    taro.gets("completed")
    hanako.gets("completed")


async def test_what_is_refused(desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser) -> None:
    """Each refusal says why; nothing changes, and nobody gets a mail."""
    applied(desk, taro)
    long = {"do": "ask", "revision": "1", "words": "あ" * 1001}
    for fields, says in (
        ({"do": "ask", "revision": "1", "words": " \n"}, "通知内容が必要です"),
        (long, "1000文字以内"),
        ({"do": "approve", "revision": "0"}, "内容が変わりました"),
        ({"do": "approve", "revision": "x"}, "内容が変わりました"),
        ({"do": "approve"}, "内容が変わりました"),
    ):
        for way in ("confirm", "decide"):
            answer = await ichiro_on_pages.sends(f"{PAGE}/{way}", **fields)
            assert (answer.status_code, says in words(answer)) == (409, True), (fields, way)
    assert (await ichiro_on_pages.sends(f"{PAGE}/decide", do="lapse", revision="1")).status_code == 422
    assert "あ" * 1001 in (await ichiro_on_pages.sends(f"{PAGE}/confirm", **long)).text  # nothing typed is lost
    assert (await ichiro_on_pages.get("/desk/applications/2699999C")).status_code == 404
    assert (await ichiro_on_pages.get("/desk/applications/x")).status_code == 404
    assert [s.event for s in desk.application(NUMBER).steps] == [Event.SUBMIT] and desk.silent()


async def test_a_stale_page(desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser) -> None:
    """The applicant corrects after the page was opened: the new content is shown, and nothing is decided."""
    taro.sends(FORM)
    received = taro.gets("received")
    await ichiro_on_pages.get(PAGE)
    taro.replies(received, "修正\n識別番号：A0B\n")
    for person in desk.people.values():
        person.forgets()
    answer = await ichiro_on_pages.sends(f"{PAGE}/decide", do="approve", revision="1")
    assert answer.status_code == 409 and "内容が変わりました" in words(answer) and "A0B" in words(answer)
    assert desk.application(NUMBER).state is State.RECEIVED and desk.silent()
    assert "第2版" in words(await ichiro_on_pages.get("/desk/queue"))


async def test_two_reviewers(desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser) -> None:
    """The first decision wins, by page or by mail; the second is told whose it was."""
    taro.sends(FORM)
    request = desk.person("審査 良子", RYOKO).gets("review-request")
    for person in desk.people.values():
        person.forgets()
    async with logged_in(desk, RYOKO, REVIEW) as ryoko:
        await ryoko.get(PAGE)
        await ichiro_on_pages.sends(f"{PAGE}/decide", do="approve", revision="1")
        answer = await ryoko.sends(f"{PAGE}/decide", do="ask", revision="1", words=ASK)
    assert (
        answer.status_code == 409
        and "すでに審査担当者 審査 一郎 様が" in words(answer)
        and "「承認」の回答" in words(answer)
    )
    assert desk.person("審査 良子", RYOKO).replies(request, "確認依頼\nどうですか\n").reason == "already-decided"
    assert desk.application(NUMBER).state is State.COMPLETED
    for person in desk.people.values():
        person.forgets()


async def test_four_eyes(desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser) -> None:
    """One by page and one by mail, on the same revision; neither is the applicant."""
    object.__setattr__(desk.context, "settings", replace(desk.context.settings, four_eyes=True))
    taro.sends(FORM)
    request = desk.person("審査 良子", RYOKO).gets("review-request")
    said = words(await ichiro_on_pages.sends(f"{PAGE}/confirm", do="approve", revision="1"))
    assert "一人目の承認をします" in said
    assert "一人目の承認を記録しました" in words(
        await ichiro_on_pages.sends(f"{PAGE}/decide", do="approve", revision="1")
    )
    again = await ichiro_on_pages.sends(f"{PAGE}/decide", do="approve", revision="1")
    assert again.status_code == 409 and "もう一人の審査担当者の承認が必要です" in words(again)
    assert desk.person("審査 良子", RYOKO).replies(request, "承認\n").reason == "approved"
    for person in desk.people.values():
        person.forgets()


async def test_nobody_decides_on_an_own_application(desk: DeskUnderTest, taro: Person) -> None:
    register = offices.load_register()
    one = replace(register.reviewers[0], email="taro@naxtrade.example")
    with desk.store.transaction():
        offices.replace_register(replace(register, reviewers=(*register.reviewers, one)))
    applied(desk, taro)
    async with logged_in(desk, "taro@naxtrade.example", REVIEW) as browser:
        for do in ("approve", "ask"):
            answer = await browser.sends(f"{PAGE}/decide", do=do, revision="1", words=ASK)
            assert answer.status_code == 409 and "ご自身の申込み" in words(answer)
    assert desk.application(NUMBER).state is State.RECEIVED
    for person in desk.people.values():
        person.forgets()


async def test_a_log_in_is_bound_to_its_reviewer(desk: DeskUnderTest, taro: Person) -> None:
    """Categories are those of the register; who has left it decides nothing."""
    applied(desk, taro, BROKER)
    async with logged_in(desk, RYOKO, REVIEW) as ryoko:
        page = "/desk/applications/2600001B"
        assert "この手続の審査担当ではない" in words(await ryoko.get(page))
        answer = await ryoko.sends(f"{page}/decide", do="approve", revision="1")
        assert answer.status_code == 409 and "この手続の審査担当ではありません" in words(answer)
        assert "2600001B" not in words(await ryoko.get("/desk/queue"))
        with desk.store.transaction():
            ReviewerRow.delete().where(ReviewerRow.email == RYOKO).execute()
        answer = await ryoko.sends(f"{page}/decide", do="approve", revision="1")
        assert answer.status_code == 409 and "台帳に登録されていません" in words(answer)
    assert desk.application("2600001B").state is State.RECEIVED


async def test_a_reader_posts(desk: DeskUnderTest, taro: Person) -> None:
    applied(desk, taro)
    for email, role in ((READER, DeskRole.READER), (OPS, DeskRole.OPERATOR)):
        async with logged_in(desk, email, role) as browser:
            assert 'name="do"' not in (await browser.get(PAGE)).text
            for way in ("confirm", "decide"):
                answer = await browser.sends(f"{PAGE}/{way}", do="approve", revision="1")
                assert answer.status_code == 403 and "権限では利用できません" in words(answer)
    assert [s.event for s in desk.application(NUMBER).steps] == [Event.SUBMIT] and desk.silent()


async def test_each_look_and_each_act_is_recorded(
    desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser
) -> None:
    applied(desk, taro)
    await ichiro_on_pages.get(PAGE)
    await ichiro_on_pages.sends(f"{PAGE}/decide", do="approve", revision="9")
    await ichiro_on_pages.sends(f"{PAGE}/decide", do="take", revision="1")
    with desk.store.reading():
        rows = audit.select(subject=f"application {NUMBER}").rows
    assert [(row.who, row.kind, row.what) for row in rows] == [
        (ICHIRO, AuditKind.ACT, "take revision 1"),
        (ICHIRO, AuditKind.ACT, "approve revision 9: refused, superseded"),
        (ICHIRO, AuditKind.LOOK, "looked at"),
    ]
    for person in desk.people.values():
        person.forgets()


async def test_no_form_shows_an_application_without_a_record(
    desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser
) -> None:
    """Every way to its page is a look, whatever the form asks for."""
    applied(desk, taro)
    async with logged_in(desk, OPS, DeskRole.OPERATOR) as operator:
        for browser, way, fields in (
            (ichiro_on_pages, "confirm", {"do": "nothing"}),
            (ichiro_on_pages, "confirm", {"do": "take", "revision": "9"}),
            (ichiro_on_pages, "confirm", {"do": "take", "revision": "1"}),
            (ichiro_on_pages, "decide", {"do": "nothing"}),
            (operator, "take-back", {"reason": "a mistake"}),
        ):
            with desk.store.reading():
                before = len(audit.select(subject=f"application {NUMBER}").rows)
            assert "ナックス商事" in words(await browser.sends(f"{PAGE}/{way}", **fields))
            with desk.store.reading():
                rows = audit.select(subject=f"application {NUMBER}").rows
            assert len(rows) == before + 1, (way, fields)
            assert (rows[0].who, rows[0].kind) == (browser.log_in.email, AuditKind.LOOK)
    for person in desk.people.values():
        person.forgets()


async def test_a_decision_is_recorded_about_the_application(
    desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser
) -> None:
    """However its number was written in the path, the audit log is searched for it as it is."""
    applied(desk, taro)
    answer = await ichiro_on_pages.sends(f"/desk/applications/x-{NUMBER.lower()}/decide", do="take", revision="1")
    assert answer.status_code == 200 and desk.application(NUMBER).taken_by == ICHIRO
    with desk.store.reading():
        rows = audit.select().rows
    assert (rows[0].what, rows[0].subject) == ("take revision 1", f"application {NUMBER}")
    for person in desk.people.values():
        person.forgets()


async def test_several_at_once(desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser) -> None:
    """Each is checked alone; what has something to look at is not approved in a batch, whatever is posted."""
    forms = (
        FORM,
        FORM.replace("A0A", "A0B"),
        ABOLITION.replace("1ANACA0A 1ANACA0B", "1ANACA02").replace("20261210", "20261122"),
    )
    for form in forms:
        applied(desk, taro, form)
    browser = ichiro_on_pages
    queue = await browser.get("/desk/queue")
    assert 'value="2600001C:1"' in queue.text and 'value="2600003A:1"' not in queue.text
    ticks = ["2600001C:1", "2600002C:7", "2600003A:1", "2699999C:1", "x"]
    taken = words(await browser.sends("/desk/queue/several", do="take", receipt=ticks[:2]))
    assert "2600001C 担当になりました" in taken and "2600002C 担当の表明は行っていません" in taken
    last_look = words(await browser.sends("/desk/queue/several", do="approve", receipt=ticks))
    assert (
        "1件を承認します" in last_look
        and "（！）があります" in last_look
        and "この番号の申込みはありません" in last_look
    )
    assert desk.application("2600001C").state is State.RECEIVED
    done = words(await browser.sends("/desk/queue/decide", do="approve", receipt=ticks))
    assert "2600001C 承認しました" in done
    states = [desk.application(one).state for one in ("2600001C", "2600002C", "2600003A")]
    assert states == [State.COMPLETED, State.RECEIVED, State.RECEIVED]
    nothing = await browser.sends("/desk/queue/several", do="approve")
    assert nothing.status_code == 422 and "印が付いていません" in words(nothing)
    for person in desk.people.values():
        person.forgets()


async def test_the_queue_by_promise(desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser) -> None:
    """What is late first, then today's; held, taken and asked in parts of their own; filters in the URL."""
    browser = ichiro_on_pages
    applied(desk, taro)
    desk.passes(days=4)
    applied(desk, taro, FORM.replace("A0A", "A0B"))
    desk.passes(days=1)
    applied(desk, taro, FORM.replace("A0A", "A01"))
    await browser.logs_in()
    said = words(await browser.get("/desk/queue"))
    order = [
        said.index(one) for one in ("期限を過ぎています", "2600001C", "本日が期限", "2600002C", "明日以降", "2600003C")
    ]
    assert order == sorted(order) and "1件が期限を過ぎています" in said
    await browser.sends("/desk/applications/2600002C/decide", do="hold", revision="1", words="電話で確認中")
    await browser.sends("/desk/applications/2600003C/decide", do="take", revision="1")
    await browser.sends("/desk/applications/2600001C/decide", do="ask", revision="1", words=ASK)
    for query, shown in (
        ("", {2, 3}),
        ("who=mine", {3}),
        ("who=nobody", {2}),
        ("who=held", {2}),
        ("who=late", set()),
        ("who=asked", {1}),
        ("procedure=password_reset", {2, 3}),
        ("procedure=broker_id_addition", set()),
        ("office=ｎａｃ００１", {2, 3}),
        ("office=SKY001", set()),
        ("who=nonsense&procedure=x&office=%00", set()),
    ):
        said = words(await browser.get(f"/desk/queue?{query}"))
        assert {n for n in range(1, 4) if f"260000{n}C" in said} == shown, query
    for person in desk.people.values():
        person.forgets()


async def test_today(desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser) -> None:
    applied(desk, taro)
    desk.passes(days=5)
    applied(desk, taro, FORM.replace("A0A", "A0B"))
    await ichiro_on_pages.logs_in()
    said = words(await ichiro_on_pages.get("/desk/today"))
    assert "期限を過ぎた申込みが1件あります" in said and "2600001C を開く" in said and "2営業日" in said
    assert "2 審査を待つ" in said and "1 期限超過" in said
    await ichiro_on_pages.sends("/desk/applications/2600001C/decide", do="approve", revision="1")
    page = await ichiro_on_pages.get("/desk/today")
    said = words(page)
    assert "期限を過ぎた申込みはありません" in said and "1 本日の承認" in said and "120時間0分" in said
    assert page.text.count("<svg") == 3 and "<script" not in page.text and "style=" not in page.text
    for person in desk.people.values():
        person.forgets()


async def test_a_reviewer_who_decides_is_not_away(
    desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser
) -> None:
    with desk.store.transaction():
        absences.begin(ICHIRO, desk.clock.now(), None)
    applied(desk, taro)
    await ichiro_on_pages.sends(f"{PAGE}/decide", do="take", revision="1")
    with desk.store.reading():
        assert absences.absent() == frozenset()
    for person in desk.people.values():
        person.forgets()


async def test_an_approval_is_taken_back(desk: DeskUnderTest, taro: Person, ichiro_on_pages: DeskBrowser) -> None:
    """By an operator, before the start date, with a reason."""
    applied(desk, taro, BROKER)
    page = "/desk/applications/2600001B"
    await ichiro_on_pages.sends(f"{page}/decide", do="approve", revision="1")
    assert desk.application("2600001B").state is State.COMPLETED
    assert (await ichiro_on_pages.sends(f"{page}/take-back", reason="x")).status_code == 403
    async with logged_in(desk, OPS, DeskRole.OPERATOR) as ops:
        assert (await ops.sends(f"{page}/take-back", reason=" ")).status_code == 409
        assert "承認を取り消しました" in words(await ops.sends(f"{page}/take-back", reason="証票の番号の誤り"))
        assert (await ops.sends(f"{page}/take-back", reason="again")).status_code == 409
    assert desk.application("2600001B").state is State.RECEIVED
    for person in desk.people.values():
        person.forgets()


async def test_english_and_words_of_people(desk: DeskUnderTest, taro: Person) -> None:
    """What people wrote is text in either language, never markup."""
    applied(desk, taro, FORM.replace("失念したため", "<script>alert(1)</script><img src=x>"))
    async with logged_in(desk, ICHIRO, REVIEW, language="en") as browser:
        for path in ("/desk/today", "/desk/queue", PAGE):
            page = await browser.get(path)
            assert page.status_code == 200 and "<script" not in page.text and "<img" not in page.text
        said = words(await browser.get(PAGE))
        assert "Before and after" in said and "<script>alert(1)</script>" in said
        assert "Ask for confirmation" in words(
            await browser.sends(f"{PAGE}/confirm", do="ask", revision="1", words="Is this <b>needed</b>?")
        )
        assert "was first" in words(await _decided_twice(browser))
    for person in desk.people.values():
        person.forgets()


async def _decided_twice(browser: DeskBrowser) -> object:
    await browser.sends(f"{PAGE}/decide", do="approve", revision="1")
    return await browser.sends(f"{PAGE}/decide", do="approve", revision="1")
