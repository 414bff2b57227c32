"""Tests of mail.automatic and mail.bounces (T-62, T-63)."""

import pytest

from mailbot.mail.automatic import automatic_by_structure, automatic_by_words, detect_automatic
from mailbot.mail.bounces import failure_in_words, failures
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


ABSENCES = [
    ("x", "ただいま不在にしております。12月1日以降に改めてご連絡いたします。"), ("【不在のご連絡】11/27-12/1", "期間：11月27日～12月1日"),
    ("x", "このメールは自動的に送信されています。\n審査 一郎は11/27より長期出張中です。"), ("x", "誠に勝手ながら、12月29日～1月3日は年末年始休業とさせていただきます。"),
    ("x", "下記の期間、お休みをいただいております。\n12/1～12/5"), ("x", "現在、育休中です。"), ("x", "11月末をもって退職いたしました。\nこのメールは送信専用です。"),
    ("x", "私は12月5日まで出張しております。"), ("x", "席を外しております。\n自動返信メールです。"), ("休暇のお知らせ", "よろしくお願いします。"),
    ("出張中", "ご不便をおかけします。"), ("x", "I will be out of the office until Monday."), ("x", "I am on annual leave."), ("Automatic reply: x", "Thank you."),
    ("開封済み: 【審査依頼】x [2600001C]", "2600001C は開封されました。"), ("未開封: x", "は開封されずに削除されました。"), ("承諾済み: x", ""), ("辞退: x", ""),
    ("Read: x", ""), ("【受付】お問い合わせを受け付けました", "担当者よりご連絡いたします。"), ("x", "お問い合わせありがとうございます。担当者より順次ご連絡いたします。"),
    ("x", "ご返信いただいてもお答えできません。"), ("x", "This is an automated message. Please do not reply to this email."), ("x", "本メールは自動配信です。"),
]  # fmt: skip
PERSONS = [
    "明日は出張のため、明後日に確認します。", "担当者が不在のため、私が代わりにお願いします。", "自動返信が届きましたが、担当の方に繋いでください。", "休業日を教えてください。",
    "12月29日は休業ですか？", "不在時の連絡先を変更できますか", "お世話になっております。よろしくお願いいたします。", "ありがとうございました。", "ログインできません。",
    "メールが送信エラーになるのですが、どうすればよいでしょうか。", "ご連絡ありがとうございます。承知しました。", "2600001C の件、担当者は不在です。",
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), ABSENCES)
def test_what_a_machine_says(subject: str, text: str) -> None:
    raw = f"From: a@x.example\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    assert automatic_by_words(read(raw), text) is not None


@pytest.mark.parametrize("text", PERSONS)
def test_what_a_person_says(text: str) -> None:
    assert kind(body=text) is None


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("taro にメッセージを配信できませんでした。", "failed"), ("宛先が見つかりません。<taro@x.example>", "failed"), ("メールボックスの容量を超過しています", "failed"),
        ("ユーザーが不明です", "failed"), ("お届けできませんでした。", "failed"), ("受信を拒否されました", "failed"), ("該当のアドレスは存在しません。宛先不明", "failed"),
        ("<taro@x.example>: user unknown", "failed"), ("Your message could not be delivered.", "failed"), ("550 5.1.1 no such user", "failed"),
        ("The mailbox is full", "failed"), ("recipient address rejected", "failed"), ("Returned mail: see transcript", "failed"), ("Undeliverable", "failed"),
        ("Delivery to the following recipient failed permanently", "failed"), ("account is disabled", "failed"), ("メールが戻ってきました", "failed"),
        ("配送に失敗しました。5.4.1", "failed"), ("まだ配信できていません。引き続き試みます。", "delayed"), ("配信が遅延しています", "delayed"),
        ("Delivery is delayed. It will be retried. 4.4.7", "delayed"), ("451 4.7.1 mailbox unavailable", "delayed"),
    ],
)  # fmt: skip
def test_a_report_in_free_text_at_the_return_path(text: str, action: str) -> None:
    found = failure_in_words("x", text)
    assert found is not None and found.action == action


@pytest.mark.parametrize("text", ["ありがとうございました。", "ただいま不在にしております。", "OK", ""])
def test_a_reply_at_the_return_path_is_no_report(text: str) -> None:
    assert failure_in_words("Re: x", text) is None


@pytest.mark.parametrize(
    ("headers", "certain"),
    [("List-Unsubscribe: <mailto:u@x.example>\r\n", False), ("X-Loop: a@x.example\r\n", False), ("List-Id: <a.x.example>\r\n", True), ("Precedence: list\r\n", True), ("Auto-Submitted: auto-replied\r\n", True)],
)  # fmt: skip
def test_what_a_persons_mail_may_have_too(headers: str, certain: bool) -> None:
    raw = f"From: a@x.example\r\nSubject: x\r\n{headers}\r\nx".encode()
    found = automatic_by_structure(read(raw), PERSON)
    assert found is not None and found.certain is certain
