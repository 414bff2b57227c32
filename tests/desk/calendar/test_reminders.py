"""What the calendar says by itself: reminders, escalation, the digest and its answer, and a week without the desk."""

import time
from datetime import date, datetime, timedelta

import pytest

from mailbot.clock import TOKYO
from mailbot.desk.website.application import show_password
from mailbot.model.lifecycle import State
from mailbot.records.secrets.logins import Session
from tests.testkit.contract_forms import MAILBOX, approve, at
from tests.testkit.desk import FORM, DeskUnderTest, Person, no_quote


def kinds(person: Person) -> list[str]:
    found = [mail.kind for mail in person.mails]
    person.forgets()
    return found


def test_one_mail_a_morning_to_reviewers_then_also_to_the_operators(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    operator = desk.person("", "operator@desk.example")
    taro.sends(FORM)  # Friday
    for person in (ichiro, ryoko):
        person.forgets()
    at(desk, 2026, 11, 20, 23, 0)
    assert kinds(ichiro) == ["digest"]  # today's, with what has just come
    at(desk, 2026, 11, 22, 12, 0)  # Sunday
    at(desk, 2026, 11, 23, 12, 0)  # a holiday
    at(desk, 2026, 11, 24, 8, 59)
    assert kinds(ichiro) == []
    at(desk, 2026, 11, 24, 9, 0)
    assert "期限を過ぎています" not in ichiro.mails[-1].text  # 翌営業日 was promised, and is today
    assert kinds(ichiro) == ["digest"]
    at(desk, 2026, 11, 24, 9, 1)
    assert kinds(ichiro) == [] and kinds(operator) == []
    at(desk, 2026, 11, 25, 9, 0)
    assert "2営業日経過" in ichiro.mails[-1].text
    assert "期限を過ぎた審査" in operator.mails[-1].text and "2600001C" in operator.mails[-1].text
    assert kinds(ichiro) == ["digest"]
    assert kinds(operator) == ["alert"]
    at(desk, 2026, 11, 26, 9, 0)
    assert (kinds(ichiro), kinds(operator)) == (["digest"], ["alert"])


def test_however_much_waits_it_is_one_mail_a_morning(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    operator = desk.person("", "operator@desk.example")
    for number in ("A0A", "A0B", "A01"):
        assert taro.sends(FORM.replace("A0A", number)).reason == "submitted"
    taro.sends("費用はいくらですか。", "お問い合わせ")
    desk.person("通関 五郎", "goro@naxtrade.example").sends(FORM)
    for person in (ichiro, operator):
        person.forgets()
    for day in (24, 25, 26):
        at(desk, 2026, 11, day, 9, 0)
        assert (kinds(ichiro), kinds(operator)) == (["digest"], ["alert"])


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "UTC"])
def test_the_desks_days_are_those_of_tokyo(
    desk: DeskUnderTest, taro: Person, ichiro: Person, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """T-96: whatever the machine's own time zone is."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        desk.passes(hours=13, minutes=30)  # Friday, 23:30 in Tokyo
        taro.sends(FORM)
        receipt = taro.gets("received").receipt
        ichiro.replies(ichiro.gets("review-request"), "承認")
        period = desk.application(receipt).view_period
        assert period is not None
        assert (period.first, period.last) == (date(2026, 11, 20), date(2026, 11, 25))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_nothing_is_said_while_it_is_held(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "保留\n書類待ち")
    ichiro.forgets()
    at(desk, 2026, 11, 26, 9, 0)
    assert kinds(ichiro) == ["digest"]  # which says that it is held


def test_a_correction_starts_the_count_anew(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    at(desk, 2026, 11, 24, 9, 0)
    ichiro.forgets()
    taro.replies(received, "修正\n備考：急ぎ", no_quote)
    ichiro.forgets()
    at(desk, 2026, 11, 24, 18, 0)
    assert kinds(ichiro) == []
    at(desk, 2026, 11, 25, 9, 0)
    assert "期限を過ぎています" not in ichiro.mails[-1].text
    at(desk, 2026, 11, 26, 9, 0)
    assert "期限を過ぎています" in ichiro.mails[-1].text
    assert kinds(ichiro) == ["digest", "digest"]


def test_after_a_week_off_only_what_counts_is_said(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    operator = desk.person("", "operator@desk.example")
    taro.sends(FORM)
    ichiro.forgets()
    at(desk, 2026, 12, 1, 10, 0)
    assert kinds(ichiro) == ["digest"]
    assert kinds(operator) == ["alert"]
    at(desk, 2026, 12, 1, 10, 1)
    assert (kinds(ichiro), kinds(operator)) == ([], [])


def test_the_applicant_side_is_reminded_of_a_question(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "確認依頼\n理由を詳しくお願いします。")
    taro.forgets()
    hanako.forgets()
    at(desk, 2026, 11, 25, 9, 0)
    assert kinds(taro) == []
    at(desk, 2026, 11, 26, 9, 0)  # the third business day
    reminder = taro.mails[-1]
    assert "理由を詳しくお願いします。" in reminder.text and "2026年12月7日（月）" in reminder.text
    assert (kinds(taro), kinds(hanako)) == (["reminder"], ["reminder"])
    at(desk, 2026, 11, 27, 9, 0)
    assert kinds(taro) == []
    taro.replies(reminder, "修正\n備考：詳しい理由です", no_quote)
    assert desk.application(reminder.receipt).state is State.RECEIVED


def test_the_view_period_ends_soon(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    approve(desk, ichiro)
    taro.forgets()
    at(desk, 2026, 11, 20, 23, 0)
    assert kinds(taro) == []
    at(desk, 2026, 11, 24, 9, 0)
    assert kinds(taro) == ["view-ending"]
    at(desk, 2026, 11, 25, 9, 0)
    assert kinds(taro) == []


@pytest.mark.parametrize(("looked_at", "notices"), [((), 1), (("1ANACA0A",), 1), (("1ANACA0A", "1ANACA0B"), 0)])
def test_nobody_is_reminded_of_passwords_that_were_all_seen(
    desk: DeskUnderTest, taro: Person, ichiro: Person, looked_at: tuple[str, ...], notices: int
) -> None:
    taro.sends(FORM.replace("A0A", "A0A、A0B"))
    receipt = taro.gets("received").receipt
    approve(desk, ichiro)
    taro.forgets()
    for user_id in looked_at:
        show_password(Session("NAC001", ""), receipt, user_id, desk.clock.now(), desk.context)
    at(desk, 2026, 11, 24, 9, 0)
    assert kinds(taro) == ["view-ending"] * notices


def test_too_late_for_that_notice(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    approve(desk, ichiro)
    taro.forgets()
    at(desk, 2026, 11, 30, 9, 0)
    assert kinds(taro) == []


def digest(desk: DeskUnderTest, taro: Person, ichiro: Person) -> tuple[str, str, str]:
    """Three applications, and Tuesday's digest as the last mail of the reviewer."""
    receipts = []
    for form in (FORM, MAILBOX, FORM.replace("A0A", "A0B")):
        taro.sends(form)
        receipts.append(taro.gets("received").receipt)
    at(desk, 2026, 11, 24, 9, 0)
    assert ichiro.mails[-1].kind == "digest"
    first, second, third = receipts
    return first, second, third


def test_the_digest_is_answered_line_by_line(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    one, two, three = digest(desk, taro, ichiro)
    listed = ichiro.mails[-1]
    assert all(receipt in listed.text for receipt in (one, two, three))
    ichiro.forgets()
    outcome = ichiro.replies(
        listed,
        f"お疲れさまです。\n{one} 承認\n[{two}]：確認依頼 個数の根拠を\nお知らせください。\n{three}は後ほど見ます。\n",
    )
    assert outcome.reason == "approved"
    assert [desk.application(r).state for r in (one, two, three)] == [
        State.COMPLETED,
        State.NEEDS_CONFIRMATION,
        State.RECEIVED,
    ]
    assert desk.application(two).steps[-1].words == "個数の根拠を\nお知らせください。"
    assert three in ichiro.mails[-1].text  # a line that decides nothing is answered by its number
    assert kinds(ichiro) == ["decision", "decision", "answer"]


def test_each_line_has_its_own_check(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    one, two, three = digest(desk, taro, ichiro)
    listed = ichiro.mails[-1]
    taro.sends("取下げ", f"[{one}]")
    taro.sends("修正\nメールボックス数（EDIFACT）：1", f"[{two}]")
    ichiro.forgets()
    ichiro.replies(listed, f"{one} 承認\n{two} 承認\n{three} 承認します\n2600099C 承認")
    assert [desk.application(r).state for r in (one, two, three)] == [
        State.WITHDRAWN,
        State.RECEIVED,  # its content has changed since the digest
        State.COMPLETED,
    ]
    assert "2600099C" in ichiro.mails[-1].text  # that the digest did not list
    assert kinds(ichiro) == ["answer", "answer", "review-request", "decision", "answer"]


def test_a_reply_to_the_digest_without_a_line_decides_nothing(
    desk: DeskUnderTest, taro: Person, ichiro: Person
) -> None:
    receipts = digest(desk, taro, ichiro)
    listed = ichiro.mails[-1]
    ichiro.forgets()
    for words in ("承認", "すべて承認します", f"{receipts[0]} 承認してよいですか", f"> {receipts[0]} 承認"):
        ichiro.replies(listed, words)
        assert kinds(ichiro) == ["answer"]
    assert {desk.application(r).state for r in receipts} == {State.RECEIVED}


def test_the_digest_of_another_reviewer_is_no_authority(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    one, _, _ = digest(desk, taro, ichiro)
    listed = ichiro.mails[-1]
    outcome = ryoko.replies(listed, f"{one} 承認")
    assert outcome.reason == "token-of-another-person"
    assert desk.application(one).state is State.RECEIVED


def test_reviewers_see_their_categories_only(desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person) -> None:
    _, two, _ = digest(desk, taro, ichiro)
    assert two in ichiro.mails[-1].text
    assert two not in ryoko.mails[-1].text


def test_no_digest_when_nothing_waits(desk: DeskUnderTest, ichiro: Person) -> None:
    at(desk, 2026, 11, 24, 9, 0)
    assert kinds(ichiro) == []
    assert desk.clock.now() - datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO) == timedelta(0)
    assert date(2026, 11, 24).weekday() == 1
