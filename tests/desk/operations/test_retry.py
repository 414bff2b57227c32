"""A notice that failed is tried again at the corrected address, where its reply counts; a restored one only if asked."""

from dataclasses import replace
from email import message_from_bytes

import pytest

from mailbot.desk.operations.retry import retry
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.model.queued_mail import DeliveryResult, OutboxState
from mailbot.model.register import Register
from mailbot.records.log import mail_log
from mailbot.records.maintenance import consistency
from mailbot.records.queues import outbox, retries
from mailbot.records.register import offices
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import audited, record_result

NEW_TARO, NEW_HANAKO = "taro.tsukan@naxtrade.example", "hanako.kanri@naxtrade.example"


def fail(desk: DeskUnderTest) -> None:
    """Every notice that waits is refused for good."""
    write_due(desk.clock.now, desk.context)
    while items := outbox.claim(desk.store, desk.clock.now(), 10):
        for item in items:
            record_result(desk.store, item.id, DeliveryResult(False, permanent=True, code=550), desk.clock.now(), None)


def correct(desk: DeskUnderTest) -> None:
    """The register gets other addresses for both people of NAC001."""
    with desk.store.transaction():
        office = offices.office("NAC001")
        assert office is not None
        contacts = tuple(
            replace(one, email=NEW_TARO) if one.email == "taro@naxtrade.example" else one for one in office.contacts
        )
        chief = replace(office.administrator, email=NEW_HANAKO)
        offices.replace_register(Register((replace(office, contacts=contacts, administrator=chief),), ()))


def waiting(desk: DeskUnderTest, **filters: object) -> list[str]:
    with desk.store.reading():
        found = [outbox.get(number) for number in retries.select(**filters)]  # type: ignore[arg-type]
    return [one.mail.recipient for one in found if one is not None]


@pytest.mark.parametrize("written", [True, False], ids=["written", "not written yet"])
def test_it_goes_to_the_corrected_address(
    desk: DeskUnderTest, taro: Person, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    desk.relay_is_down = True
    with monkeypatch.context() as patch:
        if not written:
            patch.setattr("tests.testkit.desk.write_due", lambda *_: 0)
        taro.sends(FORM)
    if written:
        fail(desk)
    correct(desk)
    numbers = retries.select(recipient="naxtrade")
    assert [retry(number, "ops", desk.clock.now(), desk.context) for number in numbers] == [NEW_TARO, NEW_HANAKO]
    assert {item.mail.recipient for item in outbox.listing(OutboxState.FAILED)} <= {
        "ichiro@desk.example",
        "ryoko@desk.example",
    }
    desk.relay_is_down = False
    desk.deliver()
    got = desk.person("通関 太郎", NEW_TARO).gets("received")
    assert message_from_bytes(got.raw)["To"].endswith(f"<{NEW_TARO}>")
    again = desk.person("通関 太郎", NEW_TARO).replies(got, "取下げ\n")
    assert again.reason == "withdrawn"
    assert f"retried notice n{numbers[0]}, now to {NEW_TARO}" in [row[2] for row in audited()]
    with desk.store.reading():
        assert consistency.check_consistency(desk.store).faults == ()
        assert mail_log.verify()[1] is None


def test_filters_and_what_a_restore_held_back(desk: DeskUnderTest, taro: Person) -> None:
    desk.relay_is_down = True
    taro.sends(FORM)
    taro.sends("ヘルプ", "ヘルプ")
    everybody = ["taro@naxtrade.example", "hanako@naxtrade.example", "ichiro@desk.example", "ryoko@desk.example"]
    assert waiting(desk) == [*everybody, "taro@naxtrade.example"]
    assert waiting(desk, recipient="ichiro") == ["ichiro@desk.example"]
    assert waiting(desk, office="NAC001") == [*everybody, "taro@naxtrade.example"]
    assert waiting(desk, office="NAC002") == []
    with desk.store.transaction():
        outbox.fail_undelivered(retries.HELD_BY_RESTORE, desk.clock.now())
    assert waiting(desk) == waiting(desk, office="NAC001") == []
    assert len(waiting(desk, restored=True)) == 5
    assert waiting(desk, numbers=[1]) == ["taro@naxtrade.example"]
    retry(1, "ops", desk.clock.now(), desk.context)
    fail(desk)
    assert waiting(desk) == ["taro@naxtrade.example"]  # it was tried since: nothing holds it back any more
