"""The register looked at: offices, one office (whose log-in is paused there), reviewers, schedule, and past imports."""

from dataclasses import dataclass
from datetime import date, datetime

from mailbot.business_days import ONE_DAY
from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.inquiries import login_pause
from mailbot.desk.pages.asked import Answer, Asked, NotFound, Page
from mailbot.desk.pages.list_urls import ListUrl, Parts, links, list_url, place_of
from mailbot.desk.pages.register_differences import Sections, sections_of_changes
from mailbot.model.contract import Office
from mailbot.model.desk_login import OPERATORS
from mailbot.model.people import Reviewer
from mailbot.model.start_days import ScheduleDay
from mailbot.records.inquiries import login_pauses
from mailbot.records.keyset import Place
from mailbot.records.register import absences, imports, office_list, offices, schedule
from mailbot.records.register.imports import RegisterImport
from mailbot.records.register.office_list import ListedOffice
from mailbot.text import fold_address, fold_code

LONGEST_REASON = 240  # characters


@dataclass(frozen=True)
class OfficesPage:
    """Some of the offices.  `latest`: the last import, None without one; `may_undo`: it can be undone."""

    rows: tuple[ListedOffice, ...]
    url: ListUrl
    parts: Parts
    latest: RegisterImport | None
    may_undo: bool


@dataclass(frozen=True)
class OfficePage:
    """One office with everything that belongs to it, but no password.

    `paused`: since when its log-in is, and why; `done`: "" | paused | resumed; `problem`: "" | reason | before.
    """

    office: Office
    paused: tuple[datetime, str] | None
    today: date
    last_month: tuple[date, date]  # its first and last day
    done: str = ""
    problem: str = ""


@dataclass(frozen=True)
class ReviewersPage:
    """The reviewers, each with whether a notice says that they are away."""

    rows: tuple[tuple[Reviewer, bool], ...]


@dataclass(frozen=True)
class SchedulePage:
    """The days of the table, those to come or those before."""

    days: tuple[ScheduleDay, ...]
    past: bool


@dataclass(frozen=True)
class ImportsPage:
    """Some of the imports, the latest first."""

    rows: tuple[RegisterImport, ...]
    parts: Parts


@dataclass(frozen=True)
class ImportPage:
    """What one import has changed; `left`: rows that it left, as they had been changed after they were shown."""

    one: RegisterImport
    sections: Sections
    may_undo: bool
    left: tuple[str, ...] = ()
    just_now: bool = False


def register(asked: Asked, context: DeskContext) -> Answer:
    url = list_url("/desk/register", asked.query, ("q", "paused"))
    with context.store.reading():
        given = dict(url.filters)
        part = office_list.listing(given.get("q", ""), place_of(asked.query), paused="paused" in given)
        latest = next(iter(imports.parts(Place(size=1)).rows), None)
    may_undo = latest is not None and latest.kept_changes > 0 and asked.login.may(OPERATORS)
    return Page("register", OfficesPage(part.rows, url, links(url, part), latest, may_undo))


def office(asked: Asked, context: DeskContext) -> Answer:
    return _office(asked, context)


def _office(asked: Asked, context: DeskContext, *, done: str = "", problem: str = "", status: int = 200) -> Answer:
    code = fold_code(asked.path["number"][:20])
    with context.store.reading():
        found = offices.office(code)
        paused = next(((since, why) for one, since, why in login_pauses.listing() if one == code), None)
    if found is None:
        return NotFound()
    today = tokyo_date(asked.now)
    last = today.replace(day=1) - ONE_DAY
    page = OfficePage(found, paused, today, (last.replace(day=1), last), done, problem)
    return Page("register_office", page, status)


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


def reviewers(asked: Asked, context: DeskContext) -> Answer:
    del asked
    with context.store.reading():
        away = absences.absent()
        rows = tuple((one, fold_address(one.email) in away) for one in offices.registered_reviewers())
    return Page("register_reviewers", ReviewersPage(rows))


def schedule_page(asked: Asked, context: DeskContext) -> Answer:
    past, today = asked.query.get("past") == "1", tokyo_date(asked.now)
    with context.store.reading():
        days = tuple(day for day in schedule.table() if (day.start < today) == past)
    return Page("register_schedule", SchedulePage(days[::-1] if past else days, past))


def imports_page(asked: Asked, context: DeskContext) -> Answer:
    url = list_url("/desk/register/imports", asked.query, ())
    with context.store.reading():
        part = imports.parts(place_of(asked.query))
    return Page("register_imports", ImportsPage(part.rows, links(url, part)))


def one_import(asked: Asked, context: DeskContext) -> Answer:
    just_now = asked.query.get("done") == "1"
    found = import_page(asked.number_of_path("number"), asked, context, just_now=just_now)
    return Page("register_one_import", found) if found is not None else NotFound()


def import_page(
    number: int, asked: Asked, context: DeskContext, *, left: tuple[str, ...] = (), just_now: bool = False
) -> ImportPage | None:
    """The page of one import, None when there is none with that number."""
    with context.store.reading():
        one = imports.find(number)
        if one is None:
            return None
        may_undo = one.kept_changes > 0 and asked.login.may(OPERATORS)
        return ImportPage(one, sections_of_changes(imports.changes_of(number)), may_undo, left, just_now)
