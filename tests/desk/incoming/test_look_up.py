"""Where a reply token counts: in the address that the mail was sent to, and nowhere else (T-44)."""

from dataclasses import replace

import pytest

from mailbot.desk.incoming.look_up import look_up
from mailbot.mail.message import read
from mailbot.model.evidence import Evidence
from mailbot.model.people import Role
from mailbot.model.queued_mail import Envelope, InboxItem
from tests.testkit.desk import FORM, DeskUnderTest, Person

DESK = "desk@desk.example"


@pytest.mark.parametrize(
    ("recipient", "header", "source", "found"),
    [
        ("own", "To: <{}>", "smtp", True),
        ("own", "To: desk@desk.example", "smtp", True),
        (DESK, "To: <{}>", "smtp", False),
        (DESK, "Cc: <{}>", "smtp", False),
        (DESK, "References: <{}>", "smtp", False),
        (DESK, "In-Reply-To: <{}>", "smtp", False),
        (DESK, "Subject: {}", "smtp", False),
        (DESK, "To: <{}>", "imap", True),  # a provider's Delivered-To may lack the tag
        (DESK, "References: <{}>", "imap", False),
        ("bounces", "To: desk@desk.example", "smtp", False),
    ],
)
def test_where_a_token_counts(
    desk: DeskUnderTest, taro: Person, recipient: str, header: str, source: str, found: bool
) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    address = {"own": received.reply_to, "bounces": received.envelope_sender}.get(recipient, recipient)
    raw = f"From: {taro.address}\r\n{header.format(received.reply_to)}\r\n\r\nx\r\n".encode()
    item = InboxItem(9, Envelope(taro.address, (address,)), raw, Evidence(), desk.clock.now(), source=source)
    with desk.store.reading():
        known = look_up(item, read(raw), desk.context, ())
    assert (known.grant is not None) is found


def test_a_thread_is_a_hint(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> None:
    """It tells which application is meant to those who may know it, and the role of the notice to its recipient."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    application = desk.application(request.receipt)
    for who, is_known, role in (
        (ichiro.address, True, Role.REVIEWER),
        (taro.address, True, None),
        (hanako.address, True, None),
        ("eve@attack.co.jp", False, None),
        ("bob@skyforwarding.example", False, None),
    ):
        raw = f"From: {who}\r\nReferences: {request.message['Message-ID']}\r\n\r\nx\r\n".encode()
        item = InboxItem(9, Envelope(who, (DESK,)), raw, Evidence(), desk.clock.now())
        with desk.store.reading():
            known = look_up(item, read(raw), desk.context, ())
        assert (known.application == application, known.answered_role, known.grant) == (is_known, role, None), who
        assert (known.application is None) is not is_known


def test_of_somebody_in_both_roles_the_thread_tells_which(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    received, request = taro.gets("received"), ichiro.gets("review-request")
    both = known_of(desk, taro.address, str(received.message["Message-ID"]))
    reviewer = known_of(desk, ichiro.address, str(request.message["Message-ID"])).sender.reviewer
    for role, is_reviewer in ((Role.REVIEWER, True), (Role.CONTACT, False), (None, False)):
        sender = replace(both.sender, reviewer=reviewer)
        assert replace(both, sender=sender, answered_role=role).writes_as_reviewer is is_reviewer


def known_of(desk: DeskUnderTest, who: str, message_id: str):  # type: ignore[no-untyped-def]
    raw = f"From: {who}\r\nReferences: {message_id}\r\n\r\nx\r\n".encode()
    item = InboxItem(9, Envelope(who, (DESK,)), raw, Evidence(), desk.clock.now())
    with desk.store.reading():
        return look_up(item, read(raw), desk.context, ())


def test_of_several_notices_in_a_thread_the_one_to_the_author_is_answered(
    desk: DeskUnderTest, taro: Person, hanako: Person
) -> None:
    taro.sends(FORM)
    own, other = taro.gets("received"), hanako.gets("received")
    known = known_of(desk, taro.address, f"{own.message['Message-ID']} {other.message['Message-ID']}")
    assert (known.answered_role, known.answered == own.text) == (Role.CONTACT, True)
    assert known_of(desk, taro.address, str(other.message["Message-ID"])).answered == ""
