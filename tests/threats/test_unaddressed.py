"""Mails whose signature covers neither To nor Cc, as those of Microsoft 365: its author wrote them, perhaps to others (T-23)."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from mailbot.model.lifecycle import State
from mailbot.records.applications import application_store
from tests.testkit.desk import FORM, DeskUnderTest
from tests.testkit.mail_domains import signed, written, zones_of
from tests.testkit.strict_desk import ICHIRO, TARO, people_of, said, sends, strict_desk

DESK = "desk@desk.example"
COVERED = [b"from", b"date", b"subject", b"message-id", b"content-type", b"mime-version"]  # h= of Microsoft 365


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskUnderTest]:
    zones = zones_of({"naxtrade.example": "v=DMARC1; p=reject", "desk.example": "v=DMARC1; p=reject"})
    with strict_desk(tmp_path, zones) as opened:
        people_of(opened)
        yield opened


def unaddressed(
    desk: DeskUnderTest, author: str, text: str, to: str, subject: str, age: timedelta = timedelta()
) -> bytes:
    date, number = format_datetime(desk.clock.now() - age), desk.message_id("x.example")
    raw = written(text, author, to, date=date, message_id=number, subject=subject)
    return signed(raw, author.rpartition("@")[2], include_headers=COVERED)


def received(desk: DeskUnderTest, raw: bytes, author: str, *to: str) -> str:
    return said(desk.receives(raw, author, *to))


def submitted(desk: DeskUnderTest, form: str = FORM) -> tuple[str, str]:
    """Reply address and subject of the 審査依頼 of an application that was submitted."""
    ichiro = desk.people[ICHIRO]
    ichiro.mails.clear()
    assert said(sends(desk, TARO, form)) == "carried_out submitted"
    request = next(one for one in ichiro.mails if one.kind == "review-request")
    return request.reply_to, request.subject


def states() -> set[State]:
    return {one.state for one in application_store.listing()}


def test_a_decision_at_its_reply_address_needs_no_challenge(desk: DeskUnderTest) -> None:
    reply_to, subject = submitted(desk)
    raw = unaddressed(desk, ICHIRO, "承認\n", reply_to, f"RE: {subject}")
    assert received(desk, raw, ICHIRO, reply_to) == "carried_out approved"
    assert states() == {State.COMPLETED}


NOT_ENOUGH = {
    "another subject": ("ご確認ください", timedelta(), "承認\n", "challenged sender-not-proven"),
    "forwarded": ("Fw: {}", timedelta(), "承認\n", "challenged sender-not-proven"),
    "a forwarded reply": ("RE: 転送: {}", timedelta(), "承認\n", "challenged sender-not-proven"),
    "the mail of another day": ("RE: {}", timedelta(hours=25), "承認\n", "challenged sender-not-proven"),
}


@pytest.mark.parametrize("case", NOT_ENOUGH)
def test_what_the_signed_words_must_say(desk: DeskUnderTest, case: str) -> None:
    reply_to, subject = submitted(desk)
    form, age, text, expected = NOT_ENOUGH[case]
    raw = unaddressed(desk, ICHIRO, text, reply_to, form.format(subject), age)
    assert received(desk, raw, ICHIRO, reply_to) == expected
    assert states() == {State.RECEIVED}


def test_a_decision_to_somebody_else_at_the_reply_address_of_another_application(desk: DeskUnderTest) -> None:
    _, first = submitted(desk)
    other, _ = submitted(desk, FORM.replace("A0A", "A01"))
    raw = unaddressed(desk, ICHIRO, "承認\n", "hanako@naxtrade.example", f"RE: {first}")
    changed = raw.replace(b"To: hanako@naxtrade.example", f"To: {other}".encode())
    assert changed != raw
    assert received(desk, changed, ICHIRO, other) == "challenged sender-not-proven"
    assert states() == {State.RECEIVED}


def test_without_the_reply_address_it_is_asked_about(desk: DeskUnderTest) -> None:
    _, subject = submitted(desk)
    raw = unaddressed(desk, ICHIRO, "承認\n", DESK, f"RE: {subject}")
    assert received(desk, raw, ICHIRO, DESK) == "challenged sender-not-proven"


def test_an_application_is_asked_about_once(desk: DeskUnderTest) -> None:
    """It may have been written to a colleague: the desk asks, once for each signed mail, and nobody else can act."""
    taro = desk.people[TARO]
    raw = unaddressed(desk, TARO, FORM, "hanako@naxtrade.example", "申込の下書き")
    raw = raw.replace(b"To: hanako@naxtrade.example", b"To: desk@desk.example")
    assert received(desk, raw, TARO, DESK) == "challenged sender-not-proven"
    assert received(desk, b"Received: from x\r\n" + raw, TARO, DESK, "x@desk.example") == "recorded signature-used"
    assert application_store.listing() == []
    challenge = taro.gets("challenge")
    assert said(sends(desk, TARO, "確認\n", sign="", to=challenge.reply_to)).startswith("quarantined")
    assert received(desk, unaddressed(desk, TARO, "確認\n", challenge.reply_to, "RE: x"), TARO, challenge.reply_to) == (
        "carried_out confirmed"
    )
    assert states() == {State.RECEIVED}


def test_a_signature_that_names_its_recipients_is_not_widened(desk: DeskUnderTest) -> None:
    raw = signed(written(FORM, TARO, "x@elsewhere.example", date=format_datetime(desk.clock.now())), "naxtrade.example")
    assert received(desk, b"Cc: desk@desk.example\r\n" + raw, TARO, DESK) == "quarantined dmarc-fail"
    assert desk.people[TARO].mails == []
