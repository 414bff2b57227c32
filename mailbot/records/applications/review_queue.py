"""The review queue: the applications that wait for a reviewer, or for the applicant's answer, in the order of promise.

The promise counts from when the present content came in, so that is the order.  Everything here reads an index; only
what is open is counted.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from mailbot.model.application import Application
from mailbot.model.lifecycle import State
from mailbot.records.applications.rows import applications_of
from mailbot.records.keyset import Part, Place, count_some, part
from mailbot.records.schema.application_tables import ApplicationRow


class Waiting(StrEnum):
    """Which part of the queue."""

    ALL = "all"  # for a reviewer
    MINE = "mine"
    NOBODY = "nobody"  # that nobody has taken
    LATE = "late"
    HELD = "held"
    ASKED = "asked"  # for the applicant's answer


@dataclass(frozen=True)
class Wanted:
    """Which applications; None and "" are not asked for.

    `procedures`: of the reader's categories, or one; `mine`: the folded address of who asks; `late_before`: what came
    in before that instant is late.
    """

    waiting: Waiting
    mine: str
    late_before: datetime
    procedures: Collection[str] | None = None
    office: str = ""


def listing(wanted: Wanted, place: Place) -> Part[Application]:
    """Some of them, what was promised first at the top."""
    key = (ApplicationRow.revised_at, ApplicationRow.id)
    return part(_query(wanted), key, place, applications_of, newest=False)


def count(wanted: Wanted) -> int:
    """How many, as `count_some`."""
    return count_some(_query(wanted).select(ApplicationRow.id))


def due_until(wanted: Wanted, end: datetime) -> int:
    """How many that are not held and not late came in before `end`."""
    came = (ApplicationRow.revised_at >= wanted.late_before) & (ApplicationRow.revised_at < end)
    return count_some(_query(wanted).select(ApplicationRow.id).where(came, ~ApplicationRow.held))


def first_of(wanted: Wanted) -> Application | None:
    """The one that was promised first."""
    row = _query(wanted).order_by(ApplicationRow.revised_at, ApplicationRow.id).first()
    return applications_of([row])[0] if row is not None else None


def _query(wanted: Wanted) -> Any:
    state = State.NEEDS_CONFIRMATION if wanted.waiting is Waiting.ASKED else State.RECEIVED
    query = ApplicationRow.select().where(ApplicationRow.state == state.value)
    if wanted.procedures is not None:
        query = query.where(ApplicationRow.procedure.in_(list(wanted.procedures)))
    if wanted.office:
        query = query.where(ApplicationRow.office == wanted.office)
    match wanted.waiting:
        case Waiting.MINE:
            return query.where(ApplicationRow.taken_by == wanted.mine)
        case Waiting.NOBODY:
            return query.where(ApplicationRow.taken_by == "")
        case Waiting.LATE:
            return query.where(~ApplicationRow.held, ApplicationRow.revised_at < wanted.late_before)
        case Waiting.HELD:
            return query.where(ApplicationRow.held)
        case _:
            return query
