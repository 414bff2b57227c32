"""An approval is taken back before its 利用開始日: nothing of it is left, and a second one works."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mailbot.desk.operators.applications import reveal_passwords, take_approval_back
from mailbot.errors import UsageError
from mailbot.model.lifecycle import Event, State
from mailbot.model.people import Category
from mailbot.model.queued_mail import Disposition
from mailbot.model.register import Register
from mailbot.records.applications import application_queries
from mailbot.records.applications.effects import effects_of
from mailbot.records.maintenance import consistency
from mailbot.records.register import offices
from mailbot.records.schema.secret_tables import SecretRow
from tests.testkit.contract_forms import ABOLITION, BROKER, MAILBOX, approve, at, flat
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import audited

REASON = "通関士証票番号の確認が済んでいませんでした。"


def reopen(desk: DeskUnderTest, receipt: str, reason: str = REASON) -> list[str]:
    _, erased = take_approval_back(desk.application(receipt), reason, "ops", desk.clock.now(), desk.context)
    desk.deliver()
    return erased


def everybody_forgets(desk: DeskUnderTest) -> None:
    for person in desk.people.values():
        person.forgets()


@pytest.fixture
def ryoko(desk: DeskUnderTest, ryoko: Person) -> Person:
    """A second reviewer of every category."""
    reviewers = [replace(one, categories=frozenset(Category)) for one in offices.all_reviewers()]
    with desk.store.transaction():
        offices.replace_register(Register((), tuple(reviewers)))
    return ryoko


@pytest.fixture
def approved(desk: DeskUnderTest) -> str:
    return desk.after(approve_broker)


def approve_broker(desk: DeskUnderTest) -> str:
    desk.person("通関 太郎", "taro@naxtrade.example").sends(BROKER)
    approve(desk, desk.person("審査 一郎", "ichiro@desk.example"))
    everybody_forgets(desk)
    return "2600001B"


def test_the_approval_is_gone_everybody_is_told_and_a_second_one_works(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, approved: str
) -> None:
    first = [effect.user_id for effect in effects_of(desk.application(approved).id)]
    assert reopen(desk, approved) == first == ["1ANACA2A", "1ANACA22"]
    for person in (taro, hanako):
        told = person.gets("taken-back")
        assert REASON in flat(told) and all(one in flat(told) for one in first)
        assert approved in told.subject and told.subject.startswith("【承認取消】")
    request = ichiro.gets("review-request")
    assert "承認が取り消されました" in flat(request) and REASON in flat(request)
    after = desk.application(approved)
    assert (after.state, after.view_period, after.start_date, after.contract) == (State.RECEIVED, None, None, ())
    assert (after.steps[-1].event, after.steps[-1].words, after.steps[-1].actor.name) == (Event.REOPEN, REASON, "ops")
    assert audited()[-1][1:] == ("ops", f"took the approval of {approved} back: {REASON}")
    with desk.store.reading():
        assert SecretRow.select().count() == 0
        assert consistency.check_consistency(desk.store).faults == ()
    at(desk, 2026, 11, 24, 10)
    taro.sends("新着", "新着")
    assert "承認を取り消しました" in flat(taro.mails[-1])
    everybody_forgets(desk)

    ichiro.replies(request, "承認\n")
    done = desk.application(approved)
    assert (done.state, done.start_date) == (State.COMPLETED, date(2026, 12, 10))
    second = [effect.user_id for effect in effects_of(done.id)]
    assert second == ["1ANACA2B", "1ANACA23"]  # people have read the numbers of the first: they mean nothing else
    assert [i for i, _ in reveal_passwords(done, "ops", desk.clock.now(), desk.context)] == second
    at(desk, 2026, 12, 10, 10)
    code = offices.office("NAC001").user_code("1ANAC")  # type: ignore[union-attr]
    assert code is not None
    assert {i.full for i in code.user_ids} & {*first, *second} == set(second)


def test_a_seen_password_is_erased_too(desk: DeskUnderTest, taro: Person, approved: str) -> None:
    seen = reveal_passwords(desk.application(approved), "ops", desk.clock.now(), desk.context)
    assert len(seen) == 2
    reopen(desk, approved)
    assert "すでに参照したパスワードも使用しないでください" in flat(taro.gets("taken-back"))
    assert reveal_passwords(desk.application(approved), "ops", desk.clock.now(), desk.context) == []


def test_the_passwords_of_the_second_approval_wait_for_its_own_notice(
    desk: DeskUnderTest, ichiro: Person, approved: str
) -> None:
    reopen(desk, approved)
    request = ichiro.gets("review-request")
    desk.passes(minutes=5)
    desk.relay_is_down = True
    ichiro.replies(request, "承認\n")
    at(desk, 2026, 12, 28, 10)
    with desk.store.reading():
        assert SecretRow.select().count() == 2
    desk.relay_is_down = False
    desk.deliver()
    period = desk.application(approved).view_period
    assert period is not None and period.last == date(2027, 1, 5)


def test_its_start_day_passes_without_effect(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(ABOLITION)
    approve(desk, ichiro)
    before = offices.office("NAC001")
    assert reopen(desk, "2600001A") == []
    assert "パスワードは消去" not in flat(taro.mails[-1])
    at(desk, 2026, 12, 11, 10)
    assert offices.office("NAC001") == before
    assert application_queries.due_to_start(date(2026, 12, 31)) == []


def test_the_days_of_the_review_are_counted_anew(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(MAILBOX)
    request = ichiro.gets("review-request")
    at(desk, 2026, 11, 25, 10)  # late
    ichiro.replies(request, "承認\n")
    everybody_forgets(desk)
    reopen(desk, "2600001A")
    everybody_forgets(desk)
    at(desk, 2026, 11, 26, 10)
    assert "1営業日" in ichiro.gets("digest").text
    assert desk.person("", "operator@desk.example").mails == []


def test_nothing_that_was_sent_before_approves_it_again(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    """A 審査依頼, a digest and a confirmation of the first approval: their readers meant the first one."""
    taro.sends(MAILBOX)
    request = ryoko.gets("review-request")
    at(desk, 2026, 11, 24, 10)
    digest = next(got for got in ryoko.mails if got.kind == "digest")
    approve(desk, ichiro)
    confirmation = next(got for got in ichiro.mails if got.kind == "decision")
    reopen(desk, "2600001A")
    everybody_forgets(desk)
    for person, mail, words in (
        (ryoko, request, "承認"),
        (ryoko, digest, "2600001A 承認"),
        (ichiro, confirmation, "承認"),
    ):
        outcome = person.replies(mail, words)
        assert (outcome.disposition, outcome.reason) == (Disposition.ANSWERED, "superseded")
        answer, again = person.mails
        assert "承認が取り消されました" in flat(answer) and again.kind == "review-request"
        assert desk.application("2600001A").state is State.RECEIVED
        everybody_forgets(desk)


def test_both_approvals_of_four_eyes_are_needed_again(
    desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person
) -> None:
    object.__setattr__(desk.context, "settings", replace(desk.context.settings, four_eyes=True))
    taro.sends(MAILBOX)
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    ryoko.replies(next(m for m in ryoko.mails if m.kind == "review-request"), "承認\n")
    assert desk.application("2600001A").state is State.COMPLETED
    reopen(desk, "2600001A")
    approve(desk, ryoko)
    assert desk.application("2600001A").state is State.RECEIVED
    approve(desk, ichiro)
    assert desk.application("2600001A").state is State.COMPLETED


def test_the_office_corrects_or_withdraws_it(desk: DeskUnderTest, taro: Person, approved: str) -> None:
    reopen(desk, approved)
    told = taro.gets("taken-back")
    assert taro.replies(told, "修正\n通関士証票番号：12-7897\n").reason == "corrected"
    assert taro.replies(told, "取下げ").reason == "withdrawn"
    with pytest.raises(UsageError, match="is not approved, but withdrawn"):
        reopen(desk, approved)


def test_without_reviewers_the_operators_are_alerted(desk: DeskUnderTest, approved: str) -> None:
    with desk.store.transaction():
        offices.replace_register(Register(tuple(offices.all_offices()), ()), prune=True)
    reopen(desk, approved)
    assert "alert" in [got.kind for got in desk.person("", "operator@desk.example").mails]


def test_two_operators_at_once_take_it_back_once(desk: DeskUnderTest, taro: Person, approved: str) -> None:
    as_read = desk.application(approved)
    take_approval_back(as_read, REASON, "ops", desk.clock.now(), desk.context)
    with pytest.raises(UsageError, match="is not approved, but received"):
        take_approval_back(as_read, REASON, "other", desk.clock.now(), desk.context)
    desk.deliver()
    taro.gets("taken-back")


def _states(desk: DeskUnderTest, taro: Person, ichiro: Person) -> dict[str, str]:
    """What cannot be taken back, by receipt number, with what is said."""
    taro.sends(FORM)  # 1: no 利用開始日
    approve(desk, ichiro)
    taro.sends(FORM.replace("A0A", "A0B"))  # 2: withdrawn
    taro.replies(next(m for m in taro.mails if m.receipt == "2600002C"), "取下げ")
    taro.sends(MAILBOX)  # 3: asked
    ichiro.replies(ichiro.mails[-1], "確認依頼\n数は正しいですか。")
    return {
        "2600001C": "has no 利用開始日: it took effect when it was approved; `mailbot applications revoke 2600001C`",
        "2600002C": "is not approved, but withdrawn",
        "2600003A": "is not approved, but needs_confirmation",
    }


def test_what_cannot_be_taken_back_is_told_with_what_to_do(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    refusals = _states(desk, taro, ichiro)
    everybody_forgets(desk)
    for receipt, expected in refusals.items():
        before = desk.application(receipt)
        with pytest.raises(UsageError, match=expected):
            reopen(desk, receipt)
        assert desk.application(receipt) == before
    assert desk.silent()


@pytest.mark.parametrize("hour", [0, 10])
def test_from_the_start_day_on_it_is_revoked_instead(
    desk: DeskUnderTest, taro: Person, ichiro: Person, approved: str, hour: int
) -> None:
    """Also in the minute before the contract is changed on that day."""
    if hour:
        at(desk, 2026, 12, 10, hour)
    else:
        desk.clock.advance(timedelta(days=19, hours=14))
    before = desk.application(approved)
    with pytest.raises(
        UsageError, match=rf"was 2026-12-10, so it is in effect; `mailbot applications revoke {approved}`"
    ):
        reopen(desk, approved)
    assert desk.application(approved) == before


def test_a_reason_is_required(desk: DeskUnderTest, approved: str) -> None:
    with pytest.raises(UsageError, match="the reason is empty"):
        reopen(desk, approved, " \n ")
    assert desk.application(approved).state is State.COMPLETED
