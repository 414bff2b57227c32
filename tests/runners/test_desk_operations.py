"""What operators do on pages besides quarantine and answers: stop a notice, pass an inquiry on, register a newcomer."""

import re
from datetime import timedelta
from html import unescape

import pytest

from mailbot.desk.inquiries.others import NotPassedOn, pass_to
from mailbot.desk.operations.stop_notice import stop
from mailbot.desk.pages import beside
from mailbot.model.desk_login import DeskRole
from mailbot.model.queued_mail import OutboxItem, OutboxState
from mailbot.records.keyset import Place
from mailbot.records.log import audit, mail_list
from mailbot.records.maintenance import raw_mail_retention
from mailbot.records.queues import outbox
from mailbot.records.register import offices
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow
from tests.desk.outgoing.test_alerts import bounce
from tests.testkit.contract_forms import at
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.desk_browser import OPS, READER, RYOKO, logged_in, words

OPERATOR = "operator@desk.example"
READ, REVIEW, OPERATE = DeskRole.READER, DeskRole.REVIEWER, DeskRole.OPERATOR


def read_all(desk: DeskUnderTest) -> None:
    for person in desk.people.values():
        person.forgets()


def item(desk: DeskUnderTest, number: int) -> OutboxItem:
    with desk.store.reading():
        found = outbox.get(number)
    assert found is not None
    return found


def actions(desk: DeskUnderTest, who: str) -> list[str]:
    """What the audit log says that somebody did, the oldest first."""
    with desk.store.reading():
        return [row.what for row in audit.select(who=who).rows[::-1] if row.what != "looked at"]


async def test_a_notice_is_stopped_with_a_reason(desk: DeskUnderTest, taro: Person) -> None:
    """Nobody gets it, written or not, until it is retried by its number; what tells on operators cannot be stopped."""
    desk.relay_is_down = True
    taro.sends(FORM)
    taro.sends("ヘルプ", "ヘルプ")
    with desk.store.transaction():
        outbox.record_bounce(2, "550 5.1.1 User unknown", desk.clock.now())
    async with logged_in(desk, OPS, OPERATE) as ops, logged_in(desk, READER, READ) as reader:
        read_all(desk)
        assert (await reader.sends("/desk/outbox/stop", notice="1", because="x")).status_code == 403
        for kind in ("alert", "revoked", "taken_back", "security"):
            with desk.store.transaction():
                OutboxRow.update(kind=kind).where(OutboxRow.id == 4).execute()
            assert "必ず送ります" in (await ops.sends("/desk/outbox/stop/preview", notice="4")).text
        shown = words(await ops.sends("/desk/outbox/stop/preview", notice=["1", "2", "4", "999"]))
        assert "2通の送信を取りやめますか" in shown and "必ず送ります" in shown and "通知はありません" in shown
        without = await ops.sends("/desk/outbox/stop", notice=["1", "2"], because=" ")
        assert (without.status_code, "理由を入力してください" in without.text) == (422, True)
        assert item(desk, 1).state is OutboxState.WAITING
        done = await ops.sends("/desk/outbox/stop", notice=["1", "2", "4", "999"], because="電話で\r\nお伝えした")
        assert (done.status_code, words(done).count("送信を取りやめました")) == (200, 2)
        again = await ops.sends("/desk/outbox/stop", notice="1", because="x")
        assert (again.status_code, "すでに取りやめています" in again.text) == (409, True)
        for fields in ({}, {"notice": "x"}, {"everything": "1", "recipient": "nobody@"}):
            assert (await ops.sends("/desk/outbox/stop/preview", **fields)).status_code == 422
        assert (await ops.sends("/desk/outbox/stop", because="x")).status_code == 422
        stopped = words(await ops.get("/desk/outbox?undone=stopped"))
        assert "送信取りやめ" in stopped and f"stopped by {OPS}: 電話で お伝えした" in stopped
        assert "送信取りやめ" in words(await ops.get("/desk/log?state=stopped"))
        assert 'name="everything"' not in (await ops.get("/desk/outbox?undone=stopped")).text
        all_of_them = await ops.sends("/desk/outbox/retry", everything="1", undone="stopped")
        assert (all_of_them.status_code, "送信を取りやめる通知に印を" in all_of_them.text) == (422, True)
        assert item(desk, 1).state is OutboxState.STOPPED
        desk.relay_is_down = False
        desk.deliver()
        assert [got.kind for got in taro.mails] == ["answer"]
        assert "もう一度送る列に入れました" in (await ops.sends("/desk/outbox/retry", notice="1")).text
        desk.deliver()
        late = await ops.sends("/desk/outbox/stop/preview", notice="1")
        assert "すでに配信されています" in late.text and 'name="because"' not in late.text
        raw_mail_retention.delete_raw_mail(desk.store, desk.clock.now() + timedelta(days=40), 30)
        assert item(desk, 2).mail.raw == b""
        old = await ops.sends("/desk/outbox/retry", notice="2")
        assert (old.status_code, "保存期間を過ぎたため" in old.text) == (409, True)
    assert [got.kind for got in taro.mails] == ["answer", "received"]
    assert item(desk, 2).state is OutboxState.STOPPED
    assert actions(desk, OPS)[1:] == [
        "stopped notice n1: 電話で お伝えした",
        "stopped notice n2: 電話で お伝えした",
        "retried notice n1",
    ]
    read_all(desk)


async def test_an_inquiry_is_passed_on_to_somebody_who_then_answers(desk: DeskUnderTest, taro: Person) -> None:
    """By mail or on the page; only to people behind the desk, by those who may answer, and while it is open."""
    desk.context.settings.__dict__["inquiries"] = ("saki@desk.example",)
    taro.sends("担当者交代の件で、教えてください。\n", subject="担当者交代の件")
    taro.sends("請求の件で、教えてください。\n", subject="請求の件")
    read_all(desk)
    async with logged_in(desk, OPS, OPERATE) as ops, logged_in(desk, RYOKO, REVIEW) as ryoko:
        read_all(desk)
        assert (await ryoko.sends("/desk/inquiries/1/pass-on", to=RYOKO)).status_code == 404
        assert "ほかの方に取り次ぐ" not in (await ryoko.get("/desk/inquiries/1")).text
        for to in ("", "taro@naxtrade.example", "goro@nowhere.example"):
            nobody = await ops.sends("/desk/inquiries/1/pass-on", to=to)
            assert (nobody.status_code, "送る方を選んでください" in nobody.text) == (422, True)
        for number in ("1", "2"):
            done = words(await ops.sends(f"/desk/inquiries/{number}/pass-on", to=RYOKO))
            assert "審査 良子 様に送りました" in done and "取り次いだ方" in done
            again = await ops.sends(f"/desk/inquiries/{number}/pass-on", to=RYOKO)
            assert (again.status_code, "すでに取り次いでいます" in again.text) == (409, True)
        unnamed = words(await ops.sends("/desk/inquiries/2/pass-on", to=OPERATOR))
        assert f"{OPERATOR}に送りました" in unnamed
        desk.deliver()
        first, _ = desk.person("審査 良子", RYOKO).mails
        assert "担当者交代の件で、教えてください。" in first.text
        assert words(await ryoko.get("/desk/inquiries")).count("自分あて") == 2
        desk.person("審査 良子", RYOKO).replies(first, "台帳でお直しします。\n")
        answered = await ryoko.sends("/desk/inquiries/2/answer", words="月末に請求します。", do="answer")
        assert "送る列に入れました" in answered.text
        late = await ops.sends("/desk/inquiries/1/pass-on", to=RYOKO)
        assert (late.status_code, "先に対応しました" in late.text) == (409, True)
        assert (await ops.sends("/desk/inquiries/99/pass-on", to=RYOKO)).status_code == 404
    desk.deliver()
    answers = [got.text for got in taro.mails if got.kind == "message"]
    assert ["台帳でお直しします。" in answers[0], "月末に請求します。" in answers[1]] == [True, True]
    passed = [f"inquiry {number} passed on to {to}" for number, to in ((1, RYOKO), (2, RYOKO), (2, OPERATOR))]
    assert actions(desk, OPS)[1:] == passed
    read_all(desk)


def test_who_got_an_inquiry_later_is_reminded_and_told_of_its_end(desk: DeskUnderTest, taro: Person) -> None:
    """In her digest, as the page shows it for her; once its first reader has answered, she is told like the others."""
    ryoko, operator = desk.person("審査 良子", RYOKO), desk.person("", OPERATOR)
    taro.sends("請求の件で、教えてください。\n", subject="請求の件")
    asked = operator.gets("inquiry")
    with desk.store.transaction():
        assert pass_to(1, RYOKO, OPS, desk.clock.now(), desk.context) not in list(NotPassedOn)
    desk.deliver()
    read_all(desk)
    at(desk, 2026, 11, 24, 9)
    assert "請求の件で" in ryoko.gets("digest").text
    operator.replies(asked, "月末に請求します。\n")
    assert "月末に請求します。" in ryoko.gets("update").text
    read_all(desk)


@pytest.mark.parametrize("state", [OutboxState.STOPPED, OutboxState.FAILED])
def test_a_late_delivery_report_changes_nothing(desk: DeskUnderTest, taro: Person, state: OutboxState) -> None:
    """Mail systems repeat their reports: an operator who has stopped the notice after the first is not overruled."""
    taro.sends("ヘルプ", "ヘルプ")
    to = taro.gets("answer").envelope_sender
    bounce(desk, to, 1)
    if state is OutboxState.STOPPED:
        assert stop(1, "told by telephone", OPS, desk.clock.now(), desk.context) is None
    bounce(desk, to, 2)
    assert item(desk, 1).state is state
    read_all(desk)


async def test_somebody_who_is_not_registered_is_registered_with_the_mail(desk: DeskUnderTest) -> None:
    """As by the command: at the office that is named or another, of unproven mail with a tick, once; nobody twice."""
    goro = desk.person("通関 五郎", "goro@naxtrade.example")
    goro.sends(FORM, "申込")
    goro.sends("新任です。", "担当者交代のご連絡（XYZ999）")
    read_all(desk)
    async with logged_in(desk, OPS, OPERATE) as ops, logged_in(desk, READER, READ) as reader:
        read_all(desk)
        listed = words(await reader.get("/desk/quarantine/newcomers"))
        assert "通関 五郎" in listed and "NAC001" in listed and "XYZ999" not in listed
        assert (await reader.get("/desk/quarantine/newcomers/1")).status_code == 403
        quarantine = await ops.get("/desk/quarantine")
        assert "登録のある方" not in quarantine.text and "登録を検討する" in quarantine.text
        shown = await ops.get("/desk/quarantine/newcomers/1")
        assert "申込担当者として登録しますか" in shown.text and "03-0123-4567" not in shown.text
        assert "この事業所コードは台帳にありません" in (await ops.get("/desk/quarantine/newcomers/1?office=zzz")).text
        assert (await ops.sends("/desk/quarantine/newcomers/1", office="zzz")).status_code == 409
        assert "申込担当者として登録する" in (await ops.get("/desk/mails/2")).text
        assert 'name="office" value=""' in (await ops.get("/desk/quarantine/newcomers/2")).text
        with desk.store.transaction():
            InboxRow.update(evidence={"peer": "192.0.2.9", "dmarc": "fail"}).where(InboxRow.id == 2).execute()
        desk.context.settings.__dict__["proof_required"] = True
        assert "確認できません" in (await ops.get("/desk/quarantine/newcomers/2?office=NAC002")).text
        without = await ops.sends("/desk/quarantine/newcomers/2", office="NAC002")
        assert (without.status_code, "印を付けてください" in without.text) == (422, True)
        done = await ops.sends("/desk/quarantine/newcomers/1", office="nac001", checked="1")
        assert (done.status_code, "登録し、メール 1 を" in words(done)) == (200, True)
        again = await ops.sends("/desk/quarantine/newcomers/1", office="NAC001")
        assert (again.status_code, "すでに隔離されていません" in again.text) == (409, True)
        desk.context.settings.__dict__["proof_required"] = False
        not_named = await ops.sends("/desk/quarantine/newcomers/2", office="NAC002")
        assert (not_named.status_code, 'name="checked"' in not_named.text) == (422, True)
        other = await ops.sends("/desk/quarantine/newcomers/2", office="NAC002", checked="1")
        assert (other.status_code, "ほかの事業所に登録のある方です" in other.text) == (409, True)
        assert (await ops.get("/desk/quarantine/newcomers/99")).status_code == 404
        assert "登録のない方からのメールはありません" in (await ops.get("/desk/quarantine/newcomers")).text
    with desk.store.reading():
        office = offices.office("NAC001")
    assert office is not None and "goro@naxtrade.example" in [one.email for one in office.contacts]
    released = next(one for one in actions(desk, OPS) if one.startswith("released mail #1"))
    assert "registered goro@" in released and "not proven, after the office was asked" in released
    read_all(desk)


async def test_a_mail_leads_to_those_beside_it(
    desk: DeskUnderTest, taro: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the list that its reader comes from; a mail with several rows does not lead round in a circle."""
    desk.person("", "goro@nowhere.example").sends("ご案内", "講習", Precedence="bulk")
    taro.sends("ヘルプ", "ヘルプ")
    async with logged_in(desk, OPS, OPERATE) as ops:
        await ops.sends("/desk/quarantine/release", mail="1")
        read_all(desk)

        async def follows(path: str, rel: str) -> list[str]:
            found: list[str] = []
            while True:
                page = (await ops.get(path)).text
                link = re.search(rf'href="(/desk/mails/[^"]+)" rel="{rel}"', page)
                if link is None or len(found) > 9:
                    return found
                path = unescape(link[1])
                found.append(path.partition("?")[0].rpartition("/")[2])

        with desk.store.reading():
            rows = list(mail_list.page(desk.store, mail_list.Filters(), Place()).rows)
        listed = [one.number for one in rows]
        assert listed.count("1") == 2
        newest, oldest = (f"/desk/mails/{one.number}?row={one.row.id}" for one in (rows[0], rows[-1]))
        assert await follows(newest, "next") == listed[1:]
        assert await follows(oldest, "prev") == listed[-2::-1]
        incoming = (await ops.get("/desk/log?direction=in&q=講習")).text
        first = unescape(re.findall(r'href="(/desk/mails/[^"]+)"', incoming)[0])
        assert "direction=in" in first and await follows(first, "next") == ["1"]
        assert 'href="/desk/log?q=' in (await ops.get(first)).text
        monkeypatch.setattr(beside, "MOST_READ", 1)  # what is searched may come after the rows that are looked into
        monkeypatch.setattr(mail_list, "_AT_ONCE", 1)
        for at, edge in ((rows[0], "after"), (rows[-1], "before")):
            page = (await ops.get(f"/desk/mails/{at.number}?q=費用&row={at.row.id}")).text
            assert re.search(rf'href="/desk/log\?q=[^"]+&amp;{edge}=\d+"', page), edge
    read_all(desk)
