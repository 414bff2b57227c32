"""What the pages of an office show, as the desk gives it to `pages.PageWriter`."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from mailbot.model.contract import Office
from mailbot.model.queued_mail import SentNotice
from mailbot.model.start_days import ScheduleDay
from mailbot.notices.contents.base import PaperKind
from mailbot.notices.contract_view import ContractView, NewsRow
from mailbot.notices.next_step import NextStep
from mailbot.notices.values import Case


@dataclass(frozen=True)
class CaseRow:
    """An application in a list, with what it waits for."""

    case: Case
    next: NextStep


@dataclass(frozen=True)
class Overview:
    """The first page of an office.

    `current`: applications in which something is still to come; `past`: the others, one page of them; `older`: the
    receipt number after which the next page begins, "" when there is none; `is_first`: whether it is the first page.
    """

    office: Office
    current: tuple[CaseRow, ...]
    past: tuple[CaseRow, ...]
    older: str
    is_first: bool
    news: tuple[NewsRow, ...]
    contract: ContractView
    schedule: tuple[ScheduleDay, ...]
    procedures: tuple[str, ...]  # their titles


@dataclass(frozen=True)
class ApplicationPage:
    """The page of one application.

    `ids`: 利用者ID and メールボックスID whose passwords can be shown; empty before the approval, and after the view
    period for good.  `over`: there were passwords, and their view period has ended.  `approval_from`: the day from
    which the 承認通知 can be printed, None without one.
    """

    office: Office
    case: Case
    next: NextStep
    ids: tuple[str, ...]
    over: bool
    seen: Collection[str]  # of `ids`
    sent: tuple[SentNotice, ...]
    papers: tuple[PaperKind, ...]  # that can be printed today
    has_calendar: bool  # whether it has days for a calendar file
    approval_from: date | None
    form: str  # the content, as a correction by mail begins with; "" when none is possible
    may_withdraw: bool


@dataclass(frozen=True)
class ShownPassword:
    """One password that a page shows.  Its `repr` does not show it."""

    user_id: str  # or メールボックスID
    password: str = field(repr=False)
