"""A mail that two processes have in hand is carried out by one of them (T-95)."""

import pytest

from mailbot.desk import reception
from mailbot.desk.operators import quarantine
from mailbot.records.applications import applications
from mailbot.records.queues import inbox
from tests.desk_in_hand import FORM, Hand, Person
from tests.records.making import die


def test_the_second_process_finds_it_done(hand: Hand, taro: Person) -> None:
    seen = []
    real = reception.handle

    def twice(item, now, context):  # type: ignore[no-untyped-def]
        outcome = real(item, now, context)
        die(hand.store)
        with pytest.raises(inbox.AlreadyHandled):
            real(item, now, context)
        with pytest.raises(inbox.AlreadyHandled):
            quarantine.set_aside(item, "surprise", "", now, context)
        seen.append(item.id)
        return outcome

    hand_handle, reception.handle = reception.handle, twice
    try:
        taro.sends(FORM)
    finally:
        reception.handle = hand_handle
    assert seen
    with hand.store.reading():
        assert len(applications.listing()) == 1
        assert inbox.counts()["carried_out"] == 1
