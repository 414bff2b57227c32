"""Quarantine, outbox, inquiries and the register from outside: what is done, once, by whom, and what is refused."""

import re

import pytest

from mailbot.model.desk_login import DeskRole
from mailbot.model.inquiry import InquiryState
from mailbot.model.queued_mail import OutboxState
from mailbot.records.inquiries import inquiries, login_pauses
from mailbot.records.log import audit
from mailbot.records.queues import outbox, quarantined
from mailbot.records.schema.queue_tables import InboxRow
from tests.testkit.desk import FORM, DeskUnderTest
from tests.testkit.desk_browser import ICHIRO, OPS, READER, RYOKO, logged_in, words
from tests.testkit.desk_scenes import mails_to_look_at

READ, REVIEW, OPERATE = DeskRole.READER, DeskRole.REVIEWER, DeskRole.OPERATOR
GORO = "goro@nowhere.example"


@pytest.fixture
def looked_at(desk: DeskUnderTest) -> None:
    """Mails 1 and 2 are quarantined, 3 is an inquiry."""
    mails_to_look_at(desk)


def quarantined_now(desk: DeskUnderTest) -> list[int]:
    with desk.store.reading():
        return [mail.number for mail in quarantined.select()]


def read_all(desk: DeskUnderTest) -> None:
    for person in desk.people.values():
        person.forgets()


async def test_releasing_is_foreseen_then_done_once(desk: DeskUnderTest, looked_at: None) -> None:
    """The preview changes nothing; a second operator, or a repeat, is told who was faster."""
    async with logged_in(desk, OPS, OPERATE) as ops:
        listed = await ops.get("/desk/quarantine")
        assert "一斉送信" in words(listed)
        form = listed.text.partition('action="/desk/quarantine/preview"')[2]
        assert re.findall(r'<button name="(\w+)"', form)[:2] == ["do", "one"]  # Enter presses the first
        page = words(await ops.sends("/desk/quarantine/preview", mail=["1", "2"], do="release"))
        assert "2通を処理しますか" in page and page.count("だれにも送りません") == 2
        assert quarantined_now(desk) == [1, 2]
        single = words(await ops.sends("/desk/quarantine/preview", mail=["1", "2"], one="2"))
        assert "1通を処理しますか" in single and quarantined_now(desk) == [1, 2]  # its own button, whatever is ticked
        done = await ops.sends("/desk/quarantine/release", mail=["1"])
        assert (done.status_code, "処理の列に戻しました" in done.text, quarantined_now(desk)) == (200, True, [2])
        again = await ops.sends("/desk/quarantine/release", mail=["1"])
        assert again.status_code == 409 and f"{OPS} が処理しました" in words(again)
        gone = words(await ops.sends("/desk/quarantine/preview", mail=["1", "999"], do="release"))
        assert gone.count("すでに隔離されていません") == 2 and "処理する" not in gone.partition("やめる")[0][-20:]
        for fields in (
            {},
            {"mail": "1"},
            {"mail": ["x", "-1", "1~2"], "do": "release"},
            {"mail": "2", "do": "x"},
            {"one": "x"},
        ):
            nothing = await ops.sends("/desk/quarantine/preview", **fields)
            assert (nothing.status_code, "印が付いていません" in nothing.text) == (422, True)


async def test_discarding_needs_a_reason(desk: DeskUnderTest, looked_at: None) -> None:
    """All that match a filter, with the reason; without one nothing is done."""
    async with logged_in(desk, OPS, OPERATE) as ops:
        page = await ops.sends("/desk/quarantine/preview", everything="1", sender=GORO, do="discard")
        assert "2通を破棄しますか" in page.text
        none = await ops.sends("/desk/quarantine/preview", everything="1", sender="nobody@", do="discard")
        assert none.status_code == 422
        without = await ops.sends("/desk/quarantine/discard", mail=["1", "2"], because="  ")
        assert (without.status_code, quarantined_now(desk)) == (422, [1, 2])
        done = await ops.sends("/desk/quarantine/discard", mail=["1", "2"], because="宣伝")
        assert (done.text.count("破棄しました"), quarantined_now(desk)) == (2, [])
    with desk.store.reading():
        assert any("discarded mail #1" in row.what and "宣伝" in row.what for row in audit.select(who=OPS).rows)


async def test_a_mail_that_costs_too_much_is_not_tried(desk: DeskUnderTest, looked_at: None) -> None:
    """Nor does one that cannot be read keep an operator from the others."""
    with desk.store.transaction():
        InboxRow.update(reason="kept-failing").where(InboxRow.id == 1).execute()
    async with logged_in(desk, OPS, OPERATE) as ops:
        page = words(await ops.sends("/desk/quarantine/preview", mail=["1", "2"], do="release"))
    assert "ここでは試しません" in page and page.count("だれにも送りません") == 1


async def test_a_failed_notice_is_sent_again(desk: DeskUnderTest, looked_at: None) -> None:
    """With cause and remedy; one that was delivered meanwhile is left as it is."""
    with desk.store.transaction():
        outbox.record_bounce(1, "550 5.1.1 User unknown", desk.clock.now())
    async with logged_in(desk, OPS, OPERATE) as ops:
        page = words(await ops.get("/desk/outbox"))
        assert "不達 1" in page and "550 5.1.1 User unknown" in page and "台帳のアドレスを直して" in page
        assert "不達の通知はありません" in words(await ops.get("/desk/outbox?recipient=nobody@"))
        done = await ops.sends("/desk/outbox/retry", notice=["1", "2", "999"])
        assert "もう一度送る列に入れました" in done.text and done.text.count("送り直していません") == 2
        nothing = await ops.sends("/desk/outbox/retry", notice="x")
        assert nothing.status_code == 422
        again = await ops.sends("/desk/outbox/retry", everything="1", undone="failed")
        assert again.status_code == 422  # none failed any more
    desk.deliver()
    with desk.store.reading():
        item = outbox.get(1)
        assert item is not None and item.state is OutboxState.SENT
        assert [row.what for row in audit.select(who=OPS).rows if "retried" in row.what] == ["retried notice n1"]
    read_all(desk)


async def test_an_inquiry_is_answered_once(desk: DeskUnderTest, looked_at: None) -> None:
    """The words reach who wrote, without private addresses; whoever comes later keeps the words and is told."""
    async with logged_in(desk, OPS, OPERATE) as ops:
        read_all(desk)
        assert "担当者交代の件" in words(await ops.get("/desk/inquiries"))
        empty = await ops.sends("/desk/inquiries/3/answer", words=" ", do="answer")
        assert (empty.status_code, "お返事の言葉を入力してください" in empty.text) == (422, True)
        done = await ops.sends("/desk/inquiries/3/answer", words=f"台帳でお直しします。{OPS}", do="answer")
        assert "送る列に入れました" in done.text
        desk.deliver()
        (mail,) = desk.person("通関 太郎", "taro@naxtrade.example").mails
        assert "台帳でお直しします。" in mail.text and OPS not in mail.text
        late = await ops.sends("/desk/inquiries/3/answer", words="二通目です。", do="answer")
        assert late.status_code == 409 and "先に対応しました" in late.text and "二通目です。" in late.text
        assert "お返事済み" in words(await ops.get("/desk/inquiries?state=done"))
        for number in ("1", "x", "99"):
            assert (await ops.sends(f"/desk/inquiries/{number}/answer", words="a")).status_code == 404
    with desk.store.reading():
        found = inquiries.get(3)
        assert found is not None and (found.state, found.answered_by) == (InquiryState.ANSWERED, OPS)
    read_all(desk)


async def test_a_reviewer_answers_what_was_passed_on_to_reviewers(desk: DeskUnderTest) -> None:
    """About an application: its reviewers; about none: the people of the desk alone."""
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends(FORM, "パスワード初期化の申込")
    number = next(got.receipt for got in taro.mails if got.kind == "received")
    taro.sends("費用はいつ請求されますか。\n", subject=f"Re: [{number}]")
    taro.sends("担当者交代の件で、教えてください。\n", subject="担当者交代の件")
    read_all(desk)
    async with logged_in(desk, RYOKO, REVIEW) as other, logged_in(desk, ICHIRO, REVIEW) as ichiro:
        read_all(desk)
        assert (await other.sends("/desk/inquiries/3/answer", words="x")).status_code == 404
        assert 'name="words"' not in (await other.get("/desk/inquiries/3")).text
        assert "自分あて" in words(await ichiro.get("/desk/inquiries"))
        closed = await ichiro.sends("/desk/inquiries/2/answer", do="close")
        assert "返事を送らずに終えました" in closed.text
    desk.deliver()
    assert desk.person("通関 太郎", "taro@naxtrade.example").mails == []
    read_all(desk)


async def test_the_log_in_of_an_office_is_paused_and_resumed(desk: DeskUnderTest) -> None:
    async with logged_in(desk, OPS, OPERATE) as ops, logged_in(desk, READER, READ) as reader:
        assert "ナックス商事" in words(await ops.get("/desk/register?q=taro@"))
        assert "この条件に合う事業所はありません" in (await ops.get("/desk/register?q=%25")).text
        assert (await ops.sends("/desk/register/offices/NAC001/pause", reason="")).status_code == 422
        assert (await reader.sends("/desk/register/offices/NAC001/pause", reason="x")).status_code == 403
        assert "一時停止し" in (await ops.sends("/desk/register/offices/nac001/pause", reason="漏えいの連絡")).text
        assert "漏えいの連絡" in (await reader.get("/desk/register/offices/NAC001")).text
        assert "NAC001" in words(await ops.get("/desk/register?paused=1"))
        assert "すでに" in (await ops.sends("/desk/register/offices/NAC001/pause", reason="x")).text
        assert "ログインできるように" in (await ops.sends("/desk/register/offices/NAC001/resume")).text
        assert "すでに" in (await ops.sends("/desk/register/offices/NAC001/resume")).text
        assert (await ops.sends("/desk/register/offices/NAC999/pause", reason="x")).status_code == 404
        assert (await ops.get("/desk/register/schedule")).status_code == 200
    with desk.store.reading():
        assert login_pauses.listing() == []


async def test_english(desk: DeskUnderTest, looked_at: None) -> None:
    async with logged_in(desk, OPS, OPERATE, language="en") as ops:
        paths = ["log", "log?q=交代", "mails/1", "mails/n1", "quarantine", "outbox", "inquiries", "inquiries/3"]
        for path in (*paths, "inquiries?state=done", "register", "register/offices/NAC001", "register/schedule"):
            assert (await ops.get(f"/desk/{path}")).status_code == 200, path
        page = words(await ops.sends("/desk/quarantine/preview", mail="1", do="release"))
        assert "Precedence is bulk" in page and "Nobody is sent anything" in page
