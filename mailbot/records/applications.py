"""申込.  `advance` is the only function that changes a state: it writes state and history row together."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from peewee import chunked

from mailbot.clock import TOKYO
from mailbot.errors import MailbotError, Permanent
from mailbot.model.application import Actor, Application, Revision, Step
from mailbot.model.lifecycle import OPEN_STATES, REVISING_EVENTS, Event, State, next_state
from mailbot.model.people import ApplicantContact, Category, Role
from mailbot.model.procedure import Filled
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.view_period import ViewPeriod
from mailbot.records.tables import ApplicationRow, ReceiptSequenceRow, RevisionRow, StepRow, SubjectRow

Content = tuple[Filled, ApplicantContact]
LAST_SEQUENCE = 99_999  # a receipt number has five digits for it
_CODES_AT_ONCE = 500  # SQLite takes at most 32,766 values in one statement, and a form may name more


class NotAllowed(MailbotError):
    """The state does not allow the event; the desk asks the life-cycle before it tries."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__("This is not possible now.", f"{event.value} is not possible in the state {state.value}")
        self.state, self.event = state, event


class Stale(MailbotError):
    """The application has changed since it was read."""


def create(procedure: str, office: str, content: Content, at: datetime) -> Application:
    """A draft (一時保存) with revision 0 and an empty history: `advance` says what became of it."""
    row = ApplicationRow.create(procedure=procedure, office=office, state=State.DRAFT.value, revision=0)
    _add_revision(row.id, 0, content, at)
    return _application(row)


def advance(  # noqa: PLR0913 - one step, and everything that may come with it
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
    view_period: ViewPeriod | None = None,
) -> Application:
    """One life-cycle step, in the caller's transaction: state, history row, and the next revision where one is due.

    Raises NotAllowed when the life-cycle has no such step, Stale when the application is no longer as `application`
    says (compare and set), ValueError when a revising event brings no content, or a submission no category.
    """
    state = next_state(application.state, event)
    if state is None:
        raise NotAllowed(application.state, event)
    if (event in REVISING_EVENTS) != (revision is not None):
        raise ValueError(f"{event.value} {'needs' if revision is None else 'takes no'} content")
    changes = _changes(event, at, actor, category, answer_by, view_period)
    number = application.revision.number + (event in (Event.SUBMIT, Event.CORRECT))
    unchanged = (
        (ApplicationRow.id == application.id)
        & (ApplicationRow.state == application.state.value)
        & (ApplicationRow.revision == application.revision.number)
    )
    changes |= {"state": state.value, "revision": number}
    if ApplicationRow.update(**changes).where(unchanged).execute() != 1:
        raise Stale(
            "The application has changed meanwhile.", f"application {application.id} is no longer as it was read"
        )
    if revision is not None:
        _add_revision(application.id, number, revision, at)
    if subjects is not None:
        _set_subjects(application.id, subjects)
    _add_step(application.id, event, state, at, actor, number, words, mail_id)
    return _application(ApplicationRow.get_by_id(application.id))


def _changes(
    event: Event,
    at: datetime,
    actor: Actor,
    category: Category | None,
    answer_by: datetime | None,
    view_period: ViewPeriod | None,
) -> dict[str, object]:
    """The columns that an event sets besides state and revision."""
    match event:
        case Event.SUBMIT:
            if category is None:
                raise ValueError("a submission needs the category of its receipt number")
            return {"submitted_at": at, "receipt": str(_next_receipt(category, at)), "pending": None}
        case Event.CORRECT:
            return {"held": False, "answer_by": None, "pending": None}
        case Event.HOLD:
            return {"held": True}
        case Event.TAKE:
            return {"taken_by": actor.email}
        case Event.ASK:
            return {"held": False, "answer_by": answer_by, "pending": None}
        case Event.APPROVE:
            period = {"view_first": view_period.first, "view_last": view_period.last} if view_period else {}
            return {"held": False, "decided_at": at, "pending": None, **period}
        case Event.WITHDRAW | Event.LAPSE:
            return {"held": False, "pending": None}
        case Event.SAVE:
            return {"pending": None}


def _next_receipt(category: Category, at: datetime) -> ReceiptNumber:
    """The sequence restarts each year of Asia/Tokyo and never repeats.  Raises Permanent when it has run out."""
    year = at.astimezone(TOKYO).year
    ReceiptSequenceRow.insert(year=year, last=0).on_conflict_ignore().execute()
    ReceiptSequenceRow.update(last=ReceiptSequenceRow.last + 1).where(ReceiptSequenceRow.year == year).execute()
    sequence = ReceiptSequenceRow.get_by_id(year).last
    if sequence > LAST_SEQUENCE:
        raise Permanent("No application can be received any more this year.", f"{year} has used up its receipt numbers")
    return ReceiptNumber(year % 100, sequence, category)


def keep_pending(application: Application, filled: Filled) -> Application:
    """A correction that failed its checks: kept beside the content that counts, for the next try to build on."""
    pending = {"values": dict(filled.values), "written": dict(filled.written)}
    ApplicationRow.update(pending=pending).where(ApplicationRow.id == application.id).execute()
    return _application(ApplicationRow.get_by_id(application.id))


def get(application_id: int) -> Application | None:
    row = ApplicationRow.get_or_none(ApplicationRow.id == application_id)
    return _application(row) if row is not None else None


def by_receipt(receipt: ReceiptNumber) -> Application | None:
    row = ApplicationRow.get_or_none(ApplicationRow.receipt == str(receipt))
    return _application(row) if row is not None else None


def listing(state: State | None = None, office: str | None = None) -> list[Application]:
    """All applications, oldest first, narrowed by state and office."""
    query = ApplicationRow.select().order_by(ApplicationRow.id)
    if state is not None:
        query = query.where(ApplicationRow.state == state.value)
    if office is not None:
        query = query.where(ApplicationRow.office == office)
    return [_application(row) for row in query]


def open_naming(
    procedure: str, office: str, subjects: Sequence[str], except_id: int | None = None
) -> dict[str, tuple[str, ...]]:
    """Of `subjects`, those that other open applications of the procedure name: subject → their receipt numbers."""
    found: dict[str, list[str]] = {}
    still_open = ApplicationRow.state.in_([state.value for state in OPEN_STATES]) & (ApplicationRow.office == office)
    for codes in chunked(subjects, _CODES_AT_ONCE):
        for row in _naming(procedure, codes).where(still_open):
            if row.application.id != except_id:
                found.setdefault(row.code, []).append(row.application.receipt)
    return {subject: tuple(receipts) for subject, receipts in found.items()}


def decided_naming(procedure: str, subject: str) -> list[Application]:
    """The completed applications of the procedure that name `subject`, oldest first."""
    query = _naming(procedure, [subject]).where(ApplicationRow.state == State.COMPLETED.value)
    return [_application(row.application) for row in query]


def _naming(procedure: str, subjects: Sequence[str]) -> Any:
    return (
        SubjectRow.select(SubjectRow, ApplicationRow)
        .join(ApplicationRow)
        .where(SubjectRow.code.in_(list(subjects)), ApplicationRow.procedure == procedure)
        .order_by(ApplicationRow.id)
    )


def revisions(application_id: int) -> tuple[Revision, ...]:
    """Every content the application ever had, in order."""
    rows = RevisionRow.select().where(RevisionRow.application == application_id).order_by(RevisionRow.id)
    return tuple(_revision(row) for row in rows)


def _add_revision(application_id: int, number: int, content: Content, at: datetime) -> None:
    filled, contact = content
    RevisionRow.create(
        application=application_id,
        number=number,
        values=dict(filled.values),
        written=dict(filled.written),
        contact=asdict(contact),
        made_at=at,
    )


def _add_step(
    application_id: int,
    event: Event,
    state: State,
    at: datetime,
    actor: Actor,
    revision: int,
    words: str,
    mail_id: int | None,
) -> None:
    StepRow.create(
        application=application_id,
        event=event.value,
        state=state.value,
        at=at,
        actor_role=actor.role.value,
        actor_email=actor.email,
        actor_name=actor.name,
        revision=revision,
        words=words,
        mail_id=mail_id,
    )


def _set_subjects(application_id: int, subjects: Sequence[str]) -> None:
    SubjectRow.delete().where(SubjectRow.application == application_id).execute()
    rows = [{"application": application_id, "code": code} for code in dict.fromkeys(subjects)]
    for some in chunked(rows, _CODES_AT_ONCE):
        SubjectRow.insert_many(some).execute()


def _application(row: Any) -> Application:
    latest = RevisionRow.select().where(RevisionRow.application == row.id).order_by(RevisionRow.id.desc()).first()
    period = ViewPeriod(row.view_first, row.view_last) if row.view_first and row.view_last else None
    return Application(
        id=row.id,
        procedure=row.procedure,
        office=row.office,
        state=State(row.state),
        revision=_revision(latest),
        receipt=ReceiptNumber.parse(row.receipt) if row.receipt else None,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        held=bool(row.held),
        taken_by=row.taken_by,
        answer_by=row.answer_by,
        view_period=period,
        pending=_filled(row.pending["values"], row.pending["written"]) if row.pending else None,
        steps=tuple(_step(s) for s in StepRow.select().where(StepRow.application == row.id).order_by(StepRow.id)),
    )


def _revision(row: Any) -> Revision:
    return Revision(row.number, _filled(row.values, row.written), ApplicantContact(**row.contact), row.made_at)


def _filled(values: dict[str, Any], written: dict[str, str]) -> Filled:
    """JSON has no tuples: a list is a tuple that was kept."""
    return Filled({name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}, written)


def _step(row: Any) -> Step:
    actor = Actor(Role(row.actor_role), row.actor_email, row.actor_name)
    return Step(Event(row.event), State(row.state), row.at, actor, row.revision, row.words, row.mail_id)
