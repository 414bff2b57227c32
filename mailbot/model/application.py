"""An application (申込): its current state, its content at each revision, and its history."""

from dataclasses import dataclass
from datetime import date, datetime

from mailbot.model.effects import ContractLine, Effect
from mailbot.model.lifecycle import Event, State
from mailbot.model.people import ApplicantContact, Role
from mailbot.model.procedure import Filled
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.view_period import ViewPeriod


@dataclass(frozen=True)
class Actor:
    """The person or program that caused a step.  `email` and `name` are "" for a program."""

    role: Role
    email: str = ""
    name: str = ""


@dataclass(frozen=True)
class Revision:
    """The content of an application; a correction makes the next revision."""

    number: int  # 0 of a draft, 1 of the submission, then one more for each correction
    filled: Filled
    contact: ApplicantContact
    made_at: datetime


@dataclass(frozen=True)
class Step:
    """One row of the history (進行状況)."""

    event: Event
    state: State  # the state after the event
    at: datetime
    actor: Actor
    revision: int  # number of the revision after the event
    words: str = ""  # 通知内容: the reviewer's text
    mail_id: int | None = None  # id of the inbox row that caused it


@dataclass(frozen=True)
class Approval:
    """What an approval determines besides the decision itself."""

    effects: tuple[Effect, ...] = ()  # with the allocated numbers
    contract: tuple[ContractLine, ...] = ()  # 変更前 / 変更後
    start_date: date | None = None  # confirmed 利用開始日, None when the contract does not change
    view_period: ViewPeriod | None = None


@dataclass(frozen=True)
class Application:
    """An application (申込) in its current state."""

    id: int
    procedure: str  # Procedure.name
    office: str  # 事業所コード
    state: State
    revision: Revision
    receipt: ReceiptNumber | None = None  # a draft has none
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    held: bool = False  # a reviewer put the review on hold (保留)
    taken_by: str = ""  # address of the reviewer in charge
    answer_by: datetime | None = None  # when an unanswered 確認依頼 lapses
    view_period: ViewPeriod | None = None
    start_date: date | None = None  # 利用開始日, once it is confirmed
    in_effect_at: datetime | None = None  # when the contract in the register was changed
    contract: tuple[ContractLine, ...] = ()  # 変更前 / 変更後 at the approval
    pending: Filled | None = None  # a correction that failed its checks; `revision` is still current
    steps: tuple[Step, ...] = ()

    @property
    def taken_back(self) -> Step | None:
        """The step that took an approval of the present revision back, or None."""
        number = self.revision.number
        return next((s for s in self.steps if s.event is Event.REOPEN and s.revision == number), None)

    @property
    def revoked(self) -> Step | None:
        """The latest step by which an operator has revoked passwords since the last approval, or None."""
        since = next((s for s in reversed(self.steps) if s.event in (Event.REVOKE, Event.APPROVE)), None)
        return since if since is not None and since.event is Event.REVOKE else None

    @property
    def looked_at(self) -> frozenset[str]:
        """The IDs whose passwords were looked at since the last approval."""
        ids: frozenset[str] = frozenset()
        for step in self.steps:
            if step.event is Event.APPROVE:
                ids = frozenset()
            elif step.event is Event.LOOK:
                ids |= set(step.words.split("\n"))
        return ids

    @property
    def in_effect(self) -> bool:
        """Whether the contract in the register was changed, on the 利用開始日."""
        return self.in_effect_at is not None
