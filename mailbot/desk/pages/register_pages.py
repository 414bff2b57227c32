"""The register and the schedule to look at; an operator pauses and resumes the log-in of an office there."""

from dataclasses import dataclass
from datetime import date, datetime

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.inquiries import login_pause
from mailbot.desk.pages.asked import Answer, Asked, NotFound, Page
from mailbot.desk.pages.list_urls import ListUrl, Parts, links, list_url, place_of
from mailbot.model.contract import Office
from mailbot.model.people import Reviewer
from mailbot.model.start_days import ScheduleDay
from mailbot.records.inquiries import login_pauses
from mailbot.records.register import absences, office_list, offices, schedule
from mailbot.records.register.office_list import OfficeEntry
from mailbot.text import fold_code

LONGEST_REASON = 240  # characters


@dataclass(frozen=True)
class RegisterPage:
    """A part of the offices, by code; the reviewers, with the addresses of those who are away."""

    rows: tuple[OfficeEntry, ...]
    url: ListUrl
    parts: Parts
    reviewers: tuple[Reviewer, ...]
    absent: frozenset[str]


@dataclass(frozen=True)
class OfficePage:
    """An office with its people and contract.

    `paused`: since when its log-in is, and why; `done`: "" | paused | resumed; `problem`: "" | reason | before.
    """

    office: Office
    paused: tuple[datetime, str] | None
    today: date
    done: str = ""
    problem: str = ""


@dataclass(frozen=True)
class SchedulePage:
    """The table of system-registration days; `next`: the first that an approval of today can confirm."""

    days: tuple[ScheduleDay, ...]
    today: date
    next: date | None


def register(asked: Asked, context: DeskContext) -> Answer:
    url = list_url("/desk/register", asked.query, ("q", "paused"))
    with context.store.reading():
        given = dict(url.filters)
        part = office_list.page(given.get("q", ""), place_of(asked.query), paused="paused" in given)
        people, absent = tuple(offices.all_reviewers()), frozenset(absences.absent())
    return Page("register", RegisterPage(part.rows, url, links(url, part), people, absent))


def office(asked: Asked, context: DeskContext) -> Answer:
    return _office(asked, context)


def _office(asked: Asked, context: DeskContext, *, done: str = "", problem: str = "", status: int = 200) -> Answer:
    code = fold_code(asked.path["number"][:20])
    with context.store.reading():
        found = offices.office(code)
        paused = next(((since, why) for one, since, why in login_pauses.listing() if one == code), None)
    if found is None:
        return NotFound()
    return Page("office", OfficePage(found, paused, tokyo_date(asked.now), done, problem), status)


def pause(asked: Asked, context: DeskContext) -> Answer:
    """Pause the log-in of an office and end its sessions; the reason is required."""
    code, reason = fold_code(asked.path["number"][:20]), asked.text("reason").strip()[:LONGEST_REASON]
    if not reason:
        return _office(asked, context, problem="reason", status=422)
    with context.store.transaction():
        before = login_pauses.is_paused(code)
        if not before and not login_pause.begin(code, asked.login.email, reason, asked.now):
            return NotFound()
    return _office(asked, context, done="" if before else "paused", problem="before" if before else "")


def resume(asked: Asked, context: DeskContext) -> Answer:
    """Allow the log-in of an office again."""
    with context.store.transaction():
        ended = login_pause.end(fold_code(asked.path["number"][:20]), asked.login.email, asked.now)
    return _office(asked, context, done="resumed" if ended else "", problem="" if ended else "before")


def schedule_page(asked: Asked, context: DeskContext) -> Answer:
    today = tokyo_date(asked.now)
    with context.store.reading():
        days = schedule.table()
    possible = (day.start for day in days if day.deadline >= today and day.start > today)
    return Page("schedule", SchedulePage(days, today, next(possible, None)))
