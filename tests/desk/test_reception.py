"""A mail that two processes handle at once is carried out by one of them (T-95)."""

import pytest

from mailbot.desk import reception
from mailbot.desk.unhandled import quarantine
from mailbot.records.applications import application_store
from mailbot.records.queues import inbox
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import die


def test_the_second_process_finds_it_done(desk: DeskUnderTest, taro: Person) -> None:
    seen = []
    real = reception.handle

    def twice(item, now, context):  # type: ignore[no-untyped-def]
        outcome = real(item, now, context)
        die(desk.store)
        with pytest.raises(inbox.AlreadyHandled):
            real(item, now, context)
        with pytest.raises(inbox.AlreadyHandled):
            quarantine.quarantine_mail(item, "surprise", "", now, context)
        seen.append(item.id)
        return outcome

    handle, reception.handle = reception.handle, twice
    try:
        taro.sends(FORM)
    finally:
        reception.handle = handle
    assert seen
    with desk.store.reading():
        assert len(application_store.listing()) == 1
        assert inbox.counts()["carried_out"] == 1
