"""Queries on single applications (申込).  `apply_event` alone changes a state, and adds the history row with it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mailbot.clock import TOKYO
from mailbot.errors import MailbotError, Permanent
from mailbot.model.application import Actor, Application, Approval, Revision, Step
from mailbot.model.lifecycle import HOLD_KEEPING_EVENTS, REVISING_EVENTS, Event, State, next_state
from mailbot.model.people import ApplicantContact, Category
from mailbot.model.procedure import Filled
from mailbot.model.receipt import LAST_SEQUENCE, ReceiptNumber
from mailbot.model.view_period import ViewPeriod
from mailbot.records.applications import application_statements as statements
from mailbot.records.applications.effects import delete_effects, insert_effects
from mailbot.records.applications.rows import (
    application_from,
    application_of,
    applications_of,
    contract_line_values,
    revision_of,
    step_of,
    steps_of,
)
from mailbot.records.schema.application_tables import (
    ApplicationRow,
    ReceiptSequenceRow,
    RevisionRow,
    SubjectRow,
)

Content = tuple[Filled, ApplicantContact]
_NEXT_REVISION = frozenset({Event.SUBMIT, Event.CORRECT, Event.REOPEN})  # a draft stays at revision 0
_NEXT_SEQUENCE = (
    "INSERT INTO receipt_sequence (year, last) VALUES ({}, 1)"
    " ON CONFLICT (year) DO UPDATE SET last = receipt_sequence.last + 1 RETURNING last"
)


class NotAllowed(MailbotError):
    """The life-cycle has no such event in this state; callers check with `next_state` before."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__("This is not possible now.", f"{event.value} is not possible in the state {state.value}")
        self.state, self.event = state, event


class Stale(MailbotError):
    """The application has changed since it was read."""


def create(procedure: str, office: str, content: Content, at: datetime) -> Application:
    """Insert a draft (一時保存) with revision 0 and an empty history, in the caller's transaction."""
    row = statements.CREATE.insert(procedure=procedure, office=office, at=at)
    return application_from(row, _add_revision(row.id, 0, content, at), ())


def apply_event(  # noqa: PLR0913 - one step, and everything that may come with it
    application: Application,
    event: Event,
    at: datetime,
    actor: Actor,
    *,
    words: str = "",
    mail_id: int | None = None,
    revision: Content | None = None,
    category: Category | None = None,
    subjects: Sequence[str] | None = None,
    answer_by: datetime | None = None,
    approval: Approval | None = None,
) -> Application:
    """Apply one life-cycle event, in the caller's transaction: state, history row, and the next revision if any.

    Raises NotAllowed when the life-cycle has no such event in this state, Stale when state or revision differ from
    those of `application` (compare and set), ValueError when a revising event has no content, a submission no
    category, or an approval no `approval`.
    """
    state = next_state(application.state, event)
    if state is None:
        raise NotAllowed(application.state, event)
    if (event in REVISING_EVENTS) != (revision is not None):
        raise ValueError(f"{event.value} {'needs' if revision is None else 'takes no'} content")
    changes = _changes(event, at, actor, category, answer_by, approval)
    number = application.revision.number + (event in _NEXT_REVISION)
    changes |= {"state": state.value, "revision": number, **({"revised_at": at} if revision is not None else {})}
    as_read = {
        "of_id": application.id,
        "of_state": application.state.value,
        "of_revision": application.revision.number,
    }
    starts = event in (Event.START, Event.REOPEN)  # the contract changes once, and not back
    row = statements.update(tuple(changes), starts=starts).first(**changes, **as_read)
    if row is None:
        raise Stale(
            "The application has changed meanwhile.", f"application {application.id} is no longer as it was read"
        )
    is_new = not application.steps  # created in this transaction: `create` is followed by an event in each case
    current = _add_revision(application.id, number, revision, at) if revision is not None else application.revision
    if subjects is not None:
        _set_subjects(application.id, subjects, replaces=not is_new)
    if approval is not None:
        insert_effects(application.id, approval.effects)
    if event is Event.REOPEN:
        delete_effects(application.id)
    step = _add_step(application.id, event, state, at, actor, number, words, mail_id)
    return application_from(row, current, (step,) if is_new else steps_of(application.id))


def _changes(
    event: Event,
    at: datetime,
    actor: Actor,
    category: Category | None,
    answer_by: datetime | None,
    approval: Approval | None,
) -> dict[str, object]:
    """The columns that an event changes besides state and revision."""
    changes: dict[str, object] = {"held": False, "pending": None} if event not in HOLD_KEEPING_EVENTS else {}
    match event:
        case Event.SUBMIT:
            if category is None:
                raise ValueError("a submission needs the category of its receipt number")
            changes |= {"submitted_at": at, "receipt": str(_next_receipt(category, at))}
        case Event.HOLD:
            changes["held"] = True
        case Event.TAKE | Event.DEPUTIZE:
            changes["taken_by"] = actor.email
        case Event.ASK | Event.CORRECT:
            changes["answer_by"] = answer_by  # a correction has none
        case Event.APPROVE:
            if approval is None:
                raise ValueError("an approval needs its effects")
            changes |= {"decided_at": at, **_fixed(approval)}
        case Event.REOPEN:
            changes |= {"decided_at": None, "answer_by": None, **dict.fromkeys(_fixed(Approval()))}
        case Event.START:
            changes["in_effect_at"] = at
    return changes


def _fixed(approval: Approval) -> dict[str, object]:
    period = approval.view_period
    return {
        "view_first": period.first if period else None,
        "view_last": period.last if period else None,
        "start_date": approval.start_date,
        "contract_lines": [contract_line_values(line) for line in approval.contract],
    }


def _next_receipt(category: Category, at: datetime) -> ReceiptNumber:
    """The next receipt number; the sequence restarts each year (Asia/Tokyo).  Raises Permanent above LAST_SEQUENCE."""
    year = at.astimezone(TOKYO).year
    connection: Any = ReceiptSequenceRow._meta.database.obj
    sequence = int(connection.execute_sql(_NEXT_SEQUENCE.format(connection.param), (year,)).fetchone()[0])
    if sequence > LAST_SEQUENCE:
        raise Permanent("No application can be received any more this year.", f"{year} has used up its receipt numbers")
    return ReceiptNumber(year % 100, sequence, category)


def set_view_period(application_id: int, period: ViewPeriod | None) -> None:
    """Change the view period, in the caller's transaction: its notice was delivered later; None: nothing to view."""
    changes = {"view_first": period.first if period else None, "view_last": period.last if period else None}
    ApplicationRow.update(**changes).where(ApplicationRow.id == application_id).execute()


def set_answer_by(application_id: int, answer_by: datetime) -> None:
    """Move the deadline of a 確認依頼, in the caller's transaction: it stood still while the desk owed an answer."""
    ApplicationRow.update(answer_by=answer_by).where(ApplicationRow.id == application_id).execute()


def store_pending_correction(application: Application, filled: Filled) -> Application:
    """Store a correction that failed its checks beside the current revision; the next correction starts from it."""
    pending = {"values": dict(filled.values), "written": dict(filled.written)}
    changed = ApplicationRow.update(pending=pending).where(ApplicationRow.id == application.id)
    return application_of(next(iter(changed.returning(ApplicationRow).execute())))


def get(application_id: int) -> Application | None:
    """The application with this id, or None."""
    row = statements.GET.first(number=application_id)
    return application_of(row) if row is not None else None


def by_receipt(receipt: ReceiptNumber) -> Application | None:
    """The application with this receipt number, or None."""
    row = statements.BY_RECEIPT.first(receipt=str(receipt))
    return application_of(row) if row is not None else None


def listing(
    state: State | None = None,
    office: str | None = None,
    limit: int | None = None,
) -> list[Application]:
    """The applications that match every given filter, oldest first; the latest `limit` of them."""
    query = ApplicationRow.select().order_by(ApplicationRow.id.desc()).limit(limit)
    if state is not None:
        query = query.where(ApplicationRow.state == state.value)
    if office is not None:
        query = query.where(ApplicationRow.office == office)
    return applications_of(list(query)[::-1])


def open_of(office: str, procedure: str) -> list[Application]:
    """The office's applications of a procedure that are open, oldest first."""
    return applications_of(statements.OPEN.rows(office=office, procedure=procedure))


def revisions(application_id: int) -> tuple[Revision, ...]:
    """Every revision of the application, in order."""
    rows = RevisionRow.select().where(RevisionRow.application == application_id).order_by(RevisionRow.id)
    return tuple(revision_of(row) for row in rows)


def _add_revision(application_id: int, number: int, content: Content, at: datetime) -> Revision:
    """The revision as it is read back."""
    filled, contact = content
    row = statements.ADD_REVISION.insert(
        application=application_id,
        number=number,
        values=dict(filled.values),
        written=dict(filled.written),
        contact=asdict(contact),
        at=at,
    )
    return revision_of(row)


def _add_step(
    application_id: int,
    event: Event,
    state: State,
    at: datetime,
    actor: Actor,
    revision: int,
    words: str,
    mail_id: int | None,
) -> Step:
    """The step as it is read back."""
    row = statements.ADD_STEP.insert(
        application=application_id,
        event=event.value,
        state=state.value,
        at=at,
        role=actor.role.value,
        email=actor.email,
        name=actor.name,
        revision=revision,
        words=words,
        mail_id=mail_id,
    )
    return step_of(row)


def _set_subjects(application_id: int, subjects: Sequence[str], *, replaces: bool) -> None:
    if replaces:
        SubjectRow.delete().where(SubjectRow.application == application_id).execute()
    statements.ADD_SUBJECTS.run([{"application": application_id, "code": code} for code in dict.fromkeys(subjects)])
