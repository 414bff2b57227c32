"""Mail to postmaster: accepted for the operators, and no means to trouble anybody else (T-13, T-66)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.mail.tagged_addresses import is_postmaster
from mailbot.records.applications import application_store
from mailbot.records.queues import inbox
from mailbot.records.schema.application_tables import ReminderRow
from tests.runners.test_smtp import MAIL, dialogue, transaction
from tests.testkit.desk import FORM, DeskUnderTest, open_desk_under_test
from tests.testkit.strict_desk import TARO, said

DESK, POSTMASTER, EVE = "desk@desk.example", "postmaster@desk.example", "eve@attack.co.jp"
Start = Callable[..., Any]


@pytest.fixture
def desk(tmp_path: Path) -> DeskUnderTest:
    return open_desk_under_test(tmp_path)


def mail(number: int, text: str, sender: str = EVE, headers: str = "") -> bytes:
    head = f"From: {sender}\r\nTo: {POSTMASTER}\r\nSubject: x\r\nMessage-ID: <{number}@x>\r\n{headers}"
    lines = text.replace("\n", "\r\n")
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{lines}\r\n".encode()


@pytest.mark.parametrize("recipient", [POSTMASTER, "Postmaster", "POSTMASTER@Desk.Example"])
async def test_postmaster_is_a_recipient(start: Start, recipient: str) -> None:
    """T-13: RFC 5321 §4.5.1 demands it, with the domain and without, in any case."""
    desk = await start()
    *_, answer = await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n", recipient.encode()))
    assert answer == b"250 2.0.0 Stored safely as #1"
    mails = await asyncio.to_thread(desk.sink.wait_for, 1, 20)
    assert [one.recipients for one in mails] == [("operator@desk.example",)]
    kept = inbox.get(desk.context.store, 1)
    assert kept is not None and kept.envelope.recipients == (recipient,)


def test_what_is_no_postmaster() -> None:
    for recipient in ("postmaster@other.example", "postmaster+x@desk.example", "xpostmaster@desk.example", ""):
        assert not is_postmaster(recipient, DESK), recipient


def test_nothing_is_carried_out_or_answered(desk: DeskUnderTest) -> None:
    taro, operator = desk.person("taro", TARO), desk.person("operator", "operator@desk.example")
    assert said(desk.receives(mail(1, FORM, TARO), TARO, POSTMASTER)) == "quarantined for-postmaster"
    assert application_store.listing() == [] and taro.mails == []
    assert "パスワード初期化" in operator.gets("alert").text
    assert said(desk.receives(mail(2, FORM, TARO), TARO, POSTMASTER, DESK)) == "carried_out submitted"


def test_a_stranger_floods_nobody(desk: DeskUnderTest) -> None:
    """T-66: a few alerts an hour for all strangers together; a registered person's mail is told all the same."""
    operator = desk.person("operator", "operator@desk.example")
    for number in range(3 * 3):
        author = f"eve{number}@attack.co.jp"
        assert said(desk.receives(mail(number, "spam", author), author, POSTMASTER)) == "quarantined for-postmaster"
    assert [one.kind for one in operator.mails] == ["alert"] * 3
    desk.receives(mail(90, "証明書の件", TARO), TARO, POSTMASTER)
    assert len(operator.mails) == 3 + 1
    desk.clock.advance(timedelta(hours=1))
    desk.receives(mail(91, "spam"), EVE, POSTMASTER)
    assert len(operator.mails) == 3 + 2
    assert ReminderRow.select().where(ReminderRow.key.startswith("alert:for-postmaster")).count() == 1


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ("Auto-Submitted: auto-replied\r\n", EVE),
        ("", ""),
        ("X-Mailbot-Notice: alert\r\n", EVE),
        ("List-Id: <x>\r\n", EVE),
    ],
)
def test_no_robot_is_told_or_alerted_about(desk: DeskUnderTest, headers: str, sender: str) -> None:
    operator = desk.person("operator", "operator@desk.example")
    assert desk.receives(mail(1, "x", EVE, headers), sender, POSTMASTER).disposition == "quarantined"
    assert operator.mails == []


def test_alerts_about_one_thing_use_up_none_about_another(desk: DeskUnderTest) -> None:
    """T-66: a stranger who causes as many alerts as there may be hides nothing."""
    operator = desk.person("operator", "operator@desk.example")
    for number in range(12):
        text = "心当たりがありません。申込受付番号2600001Cについて、申込をしていません。"
        desk.receives(mail(number, text).replace(b"postmaster@", b"desk@"), EVE, DESK)
    before = len(operator.mails)
    assert before == 5
    desk.receives(mail(50, "x"), EVE, POSTMASTER)
    assert len(operator.mails) == before + 1
