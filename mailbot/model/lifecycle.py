"""The life cycle of an application: one table of its events (specification of the life-cycle, «States»).

EVENTS has one row for each event; the transitions, the sets of events below, what a notice shows, the reason codes of
the log and docs/reference/lifecycle.md all derive from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """What can happen to an application: 作業項目.  Each has a row in EVENTS."""

    SAVE = "save"
    SUBMIT = "submit"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    TAKE = "take"
    HOLD = "hold"
    ASK = "ask"
    ENDORSE = "endorse"
    APPROVE = "approve"
    LAPSE = "lapse"
    DEPUTIZE = "deputize"
    WAIT = "wait"
    LOOK = "look"
    START = "start"
    INQUIRE = "inquire"
    REPLY = "reply"
    CONCERN = "concern"
    REVOKE = "revoke"
    REOPEN = "reopen"


class Party(StrEnum):
    """Who causes an event."""

    APPLICANT = "applicant"
    REVIEWER = "reviewer"
    DESK = "desk"  # the program itself; nobody can ask for it


@dataclass(frozen=True, kw_only=True)
class EventRule:
    """One row of EVENTS."""

    by: Party
    moves: Mapping[State, State] = field(default_factory=dict)  # the state before → the state after
    meaning: str  # one English sentence, for the reference pages
    reason: str = ""  # the reason code in the mail log of the mail that caused it; "": no mail does
    internal: bool = False  # a step that notices to the applicant leave out
    revises: bool = False  # makes a new revision; every other event keeps the content as it stands
    keeps_hold: bool = False  # leaves a hold and a pending correction as they are
    news: bool = False  # listed among the 新着情報 of the office


_IN_REVIEW = {State.RECEIVED: State.RECEIVED}
_UNDECIDED = {State.RECEIVED: State.RECEIVED, State.NEEDS_CONFIRMATION: State.NEEDS_CONFIRMATION}
_ANY_STATE = {state: state for state in State}
_WHEN_COMPLETED = {State.COMPLETED: State.COMPLETED}

EVENTS: dict[Event, EventRule] = {
    Event.SAVE: EventRule(
        by=Party.APPLICANT,
        moves={State.DRAFT: State.DRAFT},
        meaning="The applicant's form is stored and not submitted.",
        internal=True,
        revises=True,
    ),
    Event.SUBMIT: EventRule(
        by=Party.APPLICANT,
        moves={State.DRAFT: State.RECEIVED},
        meaning="The applicant submits a complete form.",
        reason="submitted",
        revises=True,
        news=True,
    ),
    Event.CORRECT: EventRule(
        by=Party.APPLICANT,
        moves={State.RECEIVED: State.RECEIVED, State.NEEDS_CONFIRMATION: State.RECEIVED},
        meaning="The applicant corrects the content (修正).",
        reason="corrected",
        revises=True,
        news=True,
    ),
    Event.WITHDRAW: EventRule(
        by=Party.APPLICANT,
        moves={
            State.DRAFT: State.WITHDRAWN,
            State.RECEIVED: State.WITHDRAWN,
            State.NEEDS_CONFIRMATION: State.WITHDRAWN,
        },
        meaning="The applicant withdraws the application, or drops a draft (取下げ).",
        reason="withdrawn",
        news=True,
    ),
    Event.TAKE: EventRule(
        by=Party.REVIEWER,
        moves=_IN_REVIEW,
        meaning="A reviewer takes on the review (担当).",
        reason="taken",
        internal=True,
        keeps_hold=True,
    ),
    Event.HOLD: EventRule(
        by=Party.REVIEWER,
        moves=_UNDECIDED,
        meaning="A reviewer, or the desk after a concern, puts the review on hold (保留).",
        reason="held",
        internal=True,
        keeps_hold=True,
    ),
    Event.ASK: EventRule(
        by=Party.REVIEWER,
        moves={
            State.RECEIVED: State.NEEDS_CONFIRMATION,
            State.NEEDS_CONFIRMATION: State.NEEDS_CONFIRMATION,
        },
        meaning="A reviewer asks the applicant to confirm or correct the content (確認依頼).",
        reason="asked",
        news=True,
    ),
    Event.ENDORSE: EventRule(
        by=Party.REVIEWER,
        moves=_UNDECIDED,
        meaning="A reviewer gives the first of the two approvals that `review.four_eyes` requires.",
        reason="endorsed",
        internal=True,
        keeps_hold=True,
    ),
    Event.APPROVE: EventRule(
        by=Party.REVIEWER,
        moves={State.RECEIVED: State.COMPLETED, State.NEEDS_CONFIRMATION: State.COMPLETED},
        meaning="A reviewer approves the application (承認).",
        reason="approved",
        news=True,
    ),
    Event.LAPSE: EventRule(
        by=Party.DESK,
        moves={State.NEEDS_CONFIRMATION: State.LAPSED},
        meaning="The applicant has not answered a 確認依頼 in time.",
        news=True,
    ),
    Event.DEPUTIZE: EventRule(
        by=Party.DESK,
        moves=_IN_REVIEW,
        meaning="The reviewer is absent, and the deputy takes over.",
        internal=True,
        keeps_hold=True,
    ),
    Event.WAIT: EventRule(
        by=Party.DESK,
        moves=_IN_REVIEW,
        meaning="The application waits for those of the other offices that share a 利用者コード.",
        keeps_hold=True,
    ),
    Event.LOOK: EventRule(
        by=Party.DESK,
        moves=_WHEN_COMPLETED,
        meaning="An issued password was displayed, on the web page or to an operator.",
        keeps_hold=True,
    ),
    Event.START: EventRule(
        by=Party.DESK,
        moves=_WHEN_COMPLETED,
        meaning="The 利用開始日 has come, and the contract changes.",
        keeps_hold=True,
        news=True,
    ),
    Event.INQUIRE: EventRule(
        by=Party.DESK,
        moves=_ANY_STATE,
        meaning="What the applicant side wrote was passed on to a person (申込者からの連絡).",
        keeps_hold=True,
    ),
    Event.REPLY: EventRule(
        by=Party.DESK,
        moves=_ANY_STATE,
        meaning="A person has answered what was passed on (申込者への連絡).",
        keeps_hold=True,
    ),
    Event.CONCERN: EventRule(
        by=Party.DESK,
        moves=_ANY_STATE,
        meaning="A concern was passed on, or answered (至急の連絡).",
        internal=True,
        keeps_hold=True,
    ),
    Event.REVOKE: EventRule(
        by=Party.DESK,
        moves=_WHEN_COMPLETED,
        meaning="An operator revoked the issued passwords, which are erased.",
        keeps_hold=True,
        news=True,
    ),
    Event.REOPEN: EventRule(
        by=Party.DESK,
        moves={State.COMPLETED: State.RECEIVED},
        meaning="An operator took the approval back before the 利用開始日; it is reviewed again.",
        revises=True,  # with the same content: what was asked, endorsed or reminded of before counts no more
        news=True,
    ),
}

TRANSITIONS: dict[tuple[State, Event], State] = {
    (state, event): rule.moves[state] for state in State for event, rule in EVENTS.items() if state in rule.moves
}

OPEN_STATES = frozenset({State.RECEIVED, State.NEEDS_CONFIRMATION})
FINISHED_STATES = frozenset({State.COMPLETED, State.WITHDRAWN, State.LAPSED})
REVISING_EVENTS = frozenset(event for event, rule in EVENTS.items() if rule.revises)
INTERNAL_EVENTS = frozenset(event for event, rule in EVENTS.items() if rule.internal)
HOLD_KEEPING_EVENTS = frozenset(event for event, rule in EVENTS.items() if rule.keeps_hold)
NEWS_EVENTS = frozenset(event for event, rule in EVENTS.items() if rule.news)
APPLICANT_EVENTS = frozenset(event for event, rule in EVENTS.items() if rule.by is Party.APPLICANT)
REVIEWER_EVENTS = frozenset(event for event, rule in EVENTS.items() if rule.by is Party.REVIEWER)
DESK_EVENTS = frozenset(event for event, rule in EVENTS.items() if rule.by is Party.DESK)


def next_state(state: State, event: Event) -> State | None:
    """The state after `event`, or None when the state does not allow it."""
    return TRANSITIONS.get((state, event))


def possible_events(state: State) -> tuple[Event, ...]:
    """What the state allows, in the order of the life-cycle."""
    return tuple(event for event in Event if (state, event) in TRANSITIONS)


def log_reason(event: Event) -> str:
    """The reason code in the mail log of the mail that caused `event`; "" for an event that no mail causes."""
    return EVENTS[event].reason
