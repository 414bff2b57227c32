"""The life of an application, as one table (specification of the life-cycle, «States»).

The diagram in docs/design/lifecycle.md is drawn from TRANSITIONS; a test holds the two together.
"""

from enum import StrEnum


class State(StrEnum):
    """ステータス."""

    DRAFT = "draft"  # 一時保存
    RECEIVED = "received"  # 受付
    NEEDS_CONFIRMATION = "needs_confirmation"  # 内容確認
    COMPLETED = "completed"  # 審査終了
    WITHDRAWN = "withdrawn"  # 取下げ
    LAPSED = "lapsed"  # 無効


class Event(StrEnum):
    """What can happen to an application: 作業項目."""

    SAVE = "save"  # the applicant's form is kept, not submitted
    SUBMIT = "submit"
    CORRECT = "correct"  # the applicant's 修正
    WITHDRAW = "withdraw"
    TAKE = "take"  # the reviewer's 担当
    HOLD = "hold"
    ASK = "ask"  # the reviewer's 確認依頼
    ENDORSE = "endorse"  # the first of two approvals (four-eyes)
    APPROVE = "approve"
    LAPSE = "lapse"
    DEPUTIZE = "deputize"  # the reviewer is away: the deputy takes over
    WAIT = "wait"  # for the other offices that share a 利用者コード
    LOOK = "look"  # an issued password was looked at on the web page
    START = "start"  # 利用開始日: the contract changes


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.DRAFT, Event.SAVE): State.DRAFT,
    (State.DRAFT, Event.SUBMIT): State.RECEIVED,
    (State.RECEIVED, Event.CORRECT): State.RECEIVED,
    (State.RECEIVED, Event.WITHDRAW): State.WITHDRAWN,
    (State.RECEIVED, Event.TAKE): State.RECEIVED,
    (State.RECEIVED, Event.HOLD): State.RECEIVED,
    (State.RECEIVED, Event.ASK): State.NEEDS_CONFIRMATION,
    (State.RECEIVED, Event.ENDORSE): State.RECEIVED,
    (State.RECEIVED, Event.APPROVE): State.COMPLETED,
    (State.NEEDS_CONFIRMATION, Event.CORRECT): State.RECEIVED,
    (State.NEEDS_CONFIRMATION, Event.WITHDRAW): State.WITHDRAWN,
    (State.NEEDS_CONFIRMATION, Event.LAPSE): State.LAPSED,
    (State.RECEIVED, Event.DEPUTIZE): State.RECEIVED,
    (State.RECEIVED, Event.WAIT): State.RECEIVED,
    (State.COMPLETED, Event.START): State.COMPLETED,
    (State.COMPLETED, Event.LOOK): State.COMPLETED,
}

OPEN_STATES = frozenset({State.RECEIVED, State.NEEDS_CONFIRMATION})
FINISHED_STATES = frozenset({State.COMPLETED, State.WITHDRAWN, State.LAPSED})
# These make a new revision; every other event keeps the content as it stands.
REVISING_EVENTS = frozenset({Event.SAVE, Event.SUBMIT, Event.CORRECT})
APPLICANT_EVENTS = frozenset({Event.SAVE, Event.SUBMIT, Event.CORRECT, Event.WITHDRAW})
REVIEWER_EVENTS = frozenset({Event.TAKE, Event.HOLD, Event.ASK, Event.ENDORSE, Event.APPROVE})


# What the desk itself does; nobody can ask for it.
DESK_EVENTS = frozenset({Event.LAPSE, Event.DEPUTIZE, Event.WAIT, Event.START, Event.LOOK})


def next_state(state: State, event: Event) -> State | None:
    """The state after `event`, or None when the state does not allow it."""
    return TRANSITIONS.get((state, event))


def possible_events(state: State) -> tuple[Event, ...]:
    """What the state allows, in the order of the life-cycle."""
    return tuple(event for event in Event if (state, event) in TRANSITIONS)
