"""An application: content, 変更前/変更後, checks, and its steps and mails as one timeline; a reviewer decides there."""

from dataclasses import dataclass
from datetime import date, datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.operators.applications import take_approval_back
from mailbot.desk.pages.asked import Answer, Asked, NotFound, Page
from mailbot.desk.pages.audit_pages import record_look
from mailbot.desk.pages.review_actions import EVENTS, Result, choice_of, decide, foresee, reviewer_of
from mailbot.desk.review.review_requests import checks_now, due_day, earlier_ones, is_overdue
from mailbot.errors import UsageError
from mailbot.model.application import Application, Step
from mailbot.model.audit import application_subject
from mailbot.model.lifecycle import OPEN_STATES, State, next_state
from mailbot.model.queued_mail import LogRow, SentNotice
from mailbot.model.receipt import ReceiptNumber
from mailbot.notices.values import Case, CheckResult, Earlier
from mailbot.notices.view import CaseView, view
from mailbot.records.applications import application_store
from mailbot.records.log import mail_log
from mailbot.records.queues import outbox

LONGEST_NUMBER = 20  # characters of a path that may be a receipt number


@dataclass(frozen=True)
class TimelineEntry:
    """A step of the history, a mail about the application, or the copies of a notice."""

    at: datetime
    step: Step | None = None
    mail: LogRow | None = None
    sent: tuple[SentNotice, ...] = ()


@dataclass(frozen=True)
class ReviewPage:
    """The page of an application.

    `choices`: what may be decided by whoever asks, by their names in the form; `unable`: why nothing, "" |
    not_a_reviewer | not_your_category | decided; `result`: of what was just asked for.
    """

    case: Case
    view: CaseView
    checks: tuple[CheckResult, ...]
    earlier: tuple[Earlier, ...]
    timeline: tuple[TimelineEntry, ...]
    due: date | None  # of an open review
    late: bool
    mine: bool
    choices: tuple[str, ...]
    unable: str
    answer_by: date  # of a 確認依頼 that is sent now
    may_take_back: bool
    result: Result | None = None
    words: str = ""  # as typed
    taken_back: str = ""  # "" | done | why not, in English words of the commands


@dataclass(frozen=True)
class ConfirmPage:
    """What a decision will do, before it is made: `result.case` is its application."""

    result: Result
    answer_by: date  # of a 確認依頼 that is sent now


@dataclass(frozen=True)
class _Shown:
    """What a handler adds to the page."""

    result: Result | None = None
    words: str = ""
    taken_back: str = ""
    is_recorded: bool = False  # the audit log has a row about this request already


def application(asked: Asked, context: DeskContext) -> Answer:
    """The page."""
    return _application(asked, context, _Shown())


def _application(asked: Asked, context: DeskContext, shown: _Shown, status: int = 200) -> Answer:
    """The page as the answer to any request; that it is looked at is recorded, unless more is."""
    with context.store.reading():
        found = _find(asked)
        page = _page(found, asked, context, shown) if found is not None else None
    if page is None:
        return NotFound()
    if not shown.is_recorded:
        record_look(asked, application_subject(page.view.receipt), context)
    return Page("application", page, status)


def _find(asked: Asked) -> Application | None:
    receipt = _receipt_in(asked)
    return application_store.by_receipt(receipt) if receipt is not None else None


def _receipt_in(asked: Asked) -> ReceiptNumber | None:
    return ReceiptNumber.find(asked.path["number"][:LONGEST_NUMBER])


def _page(found: Application, asked: Asked, context: DeskContext, shown: _Shown) -> ReviewPage:
    case, today = case_of(found, context), tokyo_date(asked.now)
    is_open = found.state in OPEN_STATES
    due = due_day(found, context) if is_open else None
    unable = _why_not(found, case, asked)
    choices = tuple(name for name, event in EVENTS.items() if next_state(found.state, event) is not None)
    return ReviewPage(
        case=case,
        view=view(case, asked.language),
        checks=tuple(sorted(checks_now(case, asked.now, context), key=lambda one: one.ok)) if is_open else (),
        earlier=tuple(earlier_ones(case)),
        timeline=_timeline(found),
        due=due,
        late=found.state is State.RECEIVED and is_overdue(found, asked.now, context),
        mine=found.taken_by == asked.login.email,
        choices=() if unable else choices,
        unable=unable,
        answer_by=_answer_by(asked, context),
        may_take_back=found.state is State.COMPLETED and found.start_date is not None and found.start_date > today,
        result=shown.result,
        words=shown.words,
        taken_back=shown.taken_back,
    )


def _why_not(found: Application, case: Case, asked: Asked) -> str:
    """Why whoever asks cannot decide on it; the decision itself is checked again."""
    reviewer = reviewer_of(asked.login)
    if found.state not in OPEN_STATES:
        return "decided"
    if reviewer is None:
        return "not_a_reviewer"
    return "" if case.procedure.category in reviewer.categories else "not_your_category"


def _timeline(found: Application) -> tuple[TimelineEntry, ...]:
    """Steps, mails and notices, the newest first."""
    copies: dict[tuple[datetime, str], list[SentNotice]] = {}
    for one in outbox.sent_about(found.id):
        copies.setdefault((one.at, one.kind.value), []).append(one)
    entries = [TimelineEntry(step.at, step=step) for step in found.steps]
    entries += [TimelineEntry(at, sent=tuple(some)) for (at, _), some in copies.items()]
    entries += [TimelineEntry(row.at, mail=row) for row in mail_log.incoming_about(str(found.receipt))]
    entries.reverse()
    return tuple(sorted(entries, key=lambda one: one.at, reverse=True))


def confirm(asked: Asked, context: DeskContext) -> Answer:
    """The last look before a decision: who gets which mail.  What cannot be decided is said at once."""
    choice = choice_of(asked, _receipt_in(asked))
    if choice is None:
        return _application(asked, context, _Shown(words=asked.text("words")), 422)
    result = foresee(choice, asked, context)
    if result.problem:
        return _application(asked, context, _Shown(result, choice.words), 409)
    record_look(asked, application_subject(choice.receipt), context)
    return Page("confirm", ConfirmPage(result, _answer_by(asked, context)))


def _answer_by(asked: Asked, context: DeskContext) -> date:
    return context.calendar.add(tokyo_date(asked.now), context.settings.lapse_business_days)


def decided(asked: Asked, context: DeskContext) -> Answer:
    """Carry a decision out; the page says what came of it."""
    choice = choice_of(asked, _receipt_in(asked))
    if choice is None:
        return _application(asked, context, _Shown(words=asked.text("words")), 422)
    result = decide(choice, asked, context)
    words = choice.words if result.problem else ""
    return _application(asked, context, _Shown(result, words, is_recorded=True), 409 if result.problem else 200)


def taken_back(asked: Asked, context: DeskContext) -> Answer:
    """Take an approval back before its 利用開始日 (operators)."""
    with context.store.reading():
        found = _find(asked)
    if found is None:
        return NotFound()
    try:
        take_approval_back(found, asked.text("reason")[:1_000], asked.login.email, asked.now, context)
    except UsageError as error:
        return _application(asked, context, _Shown(taken_back=error.public), 409)
    return _application(asked, context, _Shown(taken_back="done", is_recorded=True))
