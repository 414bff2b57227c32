"""Four eyes: two different reviewers, the same revision, neither the applicant (threats, T-40)."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.model.lifecycle import Event, State
from tests.testkit.desk import FORM, DeskUnderTest, Person, open_desk_under_test


@pytest.fixture
def desk(tmp_path: Path) -> DeskUnderTest:
    desk = open_desk_under_test(tmp_path)
    object.__setattr__(desk.context, "settings", replace(desk.context.settings, four_eyes=True))
    return desk


@pytest.fixture
def ryoko(desk: DeskUnderTest) -> Person:
    return desk.person("審査 良子", "ryoko@desk.example")


def test_it_takes_two(desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    first, second = ichiro.gets("review-request"), ryoko.gets("review-request")
    assert ichiro.replies(first, "承認\n").reason == "endorsed"
    assert desk.application(receipt).state is State.RECEIVED
    taro.gets_nothing()
    assert "もう一人の審査担当者の承認が必要です" in ryoko.gets("decision").text.replace("\n", "")
    assert ryoko.replies(second, "承認\n").reason == "approved"
    assert desk.application(receipt).state is State.COMPLETED
    assert [s.event for s in desk.application(receipt).steps] == [Event.SUBMIT, Event.ENDORSE, Event.APPROVE]


def test_one_cannot_be_two(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    request = ichiro.gets("review-request")
    ichiro.replies(request, "承認\n")
    assert ichiro.replies(request, "承認\n").reason == "second-reviewer"
    assert ichiro.replies(ichiro.mails[0], "承認\n").reason == "second-reviewer"
    assert desk.application("2600001C").state is State.RECEIVED


def test_a_correction_starts_again(desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person) -> None:
    """T-40."""
    taro.sends(FORM)
    received, old = taro.gets("received"), ryoko.gets("review-request")
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    ryoko.forgets()
    taro.replies(received, "修正\n備考：至急お願いします\n")
    assert ryoko.replies(old, "承認\n").reason == "superseded"
    ryoko.forgets()
    ichiro.forgets()
    new = next(item for item in desk.people["ryoko@desk.example"].mails) if ryoko.mails else None
    assert new is None
    assert desk.application("2600001C").state is State.RECEIVED
    endorsed = [s for s in desk.application("2600001C").steps if s.event is Event.ENDORSE]
    assert [s.revision for s in endorsed] == [1] and desk.application("2600001C").revision.number == 2


def test_either_may_ask(desk: DeskUnderTest, taro: Person, ichiro: Person, ryoko: Person) -> None:
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    ryoko.replies(next(m for m in ryoko.mails if m.kind == "review-request"), "修正\n理由をご記入ください。\n")
    assert desk.application("2600001C").state is State.NEEDS_CONFIRMATION
