"""パスワード初期化 from the applicant's mail to 確認完了, as people write it (S0, S1)."""

from datetime import date

from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Disposition
from tests.testkit.desk import FORM, DeskUnderTest, Person, gmail, no_quote, outlook


def submit(taro: Person, hanako: Person, *reviewers: Person) -> str:
    """A complete application; everybody has read the first mails except the reviewers."""
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    hanako.gets("received")
    for reviewer in reviewers:
        assert reviewer.mails[-1].kind == "review-request"
    return receipt


def test_the_whole_life(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, ryoko: Person) -> None:
    receipt = submit(taro, hanako)
    assert receipt == "2600001C"
    ryoko.gets("review-request")

    ichiro.replies(ichiro.gets("review-request"), "お世話になっております。\n確認依頼\nA0B は不要ですか。\n")
    assert desk.application(receipt).state is State.NEEDS_CONFIRMATION
    asked = taro.gets("confirmation-request")
    assert "A0B は不要ですか。" in asked.text
    assert "2026年12月7日（月）" in asked.text  # the 10th business day after 11/20
    hanako.gets("confirmation-request")
    ichiro.gets("decision")
    ryoko.gets("decision")

    taro.replies(asked, "修正\n識別番号：A0A、A0B\n", outlook)
    corrected = desk.application(receipt)
    assert (corrected.state, corrected.revision.number) == (State.RECEIVED, 2)
    assert corrected.revision.filled.codes("user_ids") == ("1ANACA0A", "1ANACA0B")
    assert "1ANACA0B" in taro.gets("received").text
    hanako.gets("received")
    ryoko.gets("review-request")

    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    completed = desk.application(receipt)
    assert completed.state is State.COMPLETED
    assert completed.view_period is not None
    assert (completed.view_period.first, completed.view_period.last) == (date(2026, 11, 20), date(2026, 11, 25))
    notice = taro.gets("completed")
    assert "今回発行したパスワードの確認可能期間は、本メール受信日から3営業日となります。" in notice.text.replace(
        "\n", ""
    )
    assert "2026年11月25日（水）" in notice.text
    hanako.gets("completed")
    ichiro.gets("decision")
    ryoko.gets("decision")
    secrets = desk.context.vault.open(completed.id, date(2026, 11, 20))
    assert [secret.user_id for secret in secrets] == ["1ANACA0A", "1ANACA0B"]
    assert not any(secret.password in notice.text + notice.html for secret in secrets)


def test_passwords_are_gone_after_the_view_period(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    receipt = submit(taro, hanako)
    ichiro.replies(ichiro.gets("review-request"), "承認")
    application = desk.application(receipt)
    assert desk.context.vault.open(application.id, date(2026, 11, 25))
    assert desk.context.vault.open(application.id, date(2026, 11, 26)) == []
    desk.passes(days=5, hours=13, minutes=59)  # 11/25 23:59
    desk.run_due_tasks()
    assert desk.context.vault.open(application.id, date(2026, 11, 25))
    desk.passes(minutes=1)
    desk.run_due_tasks()
    assert desk.context.vault.open(application.id, date(2026, 11, 25)) == []


def test_two_reviewers_the_first_decision_wins(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, ryoko: Person
) -> None:
    receipt = submit(taro, hanako)
    request = ryoko.gets("review-request")
    ichiro.replies(ichiro.gets("review-request"), "承認")
    ryoko.gets("decision")
    outcome = ryoko.replies(request, "確認依頼\n理由を教えてください。")
    assert (outcome.disposition, outcome.reason) == (Disposition.ANSWERED, "already-decided")
    assert "審査 一郎" in ryoko.gets("answer").text
    assert desk.application(receipt).state is State.COMPLETED


def test_a_decision_on_an_older_revision_changes_nothing(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, ryoko: Person
) -> None:
    """T-39."""
    taro.sends(FORM)
    old = ichiro.gets("review-request")
    taro.replies(taro.gets("received"), "修正\n備考：急ぎます\n")
    outcome = ichiro.replies(old, "承認")
    assert outcome.reason == "superseded"
    application = desk.application(old.receipt)
    assert (application.state, application.revision.number) == (State.RECEIVED, 2)
    # the request of the correction, the answer, and a fresh request with a token that works
    again = ichiro.gets("review-request", "answer", "review-request")
    assert ichiro.replies(again, "承認").reason == "approved"


def test_hold_and_take_are_noted(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, ryoko: Person
) -> None:
    receipt = submit(taro, hanako)
    request = ichiro.gets("review-request")
    assert ichiro.replies(request, "保留\n確認中です。").reason == "held"
    assert desk.application(receipt).held
    assert ichiro.replies(request, "担当").reason == "taken"
    assert desk.application(receipt).taken_by == "ichiro@desk.example"
    assert desk.application(receipt).state is State.RECEIVED
    ryoko.gets("review-request", "decision", "decision")
    assert ichiro.replies(request, "承認").reason == "approved"
    assert not desk.application(receipt).held


def test_withdrawal_ends_it_for_everybody(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, ryoko: Person
) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    request = ichiro.gets("review-request")
    hanako.forgets()
    assert taro.replies(received, "取下げ\n").reason == "withdrawn"
    assert desk.application(received.receipt).state is State.WITHDRAWN
    taro.gets("withdrawn")
    hanako.gets("withdrawn")
    ichiro.gets("update")
    outcome = ichiro.replies(request, "承認")
    assert outcome.reason == "already-decided"
    said = ichiro.gets("answer")
    assert "すでに取り下げられています" in said.subject and "申込担当者　通関 太郎 様により" in said.text
    assert "新しいお申込み" not in said.text
    assert desk.application(received.receipt).state is State.WITHDRAWN


def test_withdrawal_while_something_is_asked(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> None:
    receipt = submit(taro, hanako)
    ichiro.replies(ichiro.gets("review-request"), "修正\n理由を詳しく。")
    assert taro.replies(taro.gets("confirmation-request"), "取り下げます", no_quote).reason == "withdrawn"
    assert desk.application(receipt).state is State.WITHDRAWN


def test_an_unanswered_question_lapses(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> None:
    receipt = submit(taro, hanako)
    ichiro.replies(ichiro.gets("review-request"), "fix\nplease explain")
    asked = taro.gets("confirmation-request")
    hanako.forgets()
    desk.passes(days=17, hours=13, minutes=59)  # 12/7 23:59, the last day
    desk.run_due_tasks()
    taro.gets("reminder")
    hanako.gets("reminder")
    assert desk.application(receipt).state is State.NEEDS_CONFIRMATION
    desk.passes(minutes=1)
    desk.run_due_tasks()
    assert desk.application(receipt).state is State.LAPSED
    taro.gets("lapsed")
    hanako.gets("lapsed")
    assert desk.run_due_tasks() == 0  # once only
    outcome = taro.replies(asked, "修正\n備考：遅れました")
    assert (outcome.reason, desk.application(receipt).state) == ("not-possible", State.LAPSED)


def test_the_whole_form_may_come_back_inside_the_quote(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    """The applicant edits the quoted form of the 確認依頼 and writes nothing above it."""
    receipt = submit(taro, hanako)
    ichiro.replies(ichiro.gets("review-request"), "確認依頼\nA0B も必要ではありませんか。")
    asked = taro.gets("confirmation-request")
    edited = gmail(asked).replace("> [ ] 1ANACA0B", "> [x] 1ANACA0B")
    assert edited != gmail(asked)
    taro.replies(asked, "", lambda _: edited)
    assert desk.application(receipt).revision.filled.codes("user_ids") == ("1ANACA0A", "1ANACA0B")


def test_a_lost_tag_still_finds_the_application(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    """Some clients answer From instead of Reply-To.  The References tell what is meant, and authorise nothing (T-44)."""
    receipt = submit(taro, hanako)
    assert ichiro.replies(ichiro.gets("review-request"), "承認", keep_tag=False).reason == "no-token"
    assert desk.application(receipt).state is State.RECEIVED
    again = ichiro.gets("answer", "review-request")
    assert again.receipt == receipt
    assert ichiro.replies(again, "承認").reason == "approved"
    assert desk.application(receipt).state is State.COMPLETED
    completed = taro.gets("completed")
    assert taro.replies(completed, "修正\n備考：急ぎ", keep_tag=False).reason == "not-possible"


def test_an_english_office_is_written_to_in_english(desk: DeskUnderTest, ichiro: Person) -> None:
    bob = desk.person("Bob Broker", "bob@skyforwarding.example")
    bob.sends(
        "Procedure: Password initialisation\nOffice code: SKY001\nUser ID: 2ASKYS0A\n"
        "Reason for initialisation: forgotten\n",
        "Password initialisation",
    )
    received = bob.gets("received")
    assert received.subject.startswith("【受付完了】")
    assert "Password initialisation" in received.text
    ichiro.replies(ichiro.gets("review-request"), "approve")
    assert "three business days" in bob.gets("completed").text.replace("\n", " ")


def test_the_administrator_may_apply(desk: DeskUnderTest, hanako: Person, taro: Person) -> None:
    """One copy only when both sides are the same person."""
    hanako.sends(FORM)
    hanako.gets("received")
    taro.gets_nothing()


def test_receipt_numbers_restart_with_the_year_in_tokyo(desk: DeskUnderTest, taro: Person, hanako: Person) -> None:
    assert submit(taro, hanako) == "2600001C"
    desk.clock.set(desk.clock.now().replace(year=2026, month=12, day=31, hour=15))  # 2027-01-01 00:00 in Tokyo
    taro.sends(FORM.replace("A0A", "A0B"))
    assert taro.gets("received").receipt == "2700001C"
