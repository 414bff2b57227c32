"""Four eyes: two different reviewers, the same revision, neither the applicant (threats, T-40)."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.model.lifecycle import Event, State
from tests.desk_in_hand import FORM, Hand, Person, open_hand


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    hand = open_hand(tmp_path)
    object.__setattr__(hand.context, "settings", replace(hand.context.settings, four_eyes=True))
    return hand


@pytest.fixture
def ryoko(hand: Hand) -> Person:
    return hand.person("審査 良子", "ryoko@desk.example")


def test_it_takes_two(hand: Hand, taro: Person, ichiro: Person, ryoko: Person) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    first, second = ichiro.gets("review-request"), ryoko.gets("review-request")
    assert ichiro.replies(first, "承認\n").reason == "endorsed"
    assert hand.application(receipt).state is State.RECEIVED
    taro.gets_nothing()
    assert "もう一人の審査担当者の承認が必要です" in ryoko.gets("decision").text.replace("\n", "")
    assert ryoko.replies(second, "承認\n").reason == "approved"
    assert hand.application(receipt).state is State.COMPLETED
    assert [s.event for s in hand.application(receipt).steps] == [Event.SUBMIT, Event.ENDORSE, Event.APPROVE]


def test_one_cannot_be_two(hand: Hand, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    ichiro.replies(request, "承認\n")
    assert ichiro.replies(request, "承認\n").reason == "second-reviewer"
    assert ichiro.replies(ichiro.mails[0], "承認\n").reason == "second-reviewer"
    assert hand.application("2600001C").state is State.RECEIVED


def test_a_correction_starts_again(hand: Hand, taro: Person, ichiro: Person, ryoko: Person) -> None:
    """T-40."""
    taro.sends(FORM)
    received, old = taro.gets("received"), ryoko.gets("review-request")
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    ryoko.forgets()
    taro.replies(received, "修正\n備考：至急お願いします\n")
    assert ryoko.replies(old, "承認\n").reason == "superseded"
    ryoko.forgets()
    ichiro.forgets()
    new = next(item for item in hand.people["ryoko@desk.example"].mails) if ryoko.mails else None
    assert new is None
    assert hand.application("2600001C").state is State.RECEIVED
    endorsed = [s for s in hand.application("2600001C").steps if s.event is Event.ENDORSE]
    assert [s.revision for s in endorsed] == [1] and hand.application("2600001C").revision.number == 2


def test_either_may_ask(hand: Hand, taro: Person, ichiro: Person, ryoko: Person) -> None:
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    ryoko.replies(next(m for m in ryoko.mails if m.kind == "review-request"), "修正\n理由をご記入ください。\n")
    assert hand.application("2600001C").state is State.NEEDS_CONFIRMATION
