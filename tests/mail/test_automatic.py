"""Tests of mail.automatic and mail.bounces (T-62, T-63)."""

import pytest

from mailbot.mail.automatic import detect_automatic
from mailbot.mail.bounces import failures
from mailbot.mail.message import read
from mailbot.model.queued_mail import Envelope

PERSON = Envelope("a@x.example", ("desk@desk.example",))


def kind(headers: str = "", body: str = "x", subject: str = "x", envelope: Envelope = PERSON) -> str | None:
    raw = f"From: a@x.example\r\nSubject: {subject}\r\n{headers}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}"
    found = detect_automatic(read(raw.encode()), envelope)
    return found.kind if found else None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("", None),
        ("Auto-Submitted: no\r\n", None),
        ("Auto-Submitted: auto-replied\r\n", "auto-reply"),
        ("Auto-Submitted: auto-generated; owner-email=x\r\n", "auto-reply"),
        ("Precedence: bulk\r\n", "auto-reply"),
        ("Precedence: list\r\n", "list"),
        ("X-Autoreply: yes\r\n", "auto-reply"),
        ("List-Id: <x.example>\r\n", "list"),
        ("X-Auto-Response-Suppress: All\r\n", None),  # alone it proves nothing
        ("X-Mailbot-Notice: received\r\n", "own"),
        ("Received: x\r\n" * 51, "loop"),
        ("Return-Path: <>\r\n", "bounce"),
    ],
)
def test_by_headers(headers: str, expected: str | None) -> None:
    assert kind(headers) == expected


def test_a_null_return_path_is_automatic() -> None:
    assert kind(envelope=Envelope("", ("desk@desk.example",))) == "bounce"


@pytest.mark.parametrize(
    "subject",
    ["自動応答: 不在にしております", "【自動返信】お問い合わせありがとうございます", "不在通知", "不在のお知らせ", "休暇中", "Out of Office: back Monday",
     "Automatic reply: x", "自動返信：Re: 【審査依頼】", "Re: 不在のお知らせ", "[Auto-Reply] x".replace("[", "").replace("]", "")],
)  # fmt: skip
def test_vacation_subjects_without_any_header(subject: str) -> None:
    """T-38."""
    assert kind(subject=subject) == "auto-reply"


@pytest.mark.parametrize(
    "body",
    ["このメールは自動返信です。", "11月20日から25日まで休暇をいただいております。", "I am out of the office until Monday.",
     "ただ今不在にしております。", "お世話になっております。\n現在、出張のため不在にしております。\n> 承認"],
)  # fmt: skip
def test_vacation_texts_without_any_header(body: str) -> None:
    """T-38."""
    assert kind(body=body) == "auto-reply"


@pytest.mark.parametrize(
    "body",
    ["希望理由：担当者が不在のため", "手続：パスワード初期化\n希望理由：現在担当者が休暇中のため引き継ぎがなく\n利用者コード：1ANAC", "承認",
     "担当者の不在時に引き継ぎがなかったため、パスワードが分かりません。"],
)  # fmt: skip
def test_an_application_may_speak_of_absence(body: str) -> None:
    assert kind(body=body) is None


def test_a_delivery_report_names_who_failed() -> None:
    report = (
        b"From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nundeliverable\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; taro@naxtrade.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    (failure,) = failures(report)
    assert (failure.recipient, failure.status, failure.is_permanent) == ("taro@naxtrade.example", "5.1.1", True)


@pytest.mark.parametrize(
    "subject",
    [
        "Undeliverable: 申込",
        "Returned mail: see transcript",
        "failure notice",
        "配信不能: 申込",
        "メール送信エラーのお知らせ",
    ],
)
def test_a_report_by_its_subject(subject: str) -> None:
    raw = f"From: system@x.example\r\nSubject: {subject}\r\n\r\nThe mail came back.\r\n".encode()
    found = detect_automatic(read(raw), Envelope("system@x.example", ()))
    assert found is not None and found.kind == "bounce"


@pytest.mark.parametrize(
    "subject", ["パスワード初期化の申込", "送信した申込について", "Re: delivery date", "宛名の変更"]
)
def test_a_person_who_writes_of_delivery(subject: str) -> None:
    raw = f"From: taro@x.example\r\nSubject: {subject}\r\n\r\nよろしくお願いします。\r\n".encode()
    assert detect_automatic(read(raw), Envelope("taro@x.example", ())) is None
