"""What operators see and undo of an application: each look at a password is told, revoked passwords are gone."""

import pytest

from mailbot.desk.operators.applications import reveal_passwords, revoke_passwords
from mailbot.errors import UsageError
from mailbot.model.lifecycle import Event
from mailbot.records.log import audit, mail_log
from mailbot.records.maintenance import consistency
from mailbot.records.schema.secret_tables import SecretRow
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import audited


@pytest.fixture
def completed(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> str:
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    for person in (taro, hanako, ichiro):
        person.forgets()
    return "2600001C"


def test_a_look_at_passwords_is_recorded_and_told(
    desk: DeskUnderTest, hanako: Person, taro: Person, completed: str
) -> None:
    shown = reveal_passwords(desk.application(completed), "ops", desk.clock.now(), desk.context)
    assert [user_id for user_id, _ in shown] == ["1ANACA0A"]
    desk.deliver()
    step = desk.application(completed).steps[-1]
    assert (step.event, step.words, step.actor.name) == (Event.LOOK, "1ANACA0A", "ops")
    told = hanako.gets("security")
    assert "運用担当者" in told.text and "1ANACA0A" in told.text
    assert shown[0][1] not in told.raw.decode("ascii", "replace")
    taro.gets_nothing()
    assert audited()[-1][1:] == ("ops", f"looked at the passwords of {completed}")
    with desk.store.reading():  # who looks into the application's records finds it
        assert audit.select(subject=f"application {completed}").rows[0].what.startswith("looked at the passwords")
    assert mail_log.listing(1)[0].subject == told.subject


def test_where_there_is_nothing_to_see_nobody_is_told(desk: DeskUnderTest, hanako: Person, taro: Person) -> None:
    taro.sends(FORM)
    hanako.forgets()
    assert reveal_passwords(desk.application("2600001C"), "ops", desk.clock.now(), desk.context) == []
    desk.deliver()
    hanako.gets_nothing()
    assert len(audited()) == 1


def test_revoked_passwords_are_gone_and_both_people_are_told(
    desk: DeskUnderTest, hanako: Person, taro: Person, completed: str
) -> None:
    application = desk.application(completed)
    assert revoke_passwords(application, "ops", desk.clock.now(), desk.context) == ["1ANACA0A"]
    desk.deliver()
    for person in (taro, hanako):
        told = person.gets("revoked")
        assert "1ANACA0A" in told.text and "パスワード初期化" in told.text
    with desk.store.reading():
        assert SecretRow.select().count() == 0
        assert consistency.check_consistency(desk.store).faults == ()
    after = desk.application(completed)
    assert (after.state, after.view_period) == (application.state, None)
    assert (after.steps[-1].event, after.steps[-1].actor.name) == (Event.REVOKE, "ops")
    assert audited()[-1][2] == f"revoked the passwords of {completed}: 1ANACA0A"
    assert reveal_passwords(after, "ops", desk.clock.now(), desk.context) == []
    with pytest.raises(UsageError, match="has no passwords"):
        revoke_passwords(after, "ops", desk.clock.now(), desk.context)
    desk.passes(days=10)
    desk.run_due_tasks()
    for person in (hanako, taro):
        person.gets_nothing()
    taro.sends("状況", "状況")
    assert "取消" in taro.gets("answer").text
    # The desk has done it itself: a question about it is no concern, and pauses nothing; a concern is one.
    assert hanako.replies(told, "取り消された理由を教えていただけますか。").reason == "passed-on"
    assert hanako.replies(told, "不正ログインがあったのでしょうか。心当たりがありません。").reason == "concern"
