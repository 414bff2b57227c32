"""Mapping from the rows of an application to `model.application` values."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from peewee import chunked, fn

from mailbot.model.application import Actor, Application, Revision, Step
from mailbot.model.effects import ContractLine, Item
from mailbot.model.lifecycle import Event, State
from mailbot.model.people import ApplicantContact, Role
from mailbot.model.procedure import Filled
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.view_period import ViewPeriod
from mailbot.records.database.prepared import Prepared
from mailbot.records.schema.application_tables import RevisionRow, StepRow

_AT_ONCE = 500  # applications whose revisions and steps are read together


def _latest(is_of: Any) -> Any:
    latest = RevisionRow.select(fn.MAX(RevisionRow.id)).where(is_of).group_by(RevisionRow.application)
    return RevisionRow.select().where(RevisionRow.id.in_(latest))


def _in_order(is_of: Any) -> Any:
    return StepRow.select().where(is_of).order_by(StepRow.id)


# One id is compared, not looked for in a list: SQLite then needs no sorting of what the index gives in order.
_LATEST_OF_ONE = Prepared(lambda application: _latest(RevisionRow.application == application))
_LATEST = Prepared(lambda applications: _latest(RevisionRow.application.in_(applications)), lists=("applications",))
_STEPS_OF_ONE = Prepared(lambda application: _in_order(StepRow.application == application))
_STEPS = Prepared(lambda applications: _in_order(StepRow.application.in_(applications)), lists=("applications",))


def application_of(row: Any) -> Application:
    """The application of a row of `application`; reads its latest revision and its steps."""
    return applications_of([row])[0]


def applications_of(rows: Iterable[Any]) -> list[Application]:
    """The applications of rows of `application`, in their order; reads latest revisions and steps of many at once."""
    return [one for some in chunked(rows, _AT_ONCE) for one in _applications(some)]


def _applications(rows: list[Any]) -> Iterator[Application]:
    ids = [row.id for row in rows]
    revisions, steps = _latest_revisions(ids), _steps(ids)
    return (application_from(row, revisions[row.id], tuple(steps.get(row.id, ()))) for row in rows)


def steps_of(application_id: int) -> tuple[Step, ...]:
    """The steps of an application, oldest first."""
    return tuple(_steps([application_id]).get(application_id, ()))


def _latest_revisions(ids: list[int]) -> dict[int, Revision]:
    """By the id of the application."""
    rows = _LATEST_OF_ONE.rows(application=ids[0]) if len(ids) == 1 else _LATEST.rows(applications=ids)
    return {row.application_id: revision_of(row) for row in rows}


def _steps(ids: list[int]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for row in _STEPS_OF_ONE.rows(application=ids[0]) if len(ids) == 1 else _STEPS.rows(applications=ids):
        found.setdefault(row.application_id, []).append(step_of(row))
    return found


def application_from(row: Any, revision: Revision, steps: tuple[Step, ...]) -> Application:
    """The application of a row of `application` with its latest revision and all of its steps."""
    period = ViewPeriod(row.view_first, row.view_last) if row.view_first and row.view_last else None
    return Application(
        id=row.id,
        procedure=row.procedure,
        office=row.office,
        state=State(row.state),
        revision=revision,
        receipt=ReceiptNumber.parse(row.receipt) if row.receipt else None,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        held=bool(row.held),
        taken_by=row.taken_by,
        answer_by=row.answer_by,
        view_period=period,
        start_date=row.start_date,
        in_effect_at=row.in_effect_at,
        contract=tuple(_contract_line(line) for line in row.contract_lines or ()),
        pending=_filled(row.pending["values"], row.pending["written"]) if row.pending else None,
        steps=steps,
    )


def revision_of(row: Any) -> Revision:
    """The revision of a row of `revision`."""
    return Revision(row.number, _filled(row.values, row.written), ApplicantContact(**row.contact), row.made_at)


def _filled(values: dict[str, Any], written: dict[str, str]) -> Filled:
    """JSON has no tuples: a list is read back as a tuple."""
    return Filled({name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}, written)


def step_of(row: Any) -> Step:
    """The step of a row of `step`."""
    actor = Actor(Role(row.actor_role), row.actor_email, row.actor_name)
    return Step(Event(row.event), State(row.state), row.at, actor, row.revision, row.words, row.mail_id)


def contract_line_values(line: ContractLine) -> dict[str, Any]:
    """`line` as JSON keeps it."""
    return asdict(line) | {"start": line.start.isoformat() if line.start else None}


def _contract_line(line: dict[str, Any]) -> ContractLine:
    """A line that was stored before it had its columns (migration 20) has none."""
    start = line.get("start")
    changed = {"item": Item(line["item"]), "start": date.fromisoformat(start) if start else None}
    return ContractLine(**line | changed)
