"""What a notice is written from, beside the values of the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as keep
from datetime import date

from mailbot.model.application import Application
from mailbot.model.contract import Office
from mailbot.model.effects import ContractLine
from mailbot.model.procedure import Field, Finding, Procedure, ReviewCheck


@dataclass(frozen=True)
class WhereToSee:
    """Where an issued password can be looked at: on a page, or by asking the desk."""

    url: str = ""
    phone: str = ""

    @property
    def sentence(self) -> str:
        """Which of the sentences in the words of a completed application applies: `page` or `operator`."""
        return "page" if self.url else "operator"


@dataclass(frozen=True)
class Letterhead:
    """Who writes: the operator's desk, as the end of every mail names it."""

    name: str  # 申込受付デスク
    address: str  # the desk's mailbox
    organisation: str
    phone: str = ""
    hours: str = ""  # when the telephone is answered, as people read it
    page_url: str = ""  # the page with ID通知内容, "" when there is none

    def page_of(self, receipt: str) -> str:
        """The page of an application, "" when there are no pages."""
        return f"{self.page_url.rstrip('/')}/applications/{receipt}" if self.page_url and receipt else self.page_url

    def where_to_see(self, receipt: str) -> WhereToSee:
        """Where the issued passwords of an application can be looked at."""
        return WhereToSee(url=self.page_of(receipt), phone=self.phone)


@dataclass(frozen=True)
class Case:
    """What a notice is about."""

    application: Application
    office: Office
    procedure: Procedure
    contract: tuple[ContractLine, ...] = ()  # 変更前 / 変更後, () when the contract stays as it is
    findings: tuple[Finding, ...] = ()  # what keeps a draft from being submitted, where a notice tells it


class ThisCase:
    """A case as the key of a cache: equal only to the same object, because a case as a value has no hash."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ThisCase) and other.case is self.case

    def __hash__(self) -> int:
        return id(self.case)


@dataclass(frozen=True)
class Change:
    """変更前 / 変更後 of one field, both as people read them (`display.display`); "" is a blank one."""

    field: Field
    before: str
    after: str


@dataclass(frozen=True)
class CheckResult:
    """How one check came out that was made before a reviewer is asked.  Its words are in `checks.*.j2`."""

    check: ReviewCheck
    ok: bool
    params: Mapping[str, str] = keep(default_factory=dict)


@dataclass(frozen=True)
class Earlier:
    """A completed application of the same procedure for the same code."""

    code: str
    receipt: str
    decided: date | None


@dataclass(frozen=True)
class Waiting:
    """One line of a reviewer's digest."""

    case: Case
    days: int  # business days since it was received or corrected
    overdue: bool
