"""Everything the desk works with: made once by `app/context.py`, never changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mailbot.business_days import Calendar
from mailbot.model.evidence import Evidence
from mailbot.model.login_limits import LoginLimits
from mailbot.model.people import Language
from mailbot.model.procedure import Procedure
from mailbot.model.queued_mail import InboxItem
from mailbot.records.database import Store
from mailbot.records.secrets.vault import Vault

if TYPE_CHECKING:  # what they import takes longer than most commands
    from mailbot.mail.dkim.sign import Sign
    from mailbot.mail.message import Message
    from mailbot.notices.calendar_file import CalendarWriter
    from mailbot.notices.desk_pages import DeskPageWriter
    from mailbot.notices.pages import PageWriter
    from mailbot.notices.papers import PaperWriter
    from mailbot.notices.write import NoticeWriter
    from mailbot.records.queues.unwritten import UnwrittenNotice

# What SPF, DKIM and DMARC say of a mail; asks the name servers.
Authenticate = Callable[[InboxItem, "Message"], Evidence]


class Tools(Protocol):
    """What reads and writes mail with large libraries.  Each tool is made, and its library loaded, when it is first
    used: most commands need none.  `app/tools.py` makes them; that may raise ConfigError or Permanent."""

    @property
    def writer(self) -> "NoticeWriter": ...
    @property
    def papers(self) -> "PaperWriter": ...
    @property
    def calendar_files(self) -> "CalendarWriter": ...
    @property
    def pages(self) -> "PageWriter": ...
    @property
    def desk_pages(self) -> "DeskPageWriter": ...
    @property
    def authenticate(self) -> Authenticate: ...
    @property
    def sign(self) -> "Sign": ...


def without_authentication(item: InboxItem, message: "Message") -> Evidence:
    """Nothing is asked: the From header is believed, or the evidence is there already."""
    del message
    return item.evidence


@dataclass(frozen=True)
class Settings:
    """The numbers and addresses of the configuration that the desk acts on."""

    address: str  # the desk's mailbox
    name: str
    operators: tuple[str, ...]  # who is alerted
    language: Language
    reply_token_days: int
    lapse_business_days: int
    reminder_business_days: int  # after them a review is overdue
    escalation_business_days: int  # after them it is in the daily list of the operators
    applicant_reminder_business_days: int  # to the applicant side, after a 確認依頼
    morning_hour: int  # in Asia/Tokyo: reminders and the digest go out from then on
    inquiries: tuple[str, ...]  # who answers what no reviewer does; (): the operators
    answer_business_days: int  # in which a person answers
    answers_per_hour: int
    answers_per_day: int
    unproven_answers_per_day: int  # to mails that anybody may have sent in the name of the address
    changes_per_day: int  # applications that one sender submits, corrects or withdraws; more wait until the next day
    sender_cpu_seconds: float  # in an hour, for the mails of one sender; more wait
    four_eyes: bool  # two different reviewers approve the same revision
    challenge_business_days: int  # after the day of the question, until whose end it can be answered
    challenges_per_day: int  # to one address
    signature_days: int  # how long a DKIM signature that was acted on is remembered
    raw_mail_days: int  # 0: for ever
    page_url: str  # of the web pages, "" when there are none
    login_limits: LoginLimits
    known_browser_days: int
    login_link_minutes: int
    proof_required: bool  # False: `auth.require = "registered"`, the From header is believed

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True)
class DeskContext:
    """Everything an action needs beside the request and the time."""

    store: Store
    vault: Vault
    tools: Tools
    procedures: Mapping[str, Procedure]
    calendar: Calendar
    settings: Settings
    token_keys: tuple[bytes, ...]  # newest first: it makes, all are believed
    random_bytes: Callable[[int], bytes]
    choose: Callable[[str], str]  # one character of a string, at random
    # Called with the first of the notices that are queued together, before the commit: they may be rolled back.
    announce: "Callable[[UnwrittenNotice], None]" = lambda notice: None

    @property
    def writer(self) -> "NoticeWriter":
        return self.tools.writer

    @property
    def papers(self) -> "PaperWriter":
        return self.tools.papers

    @property
    def calendar_files(self) -> "CalendarWriter":
        return self.tools.calendar_files

    @property
    def pages(self) -> "PageWriter":
        return self.tools.pages

    @property
    def desk_pages(self) -> "DeskPageWriter":
        return self.tools.desk_pages

    @property
    def authenticate(self) -> Authenticate:
        return self.tools.authenticate

    @property
    def sign(self) -> "Sign":
        """What is done to each composed notice."""
        return self.tools.sign

    def procedure_of(self, name: str) -> Procedure:
        """The procedure called `name`.  Raises KeyError."""
        return self.procedures[name]
