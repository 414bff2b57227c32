"""A mail that two processes have in hand is carried out by one of them (T-95)."""

import pytest

from mailbot.desk import operators, reception
from mailbot.records import applications, inbox
from tests.desk_in_hand import FORM, Hand, Person
from tests.records.making import die


def test_the_second_process_finds_it_done(hand: Hand, taro: Person) -> None:
    seen = []
    real = reception.handle

    def twice(item, now, tools):  # type: ignore[no-untyped-def]
        outcome = real(item, now, tools)
        die(hand.store)
        with pytest.raises(inbox.Finished):
            real(item, now, tools)
        with pytest.raises(inbox.Finished):
            operators.shunt(item, "surprise", "", now, tools)
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
