"""What goes wrong gets a clear answer to the right person, and changes nothing it should not."""

from dataclasses import replace

import pytest

from mailbot.model.lifecycle import State
from mailbot.model.people import ApplicantContact
from mailbot.model.queued_mail import Disposition
from mailbot.model.register import Register
from mailbot.records.applications import application_store
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox
from mailbot.records.register import offices
from mailbot.records.schema.register_tables import OfficeRow
from tests.testkit.desk import FORM, DeskUnderTest, Person, gmail, no_quote, outlook


def test_a_mail_without_a_form_gets_the_empty_one(desk: DeskUnderTest, taro: Person, hanako: Person) -> None:
    outcome = taro.sends("パスワードを忘れました。どうすればよいでしょうか。", "お問い合わせ")
    assert (outcome.disposition, outcome.reason) == (Disposition.PASSED_ON, "passed-on")
    answer = taro.gets("answer")
    assert "手続：パスワード初期化" in answer.text
    assert "[ ] 1ANACA0A（net）" in answer.text
    hanako.gets_nothing()
    assert application_store.listing() == []


def test_the_empty_form_may_be_filled_in_where_it_is_quoted(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends("様式：パスワード初期化", "様式")
    form = taro.gets("answer")
    filled = gmail(form).replace("> [ ] 1ANACA0A", "> [x] 1ANACA0A").replace("の希望理由：", "の希望理由：失念したため")
    assert taro.replies(form, "お願いします。", lambda _: filled).reason == "submitted"
    assert taro.gets("received").receipt == "2600001C"


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ("事業所コード：NAC999", "事業所コード：NAC001", "NAC999"),
        ("事業所コード：SKY001", "事業所コード：NAC001", "SKY001"),  # somebody else's
        ("識別番号：AOA", "識別番号：A0A", "A0A（ゼロ）ではありませんか"),
        ("識別番号：ZZZ", "識別番号：A0A", "ZZZ"),
        ("利用者コード：2ASKY\n識別番号：S0A", "利用者コード：1ANAC\n識別番号：A0A", "2ASKY"),  # registered, elsewhere
        ("NACCS登録希望日：2026年13月1日", "NACCS登録希望日：", "2026年13月1日"),
        ("反映タイミング：日付指定", "反映タイミング：最短", "NACCS登録希望日"),
        ("反映タイミング：日付指定\nNACCS登録希望日：20261120", "反映タイミング：最短\nNACCS登録希望日：", "当日"),
        ("反映タイミング：日付指定\nNACCS登録希望日：20261119", "反映タイミング：最短\nNACCS登録希望日：", "20261119"),
        ("希望理由：" + "あ" * 241, "希望理由：失念", "241"),
        ("備考：" + "𠮷" * 241, "備考：", "241"),
        ("希望理由：", "希望理由：失念", "希望理由"),
        ("E-mailアドレス：taro@naxtrade.example\nE-mailアドレス（確認用）：tarou@naxtrade.example",
         "E-mailアドレス：taro@naxtrade.example", "tarou@naxtrade.example"),
        ("E-mailアドレス：stranger@evil.example", "E-mailアドレス：taro@naxtrade.example", "stranger@evil.example"),
        ("電話番号：でんわ", "電話番号：03-0123-4567", "でんわ"),
        ("新しい識別番号：A0B", "識別番号：A0B", "新しい識別番号：A0B"),
    ],
)  # fmt: skip
def test_each_problem_is_said_and_one_line_mends_it(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, wrong: str, right: str, says: str
) -> None:
    lines = {line.partition("：")[0]: line for line in FORM.splitlines() if "：" in line}
    lines["パスワード初期化の希望理由"] = "希望理由：失念"
    for line in wrong.splitlines():
        label = line.partition("：")[0]
        known = {"希望理由": "パスワード初期化の希望理由", "反映タイミング": "NACCS反映タイミング"}.get(label, label)
        lines[known] = line
    outcome = taro.sends("\n".join(lines.values()))
    assert (outcome.disposition, outcome.reason) == (Disposition.ANSWERED, "incomplete")
    problem = taro.gets("invalid-input")
    assert says in problem.text.replace("\n", "")
    hanako.gets("invalid-input")
    ichiro.gets_nothing()
    assert [a.state for a in application_store.listing()] == [State.DRAFT]
    if "端末" not in wrong:  # a line nobody understands is asked about; it is gone with the next mail
        assert taro.replies(problem, f"修正\n{right}\n", outlook).reason == "submitted"
        assert taro.gets("received").receipt == "2600001C"


def test_what_is_left_blank_comes_from_the_register(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM.replace("【申込内容】", "氏名：\n氏名（フリガナ）：\n電話番号：\nE-mailアドレス：\n【申込内容】"))
    assert "0301234567" in taro.gets("received").text


def test_a_subject_and_one_line_are_an_application(desk: DeskUnderTest, taro: Person) -> None:
    assert taro.sends("利用者ID：1ANACA0A", "パスワード初期化").reason == "incomplete"
    assert "希望理由" in taro.gets("invalid-input").text


def test_all_problems_come_at_once(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(
        "手続：パスワード初期化\n利用者コード：1ANAC\n識別番号：AOA、ZZZ\n反映タイミング：日付指定\n登録希望日：昨日\n電話番号：x"
    )
    text = taro.gets("invalid-input").text.replace("\n", "")
    for part in ("AOA", "ZZZ", "昨日", "希望理由", "電話番号"):
        assert part in text


def test_a_foreign_id_is_told_in_the_words_of_an_unknown_one(desk: DeskUnderTest, taro: Person) -> None:
    """Nobody may find out what other offices have registered."""
    taro.sends(FORM.replace("1ANAC\n識別番号：A0A", "2ASKY\n識別番号：S0A"))
    foreign = taro.gets("invalid-input").text
    taro.sends(FORM.replace("1ANAC\n識別番号：A0A", "9ASKY\n識別番号：S0A"))
    unknown = taro.gets("invalid-input").text
    assert foreign.replace("2ASKY", "9ASKY").split("→")[0] == unknown.split("→")[0]


def test_the_same_id_in_another_open_application(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    outcome = taro.sends(FORM, "もう一度")
    assert outcome.reason == "incomplete"
    assert receipt in taro.gets("invalid-input").text
    ichiro.gets("review-request")


def test_the_same_mail_twice_is_carried_out_once(desk: DeskUnderTest, taro: Person) -> None:
    """T-42."""
    assert taro.sends(FORM, message_id="<same@naxtrade.example>").reason == "submitted"
    taro.gets("received")
    outcome = taro.sends(FORM, message_id="<same@naxtrade.example>")
    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, "duplicate")
    taro.gets_nothing()


def test_two_different_mails_with_one_message_id_are_both_read(desk: DeskUnderTest, taro: Person) -> None:
    """T-43: a Message-ID is chosen by whoever writes."""
    stranger = desk.person("", "stranger@evil.example")
    stranger.sends("x", message_id="<chosen@naxtrade.example>")
    assert taro.sends(FORM, message_id="<chosen@naxtrade.example>").reason == "submitted"


def test_an_empty_correction(desk: DeskUnderTest, taro: Person, hanako: Person) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    hanako.forgets()
    outcome = taro.replies(received, "修正\n")
    assert outcome.reason == "empty-correction"
    taro.gets("answer")
    hanako.gets_nothing()
    assert desk.application(received.receipt).revision.number == 1


def test_a_correction_that_fails_its_checks_is_kept_for_the_next_try(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    assert taro.replies(received, "修正\n備考：急ぎます\n識別番号：AOB").reason == "incomplete"
    assert desk.application(received.receipt).revision.number == 1
    problem = taro.gets("invalid-input")
    assert taro.replies(problem, "修正\n識別番号：A0B").reason == "corrected"
    filled = desk.application(received.receipt).revision.filled
    assert (filled.text("remarks"), filled.codes("user_ids")) == ("急ぎます", ("1ANACA0B",))


@pytest.mark.parametrize("text", ["取下げ\n2600001C 2600002C\n", "取下げ\n2600002C\n2600001C\n"])
def test_a_withdrawal_that_names_two_applications(desk: DeskUnderTest, taro: Person, text: str) -> None:
    """One of them would be withdrawn, and nothing said about the other: a person asks what is meant."""
    taro.sends(FORM)
    taro.sends(FORM.replace("A0A", "A0B"))
    assert taro.sends(text).reason == "passed-on"
    assert {one.state for one in map(desk.application, ("2600001C", "2600002C"))} == {State.RECEIVED}
    assert taro.sends("取下げ\n2600002C\n").reason == "withdrawn"


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (("検討します。", "承認"), "keyword-in-doubt"),
        (("", "検討します。", "承認"), "keyword-in-doubt"),
        (("承認", "----\n外部からのメールにご注意ください。"), "approved"),
        (("", "承認"), "approved"),
        (("承認", "差戻し"), "several-keywords"),
    ],
)
def test_a_keyword_in_a_later_text_part(
    desk: DeskUnderTest, taro: Person, ichiro: Person, parts: tuple[str, ...], reason: str
) -> None:
    """T-36: it may be a text that was forwarded, or the footer of a mailing list."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    head = f"From: ichiro@desk.example\r\nTo: {request.reply_to}\r\nMessage-ID: <r@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    part = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n"
    raw = f"{head}\r\n{''.join(map(part.format, parts))}--b--\r\n".encode()
    assert desk.receives(raw, ichiro.address, request.reply_to).reason == reason


def test_a_keyword_only_in_quoted_text(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-33."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    outcome = ichiro.replies(request, "確認中です。\n", lambda got: gmail(got) + "> 承認\n")
    assert outcome.reason == "reviewer-not-understood"
    assert "確認中です。" in ichiro.gets("answer").text
    assert desk.application(request.receipt).state is State.RECEIVED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("承認しません", "reviewer-not-understood"),
        ("承認してよいですか？", "reviewer-not-understood"),
        ("承認\n差戻し\n理由", "several-keywords"),
        ("承\u200b認", "unclear-keyword"),
        ("確認依頼\n", "empty-words"),
        ("確認依頼\nよろしくお願いいたします。", "empty-words"),
        ("", "reviewer-not-understood"),
        ("状況", "review-status"),
        ("ヘルプ", "reviewer-help"),
    ],
)
def test_a_reply_that_decides_nothing(
    desk: DeskUnderTest, taro: Person, ichiro: Person, text: str, reason: str
) -> None:
    """T-32, T-34, T-37."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    outcome = ichiro.replies(request, text)
    assert (outcome.disposition, outcome.reason) == (Disposition.ANSWERED, reason)
    ichiro.gets("answer")
    assert desk.application(request.receipt).state is State.RECEIVED


def test_an_html_part_that_says_otherwise(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-35."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    assert ichiro.replies(request, "差戻し\n理由", no_quote, html="<p>承認</p>").reason == "unclear-keyword"
    assert desk.application(request.receipt).state is State.RECEIVED


QUOTED = ("管理花子さんが書きました:\n修正\n備考：至急", "検討中です。\n取下げ")


@pytest.mark.parametrize("text", QUOTED)
def test_nothing_is_offered_that_the_state_does_not_allow(
    desk: DeskUnderTest, taro: Person, ichiro: Person, text: str
) -> None:
    """A command that is in doubt is asked about while it is possible; of a finished application it is refused."""
    taro.sends(FORM)
    received = taro.gets("received")
    taro.replies(received, text, no_quote)
    assert "取下げの返信を書く" in taro.gets("answer").html
    ichiro.replies(ichiro.gets("review-request"), "承認")
    taro.forgets()
    assert taro.replies(received, text, no_quote).reason == "not-possible"
    refused = taro.gets("answer")
    assert "審査終了" in refused.text and "の返信を書く" not in refused.html


def test_replies_to_a_finished_application(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    ichiro.replies(ichiro.gets("review-request"), "承認")
    hanako.forgets()
    taro.forgets()
    for text in ("修正\n備考：急ぎます", "取下げ"):
        outcome = taro.replies(received, text)
        assert (outcome.disposition, outcome.reason) == (Disposition.ANSWERED, "not-possible")
        taro.gets("answer")
    assert desk.application(received.receipt).state is State.COMPLETED
    hanako.gets_nothing()


def test_withdrawing_something_nobody_knows(desk: DeskUnderTest, taro: Person) -> None:
    assert taro.sends("取下げ", "取下げ").reason == "unknown-application"
    taro.gets("answer")


def test_a_stranger_is_not_answered(desk: DeskUnderTest) -> None:
    """T-66: no mail to an address that is not registered, whatever is asked."""
    stranger = desk.person("", "stranger@evil.example")
    for text in (FORM, "ヘルプ", "様式", "承認", "取下げ", "x"):
        outcome = stranger.sends(text, "ヘルプ")
        reason = "newcomer" if text == FORM else "sender-not-registered"
        assert (outcome.disposition, outcome.reason) == (Disposition.QUARANTINED, reason)
    stranger.gets_nothing()
    assert application_store.listing() == []


def test_a_stranger_with_somebody_elses_token(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-47: quarantined, and the operator is told."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    stranger = desk.person("", "stranger@evil.example")
    outcome = stranger.replies(request, "承認")
    assert (outcome.disposition, outcome.reason) == (Disposition.QUARANTINED, "token-of-another-person")
    desk.person("", "operator@desk.example").gets("alert")
    stranger.gets_nothing()
    assert desk.application(request.receipt).state is State.RECEIVED


def test_an_applicant_with_a_reviewers_token(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-45."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    taro.forgets()
    outcome = taro.replies(request, "承認")
    assert outcome.disposition is Disposition.QUARANTINED
    assert desk.application(request.receipt).state is State.RECEIVED


def test_a_reviewer_without_the_token_is_told_how(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-44: a receipt number in the subject is a hint, no authority."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    outcome = ichiro.sends("承認", f"Re: [{request.receipt}]")
    assert (outcome.disposition, outcome.reason) == (Disposition.ANSWERED, "no-token")
    ichiro.gets("answer")
    assert desk.application(request.receipt).state is State.RECEIVED


def test_another_office_cannot_touch_an_application(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    shiro = desk.person("築港 四郎", "shiro@naxtrade.example")  # NAC002
    shiro.replies(received, "取下げ")
    assert desk.application(received.receipt).state is State.RECEIVED
    shiro.sends("取下げ", f"[{received.receipt}]")
    assert desk.application(received.receipt).state is State.RECEIVED


def test_an_expired_reply_address(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-46."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    desk.passes(days=31)
    assert ichiro.replies(request, "承認").reason == "reply-expired"
    assert desk.application(request.receipt).state is State.RECEIVED


def test_automatic_replies_decide_nothing_and_are_not_answered(
    desk: DeskUnderTest, taro: Person, ichiro: Person
) -> None:
    """T-38, T-63."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    outcome = ichiro.replies(request, "承認", Auto_Submitted="auto-replied")
    assert outcome.disposition in (Disposition.QUARANTINED, Disposition.RECORDED)  # recorded: a notice of absence
    ichiro.gets_nothing()
    # By its words alone it may be a person's: the reviewer is asked.
    assert ichiro.replies(request, "ただ今不在にしております。\n承認").reason == "keyword-in-doubt"
    assert desk.application(request.receipt).state is State.RECEIVED


def test_what_comes_to_the_return_path_never_acts(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-67."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    outcome = ichiro.sends("承認", to=request.envelope_sender)
    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, "automatic-reply")
    assert desk.application(request.receipt).state is State.RECEIVED


def test_a_bounce_is_recorded_with_its_notice(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    report = (
        b"From: MAILER-DAEMON@mx.example\r\nTo: desk@desk.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; taro@naxtrade.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    outcome = desk.receives(report, "", received.envelope_sender)
    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, "bounce")
    assert "taro@naxtrade.example failed 5.1.1" in outcome.detail
    alert = desk.person("", "operator@desk.example").gets("alert")
    assert "taro@naxtrade.example" in alert.text
    assert received.receipt in alert.text
    delayed = report.replace(b"Action: failed", b"Action: delayed").replace(b"5.1.1", b"4.4.1")
    assert desk.receives(delayed, "", received.envelope_sender).reason == "bounce"
    desk.person("", "operator@desk.example").gets_nothing()
    for number in range(5):  # T-68: a mail system, or somebody who has seen the Return-Path, repeats the report
        again = b"Subject: %d\r\n" % number + report
        assert desk.receives(again, "", received.envelope_sender).reason == "bounce"
    desk.person("", "operator@desk.example").gets_nothing()
    assert desk.receives(report + b"x", "", "desk-bounces+x@desk.example").disposition is Disposition.QUARANTINED


def test_answers_to_one_address_are_limited(desk: DeskUnderTest, taro: Person) -> None:
    """T-64: what two robots do to each other."""
    for number in range(12):
        taro.sends(f"これは何ですか {number}", "質問")
    answers = [got for got in taro.mails if got.kind == "answer"]
    assert len(answers) == desk.context.settings.answers_per_hour + 1  # the last says that a person reads them now
    assert desk.last is not None
    assert (desk.last.disposition, desk.last.reason) == (Disposition.PASSED_ON, "passed-on-above-limit")


def test_two_senders_in_one_from(desk: DeskUnderTest) -> None:
    """T-14: a mail whose author cannot be believed asks for nothing."""
    raw = b"From: taro@naxtrade.example, evil@evil.example\r\nSubject: x\r\n\r\n" + FORM.encode()
    outcome = desk.receives(raw, "evil@evil.example")
    assert (outcome.disposition, outcome.reason) == (Disposition.QUARANTINED, "two-from-addresses")
    assert desk.silent()


@pytest.mark.parametrize("raw", [b"", b"\0" * 100, b"From: taro@naxtrade.example\r\n", b"\xff\xfe" * 50])
def test_bytes_that_are_hardly_a_mail(desk: DeskUnderTest, raw: bytes) -> None:
    outcome = desk.receives(raw, "taro@naxtrade.example")
    assert outcome.disposition in (Disposition.QUARANTINED, Disposition.ANSWERED)
    assert inbox.counts()["waiting"] == 0


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% raise %}", "{0.__class__}", "%s %n", "<script>alert(1)</script>"])
def test_what_people_type_stays_what_they_typed(desk: DeskUnderTest, taro: Person, text: str) -> None:
    """T-83."""
    taro.sends(FORM.replace("備考：", f"備考：{text}"))
    received = taro.gets("received")
    assert text in received.text
    assert "<script>" not in received.html


def test_a_saved_form_is_kept_and_submitted_by_reply(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    assert taro.sends("一時保存\n" + FORM).reason == "saved"
    kept = taro.gets("saved")
    ichiro.gets_nothing()
    assert taro.replies(kept, "備考：急ぎます").reason == "submitted"


def test_the_status_by_mail(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    assert taro.sends("", "状況").reason == "status"
    assert receipt in taro.gets("answer").text


def test_every_mail_is_in_the_log_with_its_reason(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "承認")
    desk.person("", "stranger@evil.example").sends("x")
    rows = [r for r in mail_log.listing(100) if r.direction == "in"]
    assert [(r.disposition, r.reason) for r in rows] == [
        ("carried_out", "submitted"),
        ("carried_out", "approved"),
        ("quarantined", "sender-not-registered"),
    ]
    assert all(f"{name}:" in rows[1].detail for name in ("registered", "aligned", "token"))
    count, bad = mail_log.verify()
    assert (count, bad) == (len(mail_log.listing(100)), None)


def test_no_log_row_carries_a_reply_token(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """Who reads the log must not be able to answer for others."""
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    ichiro.replies(request, "承認")
    secret = request.reply_to.partition("+")[2].partition("@")[0].split(".")[1]
    rows = mail_log.listing(100)
    assert not any(secret in str(vars(row)) for row in rows)
    assert mail_log.verify()[1] is None


def test_an_office_that_left_the_register_holds_up_nothing(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "確認依頼\n理由は？")
    bob = desk.person("Bob Broker", "bob@skyforwarding.example")
    bob.sends("User ID: 2ASKYS0A\nReason: forgotten\n", "Password initialisation")
    receipt = bob.gets("received").receipt
    ichiro.replies(ichiro.gets("decision", "review-request"), "確認依頼\nwhy?")
    with desk.store.transaction():
        OfficeRow.delete().where(OfficeRow.code == "NAC001").execute()
    desk.passes(days=30)
    assert desk.run_due_tasks() == 1
    assert desk.application(receipt).state is State.LAPSED


def test_nobody_decides_on_an_application_of_their_own(desk: DeskUnderTest, ichiro: Person, ryoko: Person) -> None:
    office = offices.office("NAC001")
    assert office is not None
    also = ApplicantContact(name="審査 一郎", kana="シンサ イチロウ", phone="0312345678", email=ichiro.address)
    with desk.store.transaction():
        offices.replace_register(Register((replace(office, contacts=(*office.contacts, also)),)))
    ichiro.sends(FORM)
    request = ichiro.gets("received", "review-request")
    assert ichiro.replies(request, "承認").reason == "own-application"
    assert desk.application(request.receipt).state is State.RECEIVED
    assert ryoko.replies(ryoko.gets("review-request"), "承認").reason == "approved"


def test_an_application_that_nobody_can_review_is_told_to_the_operators(desk: DeskUnderTest, taro: Person) -> None:
    with desk.store.transaction():
        offices.replace_register(Register(tuple(offices.all_offices())), prune=True)
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    assert receipt in desk.person("", "operator@desk.example").gets("alert").text
