"""申込: what somebody asked for, its content as it stood at each revision, and every step of its life."""

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
    """Who did something."""

    role: Role
    email: str = ""
    name: str = ""


@dataclass(frozen=True)
class Revision:
    """The content of an application as it stood; a correction makes the next one."""

    number: int  # 1 is the first that was submitted; a draft has 0
    filled: Filled
    contact: ApplicantContact
    made_at: datetime


@dataclass(frozen=True)
class Step:
    """One row of 進行状況."""

    event: Event
    state: State  # the state just entered
    at: datetime
    actor: Actor
    revision: int
    words: str = ""  # 通知内容
    mail_id: int | None = None  # the inbox item that caused it


@dataclass(frozen=True)
class Approval:
    """What an approval fixes besides the decision itself."""

    effects: tuple[Effect, ...] = ()  # with the numbers they were given
    contract: tuple[ContractLine, ...] = ()  # 変更前 / 変更後
    start_date: date | None = None  # 利用開始日, None when nothing starts
    view_period: ViewPeriod | None = None


@dataclass(frozen=True)
class Application:
    """申込, as it stands now."""

    id: int
    procedure: str
    office: str
    state: State
    revision: Revision
    receipt: ReceiptNumber | None = None  # a draft has none
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    held: bool = False
    taken_by: str = ""  # the reviewer's address
    answer_by: datetime | None = None  # when an unanswered 確認依頼 lapses
    view_period: ViewPeriod | None = None
    start_date: date | None = None  # 利用開始日, once it is confirmed
    in_effect_at: datetime | None = None  # when the contract was changed
    contract: tuple[ContractLine, ...] = ()  # 変更前 / 変更後 as it was approved
    pending: Filled | None = None  # a correction that failed its checks; it does not count yet
    steps: tuple[Step, ...] = ()

    @property
    def in_effect(self) -> bool:
        """Whether the 利用開始日 has come and the contract was changed."""
        return self.in_effect_at is not None
