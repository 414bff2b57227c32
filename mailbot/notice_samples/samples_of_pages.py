"""Every page, PDF form and calendar file, as it is written about the invented applications."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from mailbot.model.calendar_entry import current
from mailbot.model.contract import Office
from mailbot.model.lifecycle import Event
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Language, Role
from mailbot.model.queued_mail import OutboxState, SentNotice
from mailbot.model.start_days import ScheduleDay
from mailbot.notice_samples import samples, samples_of_changes
from mailbot.notice_samples.samples_of_changes import CONTRACTED, DAY
from mailbot.notices.calendar_file import CalendarWriter
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.notices.contract_view import NewsRow, contract_view
from mailbot.notices.next_step import NextStep, Wait
from mailbot.notices.page_values import ApplicationPage, CaseRow, Overview, ShownPassword
from mailbot.notices.pages import PageWriter
from mailbot.notices.papers import PaperWriter
from mailbot.notices.values import Case

CSRF = "csrf"
_WITH_A_DAY = (Wait.ANSWER, Wait.LOOK, Wait.REPLY, Wait.START)
_PROBLEMS = {
    "login": ("", "wrong", "wait", "paused", "ended", "origin"),
    "change": ("", "wrong", "wait", "short", "same", "code", "differ"),
    "message": ("not_found", "changed", "away", "link_sent", "link_over", "no_paper"),
}


@dataclass(frozen=True)
class Writers:
    """What writes pages, PDF forms and calendar files."""

    pages: PageWriter
    papers: PaperWriter
    calendars: CalendarWriter


Written = Callable[[Writers], object]


def pages(language: Language) -> dict[str, list[Written]]:
    """Name of a template under `web/` → each way in which it is filled; the pages of offices are in their language."""
    office = replace(CONTRACTED, language=language)
    shown = ShownPassword("1ANACA0A", "Example-1")
    applications = [application(case, office) for case in _cases(office)]
    return {
        "login": [_login(language, one) for one in _PROBLEMS["login"]],
        "change": [_change(office, one) for one in _PROBLEMS["change"]],
        "message": [_message(language, one) for one in _PROBLEMS["message"]],
        "link": [lambda w: w.pages.link(language, "token", "2600001C")],
        "overview": [lambda w: w.pages.overview(overview(office, language), CSRF)],
        "withdrawal": [lambda w: w.pages.withdrawal(applications[0], CSRF)],
        "application": [
            *(_application(one) for one in applications),
            lambda w: w.pages.application(applications[1], CSRF, shown=shown),
            lambda w: w.pages.application(applications[0], CSRF, flash="withdrawn"),
            lambda w: w.pages.application(applications[0], CSRF, flash="not_withdrawn"),
        ],
    }


def papers(language: Language) -> dict[str, list[Written]]:
    """Name of a template under `papers/` → each way in which it is filled."""
    cases = [
        samples.case(samples.COMPLETED),
        *(samples_of_changes.completed(name) for name in samples_of_changes.CONTENT),
    ]
    return {
        "application_form": [_paper(PaperKind.APPLICATION_FORM, one, language) for one in cases],
        "approval": [_paper(PaperKind.APPROVAL, one, language) for one in cases],
        "calendar": [_calendar(one, language, gone) for one in cases for gone in (False, True)],
    }


def overview(office: Office, language: Language) -> Overview:
    """The first page of an office with an application that waits and one that is over."""
    case = replace(samples.case(samples.ASKED), office=office)
    rows = (CaseRow(case, NextStep(Wait.ANSWER, date(2026, 12, 7))), CaseRow(case, NextStep(Wait.NOTHING)))
    return Overview(
        office=office,
        current=tuple(CaseRow(case, NextStep(wait, DAY if wait in _WITH_A_DAY else None)) for wait in Wait),
        past=rows,
        older="2600001C",
        is_first=True,
        news=(NewsRow("2026/11/20", "C", "2600001C", Event.ASK, office.name),),
        contract=contract_view(office, (case,), DAY, language),
        schedule=(ScheduleDay(date(2026, 12, 8), date(2026, 12, 1)),),
        procedures=tuple(one.titles[language] for one in samples.PROCEDURES.values()),
    )


def application(case: Case, office: Office) -> ApplicationPage:
    """The page of one application."""
    return ApplicationPage(
        office=office,
        case=case,
        next=NextStep(Wait.REVIEW),
        ids=("1ANACA0A",) if case.application.view_period else (),
        over=False,
        seen=(),
        sent=(
            SentNotice(
                samples.SUBMITTED, NoticeKind.RECEIVED, Role.CONTACT, "taro@naxtrade.example", "x", OutboxState.SENT
            ),
        ),
        papers=tuple(PaperKind),
        has_calendar=True,
        approval_from=DAY,
        form=samples.FORM,
        may_withdraw=True,
    )


def _cases(office: Office) -> list[Case]:
    found = [samples.case(one) for one in (samples.RECEIVED, samples.COMPLETED, samples.ASKED, samples.WITHDRAWN)]
    found += [samples.case(samples.DRAFT), samples_of_changes.completed("mailbox_change")]
    return [replace(one, office=office) for one in found]


def _login(language: Language, problem: str) -> Written:
    return lambda w: w.pages.login(language, problem=problem, code="NAC001", wait_seconds=60)


def _change(office: Office, problem: str) -> Written:
    return lambda w: w.pages.change(office, CSRF, problem)


def _message(language: Language, kind: str) -> Written:
    return lambda w: w.pages.message(language, kind)


def _application(one: ApplicationPage) -> Written:
    return lambda w: w.pages.application(one, CSRF)


def _paper(kind: PaperKind, case: Case, language: Language) -> Written:
    return lambda w: w.papers.enclosure(PaperRequest(kind, DAY), case, language)


def _calendar(case: Case, language: Language, gone: bool) -> Written:
    entries = [replace(one, cancelled=gone) for one in current(case.application)]
    return lambda w: w.calendars.enclosures(entries, case, language)
