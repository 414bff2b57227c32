"""What an office may see and do on its pages, and nobody else: deep links, 取下げ, papers, what waits for whom."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailbot.model.lifecycle import Event, State
from tests.testkit.browser import SAMPLE, Browser
from tests.testkit.contract_forms import BROKER, MAILBOX, approve
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.office_scenes import applies, is_asked
from tests.testkit.records import audited

OTHER = {"code": "NAC002", "password": "sample-NAC002"}


@pytest.fixture
async def browser(desk: DeskUnderTest) -> AsyncIterator[Browser]:
    one = Browser(desk)
    yield one
    await one.client.aclose()


async def withdraws(browser: Browser, number: str, **changes: str) -> int:
    data = {"csrf": await browser.csrf(), "revision": "1", **changes}
    return (await browser.post(f"/applications/{number}/withdrawal", data)).status_code


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("2600001C", "/applications/2600001C"),
        (" ２６００００１ｃ ", "/applications/2600001C"),
        ("", "/applications"),
        ("//evil.example", "/applications"),
        ("2600001C/../..", "/applications"),
        ("x" * 5000, "/applications"),
    ],
)
async def test_a_log_in_leads_to_an_application_and_nowhere_else(browser: Browser, to: str, location: str) -> None:
    """T-57: no open redirect."""
    assert (await browser.logs_in(to=to)).headers["location"] == location


async def test_before_the_log_in_all_numbers_look_alike(desk: DeskUnderTest, browser: Browser) -> None:
    """T-57: whether there is such an application is not said, nor of which office."""
    number = applies(desk, FORM)
    answers = [await browser.get(f"/applications/{one}") for one in (number, "2699999C")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].text.replace(number, "N") == answers[1].text.replace("2699999C", "N")
    assert f'name="to" value="{number}"' in answers[0].text
    assert 'name="to" value=""' in (await browser.get("/applications/%3Cscript%3E")).text


async def test_nothing_of_an_application_is_there_for_another_office(desk: DeskUnderTest, browser: Browser) -> None:
    number = applies(desk, FORM)
    await browser.post("/login", OTHER)
    for path in ("", "/withdrawal", "/application-form.pdf", "/approval.pdf", "/other.pdf", "/calendar.ics"):
        theirs, nobodys = [await browser.get(f"/applications/{one}{path}") for one in (number, "2699999C")]
        assert (theirs.status_code, theirs.text) == (404, nobodys.text), path
    assert await withdraws(browser, number) == 404
    assert desk.application(number).state is State.RECEIVED
    first_page, unknown = [(await browser.get(f"/applications?before={one}")).text for one in (number, "2699999C")]
    assert first_page == unknown and "契約内容" in first_page


async def test_a_withdrawal_on_the_page(desk: DeskUnderTest, browser: Browser, hanako: Person, ichiro: Person) -> None:
    number = applies(desk, FORM)
    for person in desk.people.values():
        person.forgets()
    await browser.logs_in()
    assert (await browser.get(f"/applications/{number}/withdrawal")).status_code == 200
    assert desk.application(number).state is State.RECEIVED  # T-51: a GET changes nothing
    for changes in ({"csrf": "x"}, {"csrf": ""}):
        assert await withdraws(browser, number, **changes) == 403
    for revision in ("2", "", "-1", "１", "9" * 40):
        assert await withdraws(browser, number, revision=revision) == 409
    assert desk.application(number).state is State.RECEIVED and desk.silent()
    assert await withdraws(browser, number) == 200
    step = desk.application(number).steps[-1]
    assert (step.event, step.actor.name, audited()[-1][1]) == (Event.WITHDRAW, "NAC001", "office NAC001")
    assert number in hanako.gets("withdrawn").text and number in ichiro.gets("update").text
    assert await withdraws(browser, number) == 409
    hanako.gets_nothing()


async def test_what_is_decided_is_not_withdrawn(desk: DeskUnderTest, browser: Browser, ichiro: Person) -> None:
    number = applies(desk, FORM)
    approve(desk, ichiro)
    await browser.logs_in()
    page = (await browser.get(f"/applications/{number}")).text
    assert "/withdrawal" not in page and "修正のメール" not in page
    assert await withdraws(browser, number) == 409
    assert desk.application(number).state is State.COMPLETED


async def test_papers_and_calendar(desk: DeskUnderTest, browser: Browser, ichiro: Person) -> None:
    """The calendar file is there from the approval on, the 承認通知 from the 利用開始日 on; the page links what is there."""
    number = applies(desk, MAILBOX)
    await browser.logs_in()
    calendar = f"/applications/{number}/calendar.ics"
    assert (await browser.get(calendar)).status_code == 404
    assert calendar not in (await browser.get(f"/applications/{number}")).text
    approve(desk, ichiro)
    file = await browser.get(calendar)
    assert file.content.startswith(b"BEGIN:VCALENDAR") and file.headers["content-type"].startswith("text/calendar")
    assert calendar in (await browser.get(f"/applications/{number}")).text
    form = await browser.get(f"/applications/{number}/application-form.pdf")
    assert form.content.startswith(b"%PDF-") and form.headers["content-type"] == "application/pdf"
    assert number in unquote(form.headers["content-disposition"])
    assert (await browser.get(f"/applications/{number}/approval.pdf")).status_code == 404
    desk.clock.advance(timedelta(days=30))
    await browser.logs_in()
    assert (await browser.get(f"/applications/{number}/approval.pdf")).content.startswith(b"%PDF-")


async def test_a_paper_that_cannot_be_printed_is_made_by_a_person(desk: DeskUnderTest, browser: Browser) -> None:
    number = applies(desk, FORM.replace("備考：", "備考：\U00012000"))
    operator = desk.person("", desk.context.settings.operators[0])
    operator.forgets()
    await browser.logs_in()
    for _ in range(2):
        answer = await browser.get(f"/applications/{number}/application-form.pdf")
        assert answer.status_code == 503 and "担当者が作成し" in answer.text
    assert "帳票を作成できませんでした" in operator.gets("alert").subject


@pytest.mark.parametrize("form", [FORM, BROKER, MAILBOX])
async def test_the_mail_that_corrects_is_understood(
    desk: DeskUnderTest, browser: Browser, taro: Person, form: str
) -> None:
    """As it is it changes nothing; with one value changed it is a correction."""
    number = applies(desk, form)
    taro.forgets()
    await browser.logs_in()
    page = (await browser.get(f"/applications/{number}")).text
    link = page.partition('">修正のメール')[0].rpartition('href="')[2].replace("&amp;", "&")
    query = parse_qs(urlsplit(link).query)
    assert len(link) <= 1_900
    body = query["body"][0].replace("\r\n", "\n")
    taro.sends(f"{body}\n備考：急ぎです\n", query["subject"][0])
    assert desk.last is not None and desk.last.reason == "corrected"
    assert desk.application(number).revision.filled.text("remarks") == "急ぎです"


async def test_the_answer_to_a_question_reaches_the_reviewer(
    desk: DeskUnderTest, browser: Browser, taro: Person, ichiro: Person
) -> None:
    """By the subject of the prepared mail; from then on the page says until when the answer comes."""
    number = applies(desk, FORM)
    is_asked(desk)
    ichiro.forgets()
    await browser.logs_in()
    assert "までにご回答をお願いいたします" in (await browser.get(f"/applications/{number}")).text
    page = (await browser.get(f"/applications/{number}")).text
    link = page.partition('">回答のメール')[0].rpartition('href="')[2].replace("&amp;", "&")
    taro.sends("A0Aで間違いございません。そのまま進めてください。", parse_qs(urlsplit(link).query)["subject"][0])
    assert "間違いございません" in ichiro.gets("inquiry").text
    page = (await browser.get(f"/applications/{number}")).text
    assert "までに、担当者がメールでお返事いたします" in page and "ご回答期限は停止しています" in page


async def test_the_mails_link_to_the_page_of_the_application(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    number = applies(desk, FORM)
    approve(desk, ichiro)
    assert f"http://127.0.0.1:8025/applications/{number}\n" in taro.mails[-1].text


async def test_the_link_for_a_paused_log_in_keeps_the_way(
    desk: DeskUnderTest, browser: Browser, hanako: Person
) -> None:
    for _ in range(5):
        await browser.logs_in(password="guess")
    await browser.post("/link", {"code": "NAC001", "to": "2600001C"})
    link = next(line for line in hanako.gets("security").text.splitlines() if "/link/" in line)
    assert link.endswith("?to=2600001C")
    path = urlsplit(link).path
    assert 'name="to" value="2600001C"' in (await browser.get(f"{path}?to=2600001C")).text
    assert (await browser.post(path, {"to": "2600001C"})).headers["location"] == "/?to=2600001C"
    assert SAMPLE["code"] == "NAC001" and 'value="2600001C"' in (await browser.get("/?to=2600001C")).text
