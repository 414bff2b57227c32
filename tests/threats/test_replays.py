"""Genuine signed mails, sent again by somebody who has a copy: nothing changes, and nobody is troubled (T-23)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailbot.records.applications import application_store
from tests.testkit.desk import FORM, DeskUnderTest
from tests.testkit.mail_domains import COVERED, signed, zones_of
from tests.testkit.strict_desk import ICHIRO, TARO, mail, replies, said, sends, strict_desk

DESK = "desk@desk.example"
Change = Callable[[bytes], bytes]


def header(line: str) -> Change:
    """One more header field on top, which the signature does not cover."""
    return lambda raw: f"{line}\r\n".encode() + raw


def the_same(raw: bytes) -> bytes:
    return raw


def another_message_id(raw: bytes) -> bytes:
    return re.sub(rb"(?im)^Message-ID: .*?\r\n", b"Message-ID: <another@attack.co.jp>\r\n", raw, count=1)


def refolded_signature(raw: bytes) -> bytes:
    """The same octets of b=, with other white space in it."""
    return re.sub(rb"\bb=([A-Za-z0-9+/]{20})", rb"b=\1\r\n  ", raw, count=1)


def other_white_space(raw: bytes) -> bytes:
    """What relaxed canonicalization takes for the same (RFC 6376 §3.4.2)."""
    return raw.replace(b"\r\nSubject: ", b"\r\nSUBJECT:   ", 1)


def a_second_signature(raw: bytes) -> bytes:
    return signed(raw, "attack.co.jp", include_headers=[b"from", b"subject", b"date", b"to", b"content-type"])


REPLAYS: dict[str, tuple[Change, tuple[str, ...]]] = {
    "a second later": (the_same, ()),
    "RCPT twice": (the_same, (DESK, DESK)),
    "RCPT in capitals": (the_same, ("DESK@desk.example",)),
    "… of the domain": (the_same, ("desk@DESK.EXAMPLE",)),
    "RCPT and somebody else": (the_same, (DESK, "nobody@elsewhere.example")),
    "at the bare address": (the_same, (DESK,)),
    "at another reply address": (the_same, ("other",)),
    "… with a hyphen": (the_same, ("hyphen",)),
    "… with an encoded plus": (the_same, ("=2b",)),
    "at two reply addresses": (the_same, ("own", "other")),
    "another Message-ID": (another_message_id, ()),
    "another way": (header("Received: from mx.attack.co.jp by x; Fri, 20 Nov 2026 10:00:00 +0900"), ()),
    "another Return-Path": (header("Return-Path: <any@attack.co.jp>"), ()),
    "another thread": (header("In-Reply-To: <x@desk.example>"), ()),
    "a Reply-To": (header("Reply-To: any@attack.co.jp"), ()),
    "a Cc to the desk": (header("Cc: desk@desk.example"), ()),
    "a list's header": (header("X-Forwarded-To: desk@desk.example"), ()),
    "a refolded signature": (refolded_signature, ()),
    "other white space": (other_white_space, ()),
    "blank lines at the end": (lambda raw: raw + b"\r\n\r\n", ()),
    "a second signature": (a_second_signature, ()),
    "all of it": (lambda raw: refolded_signature(another_message_id(other_white_space(raw))), ("other",)),
}


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[DeskUnderTest]:
    zones = zones_of({domain: "v=DMARC1; p=reject" for domain in ("naxtrade.example", "desk.example", "attack.co.jp")})
    with strict_desk(tmp_path, zones) as desk:
        yield desk


def signed_mail(desk: DeskUnderTest, sender: str, text: str, to: str, **headers: str) -> bytes:
    """A mail whose signature does not cover Message-ID and the thread, as with some signers."""
    raw = mail(desk, sender, text, to, **headers)
    covered = [
        name for name in COVERED if name not in (b"message-id", b"in-reply-to", b"references", b"reply-to", b"cc")
    ]
    return signed(raw, sender.rpartition("@")[2], include_headers=covered)


def state() -> object:
    return [
        (a.id, a.state, a.revision.number, a.revision.filled.text("remarks"), len(a.steps))
        for a in application_store.listing()
    ]


def replay_all(desk: DeskUnderTest, raw: bytes, own: str, other: str) -> None:
    before = state()
    addresses = {"own": own, "other": other, "hyphen": own.replace("+", "-"), "=2b": own.replace("+", "=2b")}
    for name, (change, recipients) in REPLAYS.items():
        to = tuple(addresses.get(one, one) for one in recipients) or (own,)
        outcome = desk.receives(change(raw), "any@attack.co.jp", *to, peer="192.0.2.1")
        assert outcome.disposition.value in ("recorded", "quarantined"), (name, said(outcome))
        assert state() == before, name
    desk.passes(days=6)
    assert desk.receives(raw, "any@attack.co.jp", own).reason == "duplicate"
    assert state() == before
    assert desk.silent()


def forget(desk: DeskUnderTest) -> None:
    for person in desk.people.values():
        person.forgets()


def test_an_application_is_submitted_once(strict: DeskUnderTest) -> None:
    raw = signed_mail(strict, TARO, FORM, DESK)
    assert said(strict.receives(raw, TARO, DESK)) == "carried_out submitted"
    other = strict.person("", ICHIRO).gets("review-request").reply_to
    forget(strict)
    replay_all(strict, raw, DESK, other)


def test_a_superseded_correction_does_not_come_back(strict: DeskUnderTest) -> None:
    sends(strict, TARO, FORM)
    taro, ichiro = strict.person("", TARO), strict.person("", ICHIRO)
    received, request = taro.gets("received"), ichiro.gets("review-request")
    first = signed_mail(strict, TARO, "修正\n備考：一回目\n", received.reply_to, subject=f"Re: {received.subject}")
    assert said(strict.receives(first, TARO, received.reply_to)) == "carried_out corrected"
    assert said(replies(strict, taro, received, "修正\n備考：二回目")) == "carried_out corrected"
    forget(strict)
    replay_all(strict, first, received.reply_to, request.reply_to)


def test_a_decision_is_made_once(strict: DeskUnderTest) -> None:
    sends(strict, TARO, FORM)
    taro, ichiro = strict.person("", TARO), strict.person("", ICHIRO)
    received, request = taro.gets("received"), ichiro.gets("review-request")
    asked = signed_mail(
        strict, ICHIRO, "確認依頼\n理由をお知らせください。\n", request.reply_to, subject=f"Re: {request.subject}"
    )
    assert said(strict.receives(asked, ICHIRO, request.reply_to)) == "carried_out asked"
    assert said(replies(strict, taro, received, "修正\n備考：回答します")) == "carried_out corrected"
    forget(strict)
    replay_all(strict, asked, request.reply_to, received.reply_to)


def test_a_copy_sent_before_does_not_displace_the_genuine_mail(strict: DeskUnderTest) -> None:
    """T-43: not signed, or signed by the attacker, it is nobody's."""
    raw = signed_mail(strict, TARO, FORM, DESK)
    plain = raw[raw.index(b"From: ") :]
    assert strict.receives(plain, "any@attack.co.jp", DESK).reason == "dmarc-fail"
    assert strict.receives(signed(plain, "attack.co.jp"), "any@attack.co.jp", DESK).reason in (
        "dmarc-fail",
        "duplicate",
    )
    assert said(strict.receives(raw, TARO, DESK)) == "carried_out submitted"
