"""What the contents of all notices have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar

from mailbot.model.calendar_entry import CalendarEntry
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.notices.values import Case, Letterhead


class PaperKind(StrEnum):
    """A PDF that a notice encloses; the value names its template under `papers/`."""

    APPLICATION_FORM = "application_form"  # システムサービス利用契約変更申込書
    APPROVAL = "approval"  # システムサービス利用契約変更承認通知


@dataclass(frozen=True)
class PaperRequest:
    """One paper to print about the notice's case, in the language of its reader."""

    kind: PaperKind
    issued: date


@dataclass(frozen=True, kw_only=True)
class Content:
    """What one notice says.  A kind of notice is a subclass with its `kind`, its `template` and its fields."""

    kind: ClassVar[NoticeKind]
    template: ClassVar[str]  # under templates/, without language and ending
    to_one_reader: ClassVar[bool] = False  # and not to both 申込担当者 and 管理責任者

    case: Case | None = None
    paper: PaperRequest | None = None
    calendar: tuple[CalendarEntry, ...] = ()  # what changes in people's calendars: enclosed as .ics

    def template_for(self) -> str:
        """The template that this content is written with."""
        return self.template

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        """What the template may use besides what every template has."""
        del to, letterhead
        return {}

    def without_paper(self) -> "Content":
        """The content to send when `paper` cannot be printed."""
        return replace(self, paper=None)


@dataclass(frozen=True, kw_only=True)
class NoticeToWrite:
    """Everything that a notice's words, papers and headers are made of, fixed when it was decided to send it."""

    content: Content
    to: Addressee
    reply_to: str
    references: tuple[str, ...]  # Message-IDs, oldest first
    answers: bool  # whether it answers a mail of its reader: Auto-Submitted is auto-replied (RFC 3834 §5)
    office: str = ""
    receipt: str = ""
