"""Notices that several processes write at the same time."""

from contextlib import AbstractContextManager, nullcontext

import pytest

from tests.testkit.desk import FORM, DeskUnderTest, Person


def test_recipients_of_another_process_are_left_to_it(
    desk: DeskUnderTest, taro: Person, ichiro: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes all notices to them, oldest first: none overtakes an older one, and others do not wait."""
    elsewhere = {taro.address}

    def only_here(work: str) -> AbstractContextManager[bool]:
        return nullcontext(not any(address in work for address in elsewhere))

    monkeypatch.setattr(desk.store, "only_here", only_here)
    taro.sends(FORM)
    taro.sends("ヘルプ", "ヘルプ")
    taro.gets_nothing()
    ichiro.gets("review-request")
    elsewhere.clear()
    desk.deliver()
    taro.gets("received", "answer")
