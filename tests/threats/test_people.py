"""What a stranger, a robot or a careless colleague sends, and what must not come of it."""

import re
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Disposition, OutboxState
from mailbot.records.applications import application_store
from mailbot.records.queues import outbox
from mailbot.records.register import offices
from mailbot.text import has_invisible
from tests.testkit.desk import FORM, DeskUnderTest, Person

BIDI = "\u202e\u2066\u200b\u2069\U000e0041"


@pytest.mark.parametrize("field", ["備考：", "パスワード初期化の希望理由："])
def test_invisible_characters_are_shown_and_never_passed_on(
    desk: DeskUnderTest, taro: Person, ichiro: Person, field: str
) -> None:
    """T-28 (Trojan Source): in a value, a name and the subject."""
    taro.name = f"通関{BIDI}太郎"
    text = re.sub(f"{field}.*", f"{field}至急{BIDI}ください", FORM)
    taro.sends(text, f"パスワード初期化{BIDI}の申込")
    for person in (taro, ichiro):
        for got in person.mails:
            assert not has_invisible(got.text) and not has_invisible(got.subject) and not has_invisible(got.html)


def test_an_answer_never_goes_to_a_reply_to(desk: DeskUnderTest, taro: Person) -> None:
    """T-29."""
    taro.sends("ヘルプ\n", "質問", Reply_To="evil@evil.example")
    taro.gets("answer")
    taro.sends(FORM, Reply_To="evil@evil.example")
    taro.gets("received")
    assert "evil@evil.example" not in desk.people
    assert all(item.mail.recipient != "evil@evil.example" for item in outbox.listing())


def test_no_mail_changes_a_registered_address(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-60: the register is changed by its operators only."""
    before = offices.load_register()
    taro.sends(
        FORM.replace("\n【申込内容】", "\n【申込担当者】\n氏名：別人\nE-mailアドレス：new@evil.example\n\n【申込内容】")
    )
    taro.sends("登録メールアドレスを new@evil.example に変更してください。\n", "変更")
    ichiro.sends("審査担当者に evil@evil.example を追加してください。\n", "追加")
    assert offices.load_register() == before
    assert "new@evil.example" not in desk.people


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (
            "no-reply@slack.example",
            "Confirm your email address",
            "Your code is 123-456\nhttps://slack.example/confirm/x",
        ),
        (
            "admin@ca.example",
            "SSL domain validation",
            "To approve the certificate follow this link: https://ca.example/x",
        ),
        ("help@shop.example", "パスワードの再設定", "以下のリンクから再設定してください。\nhttps://shop.example/reset"),
    ],
)
def test_the_desks_address_proves_nothing_to_other_services(
    desk: DeskUnderTest, sender: str, subject: str, text: str
) -> None:
    """T-61: such mail is kept for an operator and never answered."""
    service = desk.person("", sender)
    assert service.sends(text, subject).disposition is Disposition.QUARANTINED
    assert desk.silent()


@pytest.mark.parametrize("header", ["From", "Sender"])
def test_mail_in_the_desks_own_name(desk: DeskUnderTest, header: str) -> None:
    """T-65."""
    mail = EmailMessage()
    mail["From"] = "desk@desk.example" if header == "From" else "eve@evil.example"
    mail["Sender"] = "desk@desk.example"
    mail["To"], mail["Message-ID"] = "desk@desk.example", "<own@desk.example>"
    mail.set_content(FORM)
    assert desk.receives(mail.as_bytes(policy=SMTP), "desk@desk.example").disposition is Disposition.QUARANTINED
    if header == "Sender":  # to the operators, eve is somebody who writes for an office
        desk.person("", "operator@desk.example").gets("alert")
    assert desk.silent() and application_store.listing() == []


def test_forged_reports_of_failure_are_no_reports(desk: DeskUnderTest, taro: Person) -> None:
    """T-68: a report counts only at the Return-Path of the notice it is about."""
    taro.sends(FORM)
    received = taro.gets("received")
    report = (
        b"From: MAILER-DAEMON@mx.example\r\nTo: desk@desk.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; taro@naxtrade.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    for number in range(100):
        for address in (f"desk-bounces+{number:08d}.{'a' * 16}@desk.example", "desk@desk.example"):
            outcome = desk.receives(report + b"%d" % number, "", address)
            assert outcome.disposition is Disposition.QUARANTINED
    desk.person("", "operator@desk.example").gets_nothing()
    sent = next(item for item in outbox.listing() if item.mail.message_id == str(received.message["Message-ID"]))
    assert sent.state is OutboxState.SENT


def test_bare_line_breaks_end_at_the_desk(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-3: out of a mailbox they can come; what the desk sends on has none."""
    raw = (
        b"From: taro@naxtrade.example\r\nTo: desk@desk.example\r\nMessage-ID: <bare@naxtrade.example>\r\nSubject: x\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + FORM.replace("\n", "\r\n").encode()
    ).rstrip() + b"a\rb\nc\n.\nMAIL FROM:<x@y>\r\n.\rd\r\n"
    desk.receives(raw, taro.address)
    sent = [item.mail.raw for item in outbox.listing()]
    assert sent and all(one.count(b"\r\n") == one.count(b"\r") == one.count(b"\n") for one in sent)


@pytest.mark.parametrize(
    "headers",
    [
        "",
        "Date: Fri, 99 Foo 99999 99:99:99 +9999\r\n",
        "Date: Mon, 01 Jan 0001 00:00:00 +0000\r\n",
        "Date: \r\nMessage-ID: \r\n",
        "Message-ID: <<>>\r\n",
        "Message-ID: " + "x" * 5000 + "\r\n",
    ],
)
def test_without_a_date_or_an_id(desk: DeskUnderTest, taro: Person, headers: str) -> None:
    """T-80: the time of arrival counts."""
    head = "From: taro@naxtrade.example\r\nTo: desk@desk.example\r\nContent-Type: text/plain; charset=utf-8\r\n"
    raw = f"{head}{headers}\r\n{FORM}".replace("\r\n", "\n").replace("\n", "\r\n").encode()
    assert desk.receives(raw, taro.address).reason == "submitted"
    assert desk.application("2600001C").submitted_at == desk.clock.now()
    assert desk.application("2600001C").state is State.RECEIVED


@pytest.mark.parametrize(
    "address",
    [
        "t\u0430ro@naxtrade.example",  # Cyrillic a
        "ｔａｒｏ@naxtrade.example",
        "taro@naxtrade\u3002example",
        "taro@n\u0430xtrade.example",
        "taro@na\u200bxtrade.example",
        "taro @naxtrade.example",
        "taro@xn--nxtrade-8ve.example",
    ],
)
def test_an_address_that_looks_alike_is_another_one(desk: DeskUnderTest, address: str) -> None:
    """T-27."""
    raw = (
        f"From: <{address}>\r\nTo: desk@desk.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{FORM}".encode()
    )
    outcome = desk.receives(raw, "x@evil.example")
    assert outcome.disposition is Disposition.QUARANTINED
    if outcome.reason == "newcomer":
        desk.person("", "operator@desk.example").gets("alert")
    assert desk.silent() and application_store.listing() == []
