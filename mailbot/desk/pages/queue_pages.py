"""The review queue: what waits, in the order of promise, with what the checks say; several at once."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mailbot.clock import tokyo_date, tokyo_midnight
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.pages.asked import Answer, Asked, Page
from mailbot.desk.pages.list_urls import ListUrl, Parts, links, list_url, place_of
from mailbot.desk.pages.review_actions import Result, decide, foresee, needs_a_look, reviewer_of, ticked
from mailbot.desk.review.review_requests import checks_now, due_day, waited
from mailbot.model.application import Application
from mailbot.model.desk_login import DeskLogin
from mailbot.model.lifecycle import Event, State
from mailbot.notices.values import CheckResult
from mailbot.notices.view import CaseView, view
from mailbot.records.applications import review_queue
from mailbot.records.applications.review_queue import Waiting, Wanted
from mailbot.records.keyset import Place
from mailbot.text import fold_code

PART = 25  # rows: the checks of each are made anew
TABS = (Waiting.ALL, Waiting.MINE, Waiting.NOBODY, Waiting.LATE, Waiting.HELD, Waiting.ASKED)


@dataclass(frozen=True)
class QueueRow:
    """An application that waits.  `group`: late | today | later | asked, by its promise."""

    case: CaseView
    received: datetime
    days: int  # business days since the present content came in
    due: date
    group: str
    mine: bool
    answer_by: date | None
    look: tuple[CheckResult, ...]  # what a reviewer has to look at

    @property
    def may_be_ticked(self) -> bool:
        """What is held, asked about, or to be looked at is decided alone."""
        return not self.case.held and self.group != "asked" and not self.look


@dataclass(frozen=True)
class Tab:
    """`number`: how many, as `count_some`."""

    waiting: Waiting
    url: str
    number: int
    here: bool


@dataclass(frozen=True)
class QueuePage:
    """Part of the queue; `results`: of what was just done."""

    rows: tuple[QueueRow, ...]
    tabs: tuple[Tab, ...]
    url: ListUrl
    parts: Parts
    titles: dict[str, str]  # procedure → its title
    may_decide: bool
    late: int
    results: tuple[Result, ...] = ()
    nothing_ticked: bool = False


def late_before(today: date, context: DeskContext, days: int | None = None) -> datetime:
    """What came in before this instant has waited longer than `days` business days; without `days`: is late."""
    limit = context.settings.reminder_business_days if days is None else days
    day = today
    while context.calendar.between(day - timedelta(days=1), today) <= limit:
        day -= timedelta(days=1)
    return tokyo_midnight(day)


def queue(asked: Asked, context: DeskContext) -> Answer:
    return Page("queue", _queue(asked, context))


def _queue(asked: Asked, context: DeskContext, results: tuple[Result, ...] = ()) -> QueuePage:
    url = list_url("/desk/queue", asked.query, ("who", "procedure", "office"))
    place = place_of(asked.query)
    place = Place(place.after, place.before, PART)
    with context.store.reading():
        wanted = _wanted(asked, url, context)
        part = review_queue.listing(wanted, place)
        rows = tuple(_row(one, asked, context) for one in part.rows)
        tabs = tuple(_tab(waiting, wanted, url) for waiting in TABS)
        may_decide = reviewer_of(asked.login) is not None
    titles = {one.name: one.title(asked.language) for one in context.procedures.values()}
    late = next(tab.number for tab in tabs if tab.waiting is Waiting.LATE)
    return QueuePage(rows, tabs, url, links(url, part), titles, may_decide, late, results)


def _wanted(asked: Asked, url: ListUrl, context: DeskContext) -> Wanted:
    """A reviewer sees the queue of the own categories, everybody else the whole."""
    given = dict(url.filters)
    waiting = Waiting(given["who"]) if given.get("who") in list(Waiting) else Waiting.ALL
    procedures = categories_of(asked.login, context)
    if given.get("procedure") in context.procedures:
        procedures = tuple(one for one in procedures or (given["procedure"],) if one == given["procedure"])
    return Wanted(
        waiting,
        asked.login.email,
        late_before(tokyo_date(asked.now), context),
        procedures,
        fold_code(given.get("office", "")),
    )


def categories_of(login: DeskLogin, context: DeskContext) -> tuple[str, ...] | None:
    """The procedures of a reviewer's categories; None for all.  In the caller's `Store.reading`."""
    reviewer = reviewer_of(login)
    if reviewer is None:
        return None
    return tuple(one.name for one in context.procedures.values() if one.category in reviewer.categories)


def queue_count(login: DeskLogin, now: datetime, context: DeskContext) -> tuple[int, bool]:
    """How many wait for a reviewer, and whether some are late; in the caller's `Store.reading`."""
    late_from, procedures = late_before(tokyo_date(now), context), categories_of(login, context)
    waiting, late = (Wanted(one, login.email, late_from, procedures) for one in (Waiting.ALL, Waiting.LATE))
    number = review_queue.count(waiting)
    return number, bool(number) and review_queue.count(late) > 0


def _tab(waiting: Waiting, wanted: Wanted, url: ListUrl) -> Tab:
    of_tab = Wanted(waiting, wanted.mine, wanted.late_before, wanted.procedures, wanted.office)
    who = "" if waiting is Waiting.ALL else waiting.value
    return Tab(waiting, url.url(who=who), review_queue.count(of_tab), waiting is wanted.waiting)


def _row(application: Application, asked: Asked, context: DeskContext) -> QueueRow:
    case, due = case_of(application, context), due_day(application, context)
    days = waited(application, asked.now, context)
    is_asked = application.state is State.NEEDS_CONFIRMATION
    left = days - context.settings.reminder_business_days
    group = "asked" if is_asked else "late" if left > 0 else "today" if left == 0 else "later"
    return QueueRow(
        case=view(case, asked.language),
        received=application.revision.made_at,
        days=days,
        due=due,
        group=group,
        mine=application.taken_by == asked.login.email,
        answer_by=tokyo_date(application.answer_by) if is_asked and application.answer_by else None,
        look=() if is_asked else needs_a_look(checks_now(case, asked.now, context)),
    )


@dataclass(frozen=True)
class SeveralPage:
    """Several applications before they are approved, each with what would come of it."""

    results: tuple[Result, ...]

    @property
    def possible(self) -> tuple[Result, ...]:
        return tuple(one for one in self.results if not one.problem)


def several(asked: Asked, context: DeskContext) -> Answer:
    """Take those that are ticked; approvals are shown first, each with its own result."""
    chosen = ticked(asked)
    if not chosen:
        return Page("queue", replace(_queue(asked, context), nothing_ticked=True), 422)
    if chosen[0].event is Event.TAKE:
        return Page("queue", _queue(asked, context, tuple(decide(one, asked, context) for one in chosen)))
    return Page("several", SeveralPage(tuple(foresee(one, asked, context, in_batch=True) for one in chosen)))


def decide_several(asked: Asked, context: DeskContext) -> Answer:
    """Approve those that were confirmed, each checked again and in a transaction of its own."""
    results = tuple(decide(one, asked, context, in_batch=True) for one in ticked(asked))
    return Page("queue", _queue(asked, context, results))
