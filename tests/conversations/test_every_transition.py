"""Every cell of the life-cycle by mail: what a state allows happens, what it does not changes nothing (T-41)."""

import itertools
from functools import partial

import pytest

from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Disposition
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice

R, N, C, W, L = (
    State.RECEIVED,
    State.NEEDS_CONFIRMATION,
    State.COMPLETED,
    State.WITHDRAWN,
    State.LAPSED,
)
WORDS = {
    "correct": "修正\n備考：直しました",
    "withdraw": "取下げ",
    "approve": "承認",
    "ask": "確認依頼\n理由を教えてください。",
    "hold": "保留\n確認中です。",
    "take": "担当",
}
AFTER = {
    **{(R, word): state for word, state in zip(WORDS, (R, W, C, N, R, R), strict=True)},
    (N, "correct"): R,
    (N, "withdraw"): W,
}


def bring_to(state: State, desk: DeskUnderTest) -> tuple[ReceivedNotice, ReceivedNotice]:
    """An application in `state`; the notices that the applicant and the reviewer reply to."""
    taro, ichiro = desk.person("通関 太郎", "taro@naxtrade.example"), desk.person("審査 一郎", "ichiro@desk.example")
    taro.sends(FORM)
    received, request = taro.gets("received"), ichiro.gets("review-request")
    match state:
        case State.NEEDS_CONFIRMATION | State.LAPSED:
            ichiro.replies(request, WORDS["ask"])
            if state is State.LAPSED:
                desk.passes(days=25)
                desk.run_due_tasks()
        case State.COMPLETED:
            ichiro.replies(request, WORDS["approve"])
        case State.WITHDRAWN:
            taro.replies(received, WORDS["withdraw"])
    assert desk.application(received.receipt).state is state
    for person in desk.people.values():
        person.forgets()
    return received, request


HISTORIES = {state: partial(bring_to, state) for state in (R, N, C, W, L)}


@pytest.mark.parametrize(("state", "word"), list(itertools.product((R, N, C, W, L), WORDS)))
def test_cell(desk: DeskUnderTest, taro: Person, ichiro: Person, state: State, word: str) -> None:
    received, request = desk.after(HISTORIES[state])
    before = desk.application(received.receipt)
    actor, notice = (taro, received) if word in ("correct", "withdraw") else (ichiro, request)
    outcome = actor.replies(notice, WORDS[word])
    after = desk.application(received.receipt)
    if (state, word) in AFTER:
        assert outcome.disposition is Disposition.CARRIED_OUT
        assert after.state is AFTER[state, word]
        assert len(after.steps) == len(before.steps) + 1
    else:
        assert outcome.disposition is Disposition.ANSWERED
        assert outcome.reason in ("not-possible", "already-decided", "superseded")
        assert after == before
        actor.gets("answer")
        assert not [p for p in desk.people.values() if p is not actor and p.mails]


@pytest.mark.parametrize("word", [*(word for word in WORDS if word != "withdraw"), "nothing"])
def test_a_draft_is_completed_or_dropped(desk: DeskUnderTest, taro: Person, ichiro: Person, word: str) -> None:
    taro.sends(FORM.replace("A0A", "AOA"))
    draft = taro.gets("invalid-input")
    outcome = taro.replies(draft, WORDS.get(word, "よろしく"))
    assert outcome.disposition in (Disposition.ANSWERED, Disposition.PASSED_ON)
    ichiro.gets_nothing()
