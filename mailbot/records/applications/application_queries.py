"""Queries over several applications: by contract item, by 利用開始日, by latest step."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from peewee import chunked, fn

from mailbot.model.application import Application, Step
from mailbot.model.lifecycle import NEWS_EVENTS, OPEN_STATES, Event, State
from mailbot.model.receipt import ReceiptEnd
from mailbot.records.applications.rows import applications_of, step_of
from mailbot.records.database.prepared import LONGEST_LIST, Prepared
from mailbot.records.schema.application_tables import ApplicationRow, StepRow, SubjectRow


def _is_open_or_waits() -> Any:
    waiting = (ApplicationRow.state == State.COMPLETED.value) & ApplicationRow.start_date.is_null(is_null=False)
    still_open = ApplicationRow.state.in_([state.value for state in OPEN_STATES])
    return still_open | (waiting & ApplicationRow.in_effect_at.is_null())


_SUBJECTS = Prepared(
    lambda office: (
        SubjectRow.select(SubjectRow.code, ApplicationRow.id, ApplicationRow.receipt)
        .join(ApplicationRow)
        .where(_is_open_or_waits(), ApplicationRow.office == office)
        .order_by(ApplicationRow.id)
    )
)
_COMPLETED_WITH_SUBJECT = Prepared(
    lambda procedure, subject: (
        ApplicationRow.select()
        .join(SubjectRow)
        .where(
            (ApplicationRow.procedure == procedure)
            & (ApplicationRow.state == State.COMPLETED.value)
            & (SubjectRow.code == subject)
        )
        .order_by(ApplicationRow.id)
    )
)
_CHANGES = Prepared(
    lambda email, since: StepRow.select(fn.COUNT(StepRow.id).alias("count")).where(
        (StepRow.actor_email == email)
        & (StepRow.at >= since)
        & StepRow.event.in_([Event.SUBMIT.value, Event.CORRECT.value, Event.WITHDRAW.value])
    )
)


def subjects_in_use(office: str, except_id: int | None = None) -> dict[str, tuple[str, ...]]:
    """Subject → receipt numbers of the office's applications about it that are open or wait for their 利用開始日.

    A subject is a contract item in the notation of `model.common_rules`; `except_id`: an application to leave out.
    """
    found: dict[str, list[str]] = {}
    for code, application_id, receipt in _SUBJECTS.rows(office=office):
        if application_id != except_id:
            found.setdefault(str(code), []).append(receipt)
    return {subject: tuple(receipts) for subject, receipts in found.items()}


def subjects_of_all() -> dict[str, dict[str, frozenset[str]]]:
    """Office → receipt number → subjects, of every application that is open or waits for its 利用開始日."""
    found: dict[str, dict[str, set[str]]] = {}
    columns = ApplicationRow.office, ApplicationRow.receipt
    applications: Any = ApplicationRow.select(*columns).where(_is_open_or_waits()).order_by(ApplicationRow.id).tuples()
    for office, receipt in applications:
        found.setdefault(office, {})[receipt] = set()
    subjects: Any = SubjectRow.select(*columns, SubjectRow.code).join(ApplicationRow).where(_is_open_or_waits())
    for office, receipt, subject in subjects.tuples():
        found[office][receipt].add(str(subject))
    return {
        office: {receipt: frozenset(one) for receipt, one in receipts.items()} for office, receipts in found.items()
    }


def offices_with_applications(offices: Collection[str]) -> frozenset[str]:
    """Which of the offices have an application that is open or waits for its 利用開始日."""
    found: set[str] = set()
    for some in chunked(offices, LONGEST_LIST):
        rows: Any = ApplicationRow.select(ApplicationRow.office).where(ApplicationRow.office.in_(some))
        found |= {office for (office,) in rows.where(_is_open_or_waits()).distinct().tuples()}
    return frozenset(found)


def with_subject(subject: str) -> list[Application]:
    """The applications of any office about `subject` that are open or wait for their 利用開始日, oldest first."""
    query = SubjectRow.select(SubjectRow, ApplicationRow).join(ApplicationRow).where(_is_open_or_waits())
    return applications_of(r.application for r in query.where(SubjectRow.code == subject).order_by(ApplicationRow.id))


def with_receipt_end(end: ReceiptEnd, offices: Sequence[str]) -> list[Application]:
    """The applications of the offices whose receipt numbers end so, of any year, oldest first."""
    digits = fn.SUBSTR(ApplicationRow.receipt, 3, fn.LENGTH(ApplicationRow.receipt) - 3)
    rows = ApplicationRow.select().where(ApplicationRow.office.in_(list(offices)), digits == f"{end.sequence:05d}")
    found = applications_of(rows.order_by(ApplicationRow.id))
    return [one for one in found if one.receipt is not None and end.fits(one.receipt.end)]


def count_changes(email: str, since: datetime) -> int:
    """How many times the person with this folded address has submitted, corrected or withdrawn since an instant."""
    return int(_CHANGES.value(email=email, since=since))


def due_to_start(today: date) -> list[Application]:
    """The completed applications whose 利用開始日 is `today` or past and whose contract change is not made yet.

    In the order of 利用開始日.
    """
    rows = (
        ApplicationRow.select()
        .where(ApplicationRow.in_effect_at.is_null(), ApplicationRow.start_date <= today)
        .order_by(ApplicationRow.start_date, ApplicationRow.id)
    )
    return applications_of(rows)


def waiting_to_start(office: str) -> list[Application]:
    """The office's completed applications whose contract change is not made yet, in the order of 利用開始日."""
    rows = ApplicationRow.select().where(
        ApplicationRow.office == office, ApplicationRow.start_date.is_null(is_null=False)
    )
    rows = rows.where(ApplicationRow.in_effect_at.is_null()).order_by(ApplicationRow.start_date, ApplicationRow.id)
    return applications_of(rows)


def with_something_to_come(office: str, today: date) -> list[Application]:
    """The office's applications that are not at their end, oldest first.

    Those that are decided are among them until the contract is changed and the view period is over.
    """
    rows = ApplicationRow.select().where((ApplicationRow.office == office) & _comes_something(today))
    return applications_of(rows.order_by(ApplicationRow.id))


def at_their_end(office: str, today: date, count: int, before: int | None = None) -> list[Application]:
    """The other ones that have a receipt number, newest first, at most `count`, of those with ids below `before`."""
    rows = ApplicationRow.select().where((ApplicationRow.office == office) & ~_comes_something(today))
    rows = rows.where(ApplicationRow.receipt.is_null(is_null=False))
    if before is not None:
        rows = rows.where(ApplicationRow.id < before)
    return applications_of(rows.order_by(ApplicationRow.id.desc()).limit(count))


def _comes_something(today: date) -> Any:
    undecided = ApplicationRow.state.in_([State.DRAFT.value, *(state.value for state in OPEN_STATES)])
    starts = ApplicationRow.start_date.is_null(is_null=False) & ApplicationRow.in_effect_at.is_null()
    viewable_now = ApplicationRow.view_last.is_null(is_null=False) & (ApplicationRow.view_last >= today)
    return undecided | ((ApplicationRow.state == State.COMPLETED.value) & (starts | viewable_now))


def latest_steps(offices: Sequence[str], count: int) -> list[tuple[Application, Step]]:
    """The latest `count` steps of the offices' applications that 新着情報 shows, newest first."""
    shown = StepRow.event.in_([event.value for event in NEWS_EVENTS])
    steps = StepRow.select(StepRow, ApplicationRow).join(ApplicationRow)
    theirs = steps.where(ApplicationRow.office.in_(list(offices)), shown)
    # By an expression: the ids alone would lead the database to walk through the steps of all offices.
    rows = list(theirs.order_by((StepRow.id + 0).desc()).limit(count))
    return list(zip(applications_of(row.application for row in rows), map(step_of, rows), strict=True))


def completed_with_subject(procedure: str, subject: str) -> list[Application]:
    """The completed applications of the procedure about `subject`, oldest first."""
    return applications_of(_COMPLETED_WITH_SUBJECT.rows(procedure=procedure, subject=subject))
