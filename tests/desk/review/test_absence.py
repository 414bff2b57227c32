"""不在通知 of a reviewer: never a decision, and what waits goes to the deputy (specification of the life-cycle)."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailbot.model.lifecycle import Event, State
from mailbot.model.people import Category, Reviewer
from mailbot.model.queued_mail import Disposition
from mailbot.model.register import Register
from mailbot.records.register import absences, offices
from tests.testkit.contract_forms import MAILBOX
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice

ICHIRO, RYOKO = "ichiro@desk.example", "ryoko@desk.example"
AWAY = "審査 一郎です。\n12月1日まで休暇をいただいております。\n承認\n"


@pytest.fixture
def ryoko(desk: DeskUnderTest) -> Person:
    """Ichiro's deputy, who otherwise reviews system settings (C) only."""
    with desk.store.transaction():
        offices.replace_register(
            Register(
                reviewers=(
                    Reviewer(name="審査 一郎", email=ICHIRO, categories=frozenset(Category), deputy=RYOKO),
                    Reviewer(name="審査 良子", email=RYOKO, categories=frozenset({Category.SYSTEM_SETTING})),
                )
            )
        )
    return desk.person("審査 良子", RYOKO)


def is_away(
    desk: DeskUnderTest, got: ReceivedNotice, *, to_return_path: bool = True, text: str = AWAY, sender: str = ICHIRO
) -> str:
    """A vacation program answers a notice; returns the reason in the log."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = got.envelope_sender if to_return_path else "desk@desk.example"
    mail["Subject"] = f"自動応答: {got.subject}"
    mail["Auto-Submitted"] = "auto-replied"
    mail["Message-ID"] = desk.message_id("desk.example")
    if not to_return_path:
        mail["In-Reply-To"] = got.message["Message-ID"]
    mail.set_content(text)
    outcome = desk.receives(mail.as_bytes(policy=SMTP), "", str(mail["To"]))
    return f"{outcome.disposition.value} {outcome.reason}"


def request_to(person: Person) -> ReceivedNotice:
    return next(m for m in reversed(person.mails) if m.kind == "review-request")


@pytest.mark.parametrize("to_return_path", [True, False])
def test_what_waits_goes_to_the_deputy(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person, to_return_path: bool
) -> None:
    taro.sends(MAILBOX, "申込")
    ryoko.gets_nothing()
    assert is_away(desk, request_to(ichiro), to_return_path=to_return_path) == "recorded reviewer-absent"
    asked = ryoko.gets("review-request")
    assert "不在のため、代理の方にお願いいたします" in asked.text.replace("\n", "")
    assert desk.application("2600001A").state is State.RECEIVED  # the 承認 in a notice of absence decides nothing
    ryoko.replies(asked, "承認\n")
    assert desk.application("2600001A").state is State.COMPLETED


def test_what_the_reviewer_had_taken_on_is_the_deputys(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    taro.sends(FORM)  # category C: both were asked
    receipt = taro.gets("received").receipt
    ichiro.replies(request_to(ichiro), "担当\n")
    ryoko.forgets()
    is_away(desk, request_to(ichiro))
    ryoko.gets("review-request")
    application = desk.application(receipt)
    assert application.taken_by == RYOKO
    assert application.steps[-1].event is Event.DEPUTIZE


def test_what_comes_meanwhile_goes_to_the_deputy_too_until_the_reviewer_is_back(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    taro.sends(FORM)
    is_away(desk, request_to(ichiro))
    ryoko.forgets()
    taro.sends(MAILBOX, "申込")
    ryoko.gets("review-request")
    ichiro.replies(request_to(ichiro), "状況\n")
    assert not absences.absent()
    taro.sends(MAILBOX.replace("SMTP/POP3）：1", "SMTP/POP3）：2"), "申込")
    ryoko.gets_nothing()


def test_the_second_notice_of_absence_says_nothing_new(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    taro.sends(FORM)
    got = request_to(ichiro)
    is_away(desk, got)
    desk.person("", "operator@desk.example").forgets()
    ryoko.forgets()
    assert is_away(desk, got) == "recorded reviewer-absent"
    ryoko.gets_nothing()


def test_without_a_deputy_the_operators_are_told(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    is_away(desk, request_to(ichiro))
    assert "審査 一郎" in desk.person("", "operator@desk.example").gets("alert").text


def test_a_forged_notice_of_absence_calls_nobody(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    """It must answer a notice that went to that reviewer."""
    taro.sends(MAILBOX, "申込")
    mine = taro.gets("received")
    assert is_away(desk, mine) == "quarantined absence-not-proven"
    assert is_away(desk, mine, to_return_path=False) == "quarantined absence-not-proven"
    ryoko.gets_nothing()
    assert not absences.absent()


def test_other_automatic_mail_of_a_reviewer_is_no_absence(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    taro.sends(MAILBOX, "申込")
    assert is_away(desk, request_to(ichiro), text="開封確認です。\n") == "recorded bounce"
    ryoko.gets_nothing()


def test_an_applicants_absence_changes_nothing(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    assert is_away(desk, taro.gets("received"), sender="taro@naxtrade.example") == "recorded automatic-reply"
    assert desk.last.disposition is Disposition.RECORDED
