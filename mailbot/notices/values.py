"""What a notice is written from, beside the values of the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as keep

from mailbot.model.application import Application
from mailbot.model.contract import Office
from mailbot.model.effects import ContractLine
from mailbot.model.procedure import Field, Procedure


@dataclass(frozen=True)
class Letterhead:
    """Who writes: the operator's desk, as the foot of every mail names it."""

    name: str  # 申込受付デスク
    address: str  # the desk's mailbox
    organisation: str
    phone: str = ""
    hours: str = ""  # when the telephone is answered, as people read it
    page_url: str = ""  # the page with ID通知内容, "" when there is none


@dataclass(frozen=True)
class Case:
    """What a notice is about."""

    application: Application
    office: Office
    procedure: Procedure
    contract: tuple[ContractLine, ...] = ()  # 変更前 / 変更後, () when the contract stays as it is


@dataclass(frozen=True)
class Change:
    """変更前 / 変更後 of one field, both as people read them (`display.display`); "" is a blank one."""

    field: Field
    before: str
    after: str


@dataclass(frozen=True)
class Check:
    """One check that was made before a reviewer was asked.  `code` names the words in `checks.*.j2`."""

    code: str
    ok: bool
    params: Mapping[str, str] = keep(default_factory=dict)


@dataclass(frozen=True)
class WhereToSee:
    """Where an issued password can be looked at: on a page, or by asking the desk."""

    url: str = ""
    phone: str = ""

    @property
    def sentence(self) -> str:
        """Which of the sentences in the words of a completed application applies: `page` or `operator`."""
        return "page" if self.url else "operator"
