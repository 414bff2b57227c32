"""Inquiries that bounce, loop, are forwarded, forged or far too large: each has its clear outcome, and nothing is lost."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.app.context import make_context
from mailbot.desk.inquiries import login_pause
from mailbot.desk.outgoing.security import notify_administrator
from mailbot.desk.website import login
from mailbot.desk.website.attempts import Client
from mailbot.model.evidence import Evidence
from mailbot.model.inquiry import InquiryState
from mailbot.model.lifecycle import State
from mailbot.model.people import ApplicantContact
from mailbot.model.queued_mail import Disposition
from mailbot.records.inquiries import inquiries, login_pauses
from mailbot.records.register import offices
from tests.conversations.test_inquiries import (
    ANSWER,
    QUESTION,
    R,
    ask,
    bring_to,
    flat,
    forget,
    one,
    operator,
)
from tests.testkit.desk import FORM, DeskUnderTest, Person, open_desk_under_test

__all__ = ["operator"]

CONCERN = "この申込に心当たりがありません。至急ご確認ください。"


def log_in(desk: DeskUnderTest) -> login.LoggedIn | login.Refused:
    return login.log_in("NAC001", "sample-NAC001", Client("192.0.2.1"), desk.clock.now(), desk.context)


def is_paused(desk: DeskUnderTest) -> bool:
    with desk.store.reading():
        return login_pauses.is_paused("NAC001")


def test_a_concern_holds_and_pauses(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, operator: Person
) -> None:
    taro.sends(FORM)
    notice = hanako.gets("received")
    forget(desk)
    assert hanako.replies(notice, CONCERN).reason == "concern"  # the 管理責任者 did not know of it
    application = desk.application(notice.receipt)
    assert application.held
    assert is_paused(desk)
    asked = operator.gets("inquiry")
    assert "保留しました" in flat(asked)
    assert "一時停止しました" in flat(asked)
    assert "一時停止しました" in flat(hanako.gets("answer"))
    taro.gets_nothing()
    # The applicant's history does not show it: it may be about the applicant.
    taro.sends("状況", f"Re: [{notice.receipt}]")
    assert "心当たり" not in flat(taro.gets("answer"))
    forget(desk)
    operator.replies(asked, "お電話で確認いたしました。")
    assert "お電話で" in flat(hanako.gets("message"))
    taro.gets_nothing()
    assert is_paused(desk)  # until an operator resumes it


def test_the_answer_to_a_concern_has_one_reader(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, operator: Person
) -> None:
    notice = bring_to(R, taro)
    taro.replies(notice, CONCERN)
    asked = operator.gets("inquiry")
    forget(desk)
    operator.replies(asked, "管理責任者様に確認いたします。")
    taro.gets("message")
    hanako.gets_nothing()


def test_the_reply_to_an_alert_about_a_password(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    bring_to(R, taro)
    with desk.store.transaction():
        office = offices.office("NAC001")
        assert office is not None
        notify_administrator(office, "password_seen", desk.clock.now(), desk.context, params={"read": ["1ANACA0A"]})
    desk.deliver()
    seen = hanako.gets("security")
    assert hanako.replies(seen, "確認しました。ありがとうございます。").reason == "courtesy"
    assert not is_paused(desk)
    assert hanako.replies(seen, "これは誰が見たのでしょうか。").reason == "concern"
    assert is_paused(desk)


def test_a_paused_log_in(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    before = log_in(desk)
    assert isinstance(before, login.LoggedIn)
    bring_to(R, taro)
    taro.sends("不正ログインがありました。", "至急")
    assert log_in(desk) == login.Refused(paused=True)
    wrong = login.log_in("NAC001", "wrong", Client("192.0.2.1"), desk.clock.now(), desk.context)
    assert wrong == login.Refused()  # whether it is paused is told to those alone who know the password
    with desk.store.transaction():
        assert login_pause.end("NAC001", "ops", desk.clock.now())
        assert not login_pause.end("NAC001", "ops", desk.clock.now())
    assert isinstance(log_in(desk), login.LoggedIn)


# ── what is not proven ───────────────────────────────────────────────────────────────────────────────────────────────
def strict(desk: DeskUnderTest) -> None:
    """From now on a From header is not believed."""
    settings = replace(desk.context.settings, proof_required=True)
    object.__setattr__(desk.context, "settings", settings)
    object.__setattr__(desk.context.tools, "authenticate", lambda item, message: Evidence(peer=item.evidence.peer))


def test_a_concern_that_anybody_could_have_forged(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person, operator: Person
) -> None:
    notice = bring_to(R, taro)
    strict(desk)
    outcome = taro.sends(CONCERN, f"Re: [{notice.receipt}]")
    assert (outcome.disposition, outcome.reason) == (Disposition.PASSED_ON, "concern-not-proven")
    assert "ご本人かどうか、まだ確認できていません" in flat(operator.gets("inquiry"))
    ichiro.gets_nothing()
    ryoko.gets_nothing()
    assert "一時停止" not in flat(taro.gets("answer"))
    assert not desk.application(notice.receipt).held
    assert not is_paused(desk)
    # With the token of a notice to this very person it is proven.
    assert taro.replies(notice, CONCERN).reason == "concern"
    assert desk.application(notice.receipt).held


def test_a_question_of_somebody_who_is_not_proven(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """The registered address is asked first; then the question is passed on."""
    bring_to(R, taro)
    strict(desk)
    assert taro.sends("費用はいくらですか。", "お問い合わせ").disposition is Disposition.CHALLENGED
    assert taro.replies(taro.gets("challenge"), "確認").reason == "confirmed"
    assert "費用はいくらですか。" in one(desk).words
    taro.gets("answer")


def test_a_stranger_with_a_copied_mail(desk: DeskUnderTest, taro: Person, ichiro: Person, operator: Person) -> None:
    notice = bring_to(R, taro)
    stranger = desk.person("", "stranger@evil.example")
    with_token = stranger.replies(notice, CONCERN)
    assert (with_token.disposition, with_token.reason) == (Disposition.QUARANTINED, "token-of-another-person")
    without = stranger.replies(notice, CONCERN, keep_tag=False, message_id="<x@evil.example>")
    assert without.reason == "concern-of-stranger"  # the Message-ID that it names proves nothing
    alone = stranger.sends(CONCERN, f"[{notice.receipt}]")
    assert (alone.disposition, alone.reason) == (Disposition.QUARANTINED, "concern-of-stranger")
    operator.gets("alert", "alert", "alert")
    stranger.gets_nothing()
    assert not desk.application(notice.receipt).held
    assert not is_paused(desk)


# ── what is odd ──────────────────────────────────────────────────────────────────────────────────────────────────────
def twenty_megabytes(taro: Person) -> None:
    taro.sends("添付の画面が出て進めません。", "お問い合わせ", files={"画面.png": bytes(20_000_000)})


def forwarded(taro: Person) -> None:
    mail = "---------- Forwarded message ---------\nFrom: 部下 五郎 <goro@naxtrade.example>\nDate: 2026/11/20\nSubject: 質問\nTo: 通関\n\n承認はいつですか。\n"
    taro.sends(f"下記の件、いかがでしょうか。\n\n{mail}", "Fwd: 質問")


def ten_thousand_lines(taro: Person) -> None:
    taro.sends("どうすればよいですか。\n" * 10_000, "お問い合わせ")


def invisible(taro: Person) -> None:
    taro.sends("どうすれば\u200b\u202eよいですか。", "お問い合わせ")


def a_file_alone(taro: Person) -> None:
    taro.sends("", "", files={"申込書.docx": b"x" * 1000})


def keywords_inside(taro: Person) -> None:
    taro.sends("次の返信は\n承認します、でよいですか。", "お問い合わせ")


ODD: dict[str, tuple[Callable[[Person], None], str]] = {
    "an attachment of 20 MB": (twenty_megabytes, "画面.png"),
    "a forwarded mail": (forwarded, "承認はいつですか。"),
    "ten thousand lines": (ten_thousand_lines, "…"),
    "invisible characters": (invisible, "\\u{200b}"),
    "a file and no words": (a_file_alone, "申込書.docx"),
    "keywords in the words": (keywords_inside, "承認します、でよいですか。"),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name.endswith("20 MB") else name for name in ODD]
)
def test_odd_inquiries(desk: DeskUnderTest, taro: Person, operator: Person, name: str) -> None:
    send, shown = ODD[name]
    send(taro)
    assert desk.last is not None
    assert desk.last.reason == "passed-on"
    asked = operator.gets("inquiry")
    assert shown in flat(asked)
    assert len(asked.raw) < 200_000
    taro.gets("answer")
    assert operator.replies(asked, ANSWER).reason == "inquiry-answered"
    assert ANSWER in flat(taro.gets("message"))


@pytest.mark.parametrize("registered", [True, False])
def test_another_address_in_the_display_name(
    desk: DeskUnderTest, taro: Person, ichiro: Person, operator: Person, *, registered: bool
) -> None:
    """T-16: it decides nothing, even with a form; a registered person's mail reaches a person with the reason."""
    address = taro.address if registered else "eve@evil.example"
    raw = (
        f'From: "boss@desk.example" <{address}>\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{FORM}'
    )
    outcome = desk.receives(raw.encode(), address)
    ichiro.gets_nothing()
    if not registered:
        assert (outcome.disposition, outcome.reason) == (Disposition.QUARANTINED, "at-in-display-name")
        operator.gets_nothing()
        return
    assert (outcome.disposition, outcome.reason) == (Disposition.PASSED_ON, "passed-on")
    asked = flat(operator.gets("inquiry"))
    assert "送信者の表示名に、別のアドレスがあります" in asked and "失念したため" in asked
    taro.gets("answer")
    desk.receives(f'From: "boss@desk.example" <{address}>\r\n\r\n'.encode(), address)
    assert "送信者の表示名に、別のアドレスがあります" in flat(operator.gets("alert"))  # nothing that could be passed on


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("X-Y: z\r\n" * 1001, "too-many-headers"),
        ("X-Y: z\r\n z\r\n" + " z\r\n" * 50_000, "header-too-large"),
        ("Content-Type: multipart/mixed; boundary=" + "b" * 1000 + "\r\n", "boundary-too-long"),
    ],
)
def test_a_mail_beyond_a_limit(desk: DeskUnderTest, taro: Person, operator: Person, header: str, reason: str) -> None:
    """Its author is told what to send instead, once a day."""
    raw = f"From: {taro.address}\r\nSubject: x\r\n{header}\r\n{QUESTION}"
    assert desk.receives(raw.encode(), taro.address).reason == reason
    taro.gets("answer")
    desk.receives(f"{raw}!".encode(), taro.address)
    assert desk.silent()


def report(recipient: str, number: int = 1) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: desk@desk.example\r\nContent-Type: multipart/report; boundary=b\r\n"
        f"Message-ID: <{number}@mx.example>\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\n"
        "Status: 5.1.1\r\n\r\n--b--\r\n"
    ).encode()


def test_an_address_that_bounces(desk: DeskUnderTest, taro: Person, ichiro: Person, operator: Person) -> None:
    """The answer cannot be delivered: the operators learn it, nothing is passed on again, and nothing is answered."""
    asked = ask(taro, ichiro)
    ichiro.replies(asked, ANSWER)
    message = next(got for got in taro.mails if got.kind == "message")
    forget(desk)
    assert desk.receives(report("taro@naxtrade.example"), "", message.envelope_sender).reason == "bounce"
    assert "taro@naxtrade.example" in operator.gets("alert").text
    taro.gets_nothing()
    ichiro.gets_nothing()
    with desk.store.reading():
        assert len(inquiries.listing()) == 1


def test_two_desks_do_not_answer_each_other_for_ever(desk: DeskUnderTest, taro: Person, operator: Person) -> None:
    """The other desk's answers look as if a person wrote them: each answer causes the next mail."""
    taro.sends("内容を読み取れませんでした。", "ご確認")
    mails = passed = 0
    for number in range(60):
        answers = [got for got in taro.mails if got.kind == "answer"]
        passed += len([got for got in operator.mails if got.kind == "inquiry"])
        forget(desk)
        if not answers:
            break
        mails += 1
        desk.passes(seconds=5)
        taro.replies(answers[-1], f"内容を読み取れませんでした。受付 {number}")
    limit = desk.context.settings.answers_per_hour
    assert mails == limit + 1  # the last one says that the mails are with a person
    assert passed <= limit + 1
    with desk.store.reading():
        assert len(inquiries.listing(InquiryState.OPEN)) == limit + 2  # each has its reader: none is lost
    for number in range(5):  # whatever still comes in this hour is kept, and neither answered nor mailed on
        taro.sends(f"内容を読み取れませんでした。再送 {number}", "ご確認")
    taro.gets_nothing()
    operator.gets_nothing()
    desk.passes(hours=1, minutes=1)
    taro.sends("内容を読み取れませんでした。まだ", "ご確認")
    operator.gets("inquiry")


def test_two_desks_that_know_each_other(desk: DeskUnderTest, tmp_path: Path) -> None:
    """Each has the other as a contact: what the first answers is automatic to the second, which stays silent."""
    other = open_desk_under_test(tmp_path / "other", seed=2)
    section = other.config.desk.model_copy(update={"address": "desk@other.example", "admin": ["ops@other.example"]})
    other.config = other.config.model_copy(update={"desk": section})
    other.context = make_context(other.config, other.store)
    for side, address in ((desk, "desk@other.example"), (other, "desk@desk.example")):
        with side.store.transaction():
            offices.add_contact("NAC001", ApplicantContact(name="相手", email=address))
    sides = {"desk@other.example": (desk, other), "desk@desk.example": (other, desk)}
    desk.person("", "desk@other.example").sends("費用はいくらですか。", "お問い合わせ")
    exchanged = 0
    for _ in range(10):
        for address, (sender, receiver) in sides.items():
            waiting = sender.person("", address)
            mails, waiting.mails = waiting.mails, []
            for got in mails:
                exchanged += 1
                receiver.receives(got.raw, got.envelope_sender, address)
    assert exchanged == 1
    assert other.last is not None
    assert (other.last.disposition, other.last.reason) == (Disposition.QUARANTINED, "own-notice")
    other.store.close()


def test_an_application_above_the_limit_is_answered(desk: DeskUnderTest, taro: Person) -> None:
    for number in range(desk.context.settings.answers_per_hour + 2):
        taro.sends(f"これは何ですか {number}", "質問")
    assert desk.last is not None
    assert (desk.last.disposition, desk.last.reason) == (Disposition.PASSED_ON, "passed-on-above-limit")
    told = [got for got in taro.mails if "担当者が拝見します" in got.subject]
    assert len(told) == 1
    forget(desk)
    assert taro.sends(FORM.replace("A0A", "AOA")).reason == "incomplete"
    taro.gets("invalid-input")
    assert taro.sends("状況", "状況").reason == "status"
    taro.gets("answer")
    assert taro.sends(FORM).reason == "submitted"
    assert desk.application(taro.gets("received").receipt).state is State.RECEIVED


def test_automatic_mail_is_never_passed_on(desk: DeskUnderTest, taro: Person, operator: Person) -> None:
    outcome = taro.sends(QUESTION, "Re: x", Auto_Submitted="auto-replied")
    assert outcome.disposition is Disposition.QUARANTINED
    assert desk.silent()
