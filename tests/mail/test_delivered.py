"""Tests of mail.delivered: the envelope from Return-Path, Delivered-To and similar fields."""

import pytest

from mailbot.mail.delivered import envelope_of

DESK = "desk@desk.example"
TAGGED = "desk+ab.cd@desk.example"
BOUNCES = "desk-bounces+ab.cd@desk.example"


@pytest.mark.parametrize(
    ("headers", "recipients"),
    [
        (f"Delivered-To: {TAGGED}\nTo: {DESK}", (TAGGED,)),
        (f"X-Original-To: {BOUNCES}\nTo: {DESK}", (BOUNCES,)),
        (f"Envelope-To: {TAGGED}", (TAGGED,)),
        (
            f"Received: from mx by vm with LMTP\n\tfor <{TAGGED}>; Fri, 20 Nov 2026 10:00:00 +0900\nTo: x@y.jp",
            (TAGGED,),
        ),
        (f"Received: by vm; Fri, 20 Nov 2026 10:00:00 +0900\nTo: 申込デスク <{TAGGED}>", (TAGGED,)),
        (f"To: x@y.jp\nCc: a@b.jp, {TAGGED}", (TAGGED,)),
        ("To: x@y.jp", (DESK,)),
        ("", (DESK,)),
    ],
)
def test_recipients(headers: str, recipients: tuple[str, ...]) -> None:
    raw = f"{headers}\nFrom: taro@naxtrade.example\n\nx\n".encode()
    assert envelope_of(raw, DESK).recipients == recipients


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ("Return-Path: <>\nFrom: taro@naxtrade.example", ""),
        ("Return-Path: <a@b.jp>\nFrom: taro@naxtrade.example", "a@b.jp"),
        ("From: 太郎 <taro@naxtrade.example>", "taro@naxtrade.example"),
        ("From: nobody", ""),
    ],
)
def test_sender(headers: str, sender: str) -> None:
    assert envelope_of(f"{headers}\n\nx\n".encode(), DESK).sender == sender
