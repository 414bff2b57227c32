"""An inquiry: what somebody wrote that no rule of the desk covers, and that a person answers."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class InquiryState(StrEnum):
    """How far an inquiry is."""

    OPEN = "open"
    ANSWERED = "answered"  # an answer was sent to the one who wrote
    CLOSED = "closed"  # without an answer


class Audience(StrEnum):
    """To whom an inquiry was passed on."""

    REVIEWERS = "reviewers"  # of the application
    DESK = "desk"  # the people of `desk.inquiries`
    EVERYBODY = "everybody"  # a concern whose sender is proven: operators and reviewers


@dataclass(frozen=True)
class Inquiry:
    """One inquiry.  `mail_id` is its number."""

    mail_id: int  # id of the inbox row
    received_at: datetime
    sender: str  # address, folded
    name: str  # of the sender, as the register has it
    words: str  # the sender's own words
    audience: Audience
    promised_on: date  # the last day for an answer
    application_id: int | None = None
    office: str = ""  # 事業所コード; "" when the sender belongs to several, or to none
    concern: bool = False
    days_left: int | None = None  # business days of a 確認依頼 that remain when the inquiry is done
    state: InquiryState = InquiryState.OPEN
    answered_by: str = ""  # address; a name of the program when a decision or a command has closed it
    answered_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for a person."""
        return self.state is InquiryState.OPEN

    def is_late(self, today: date) -> bool:
        """Whether it still waits after the day that was promised."""
        return self.is_open and today > self.promised_on
