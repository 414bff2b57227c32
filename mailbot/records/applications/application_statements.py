"""The prepared statements of `application_store`."""

from functools import cache
from typing import Any

from mailbot.model.lifecycle import OPEN_STATES, State
from mailbot.records.database.prepared import Prepared, PreparedInsert
from mailbot.records.schema.application_tables import ApplicationRow, RevisionRow, StepRow, SubjectRow

CREATE = Prepared(
    lambda procedure, office, at: ApplicationRow.insert(
        procedure=procedure, office=office, state=State.DRAFT.value, revision=0, revised_at=at
    )
)
GET = Prepared(lambda number: ApplicationRow.select().where(ApplicationRow.id == number))
BY_RECEIPT = Prepared(lambda receipt: ApplicationRow.select().where(ApplicationRow.receipt == receipt))
OPEN = Prepared(
    lambda office, procedure: (
        ApplicationRow.select()
        .where(
            (ApplicationRow.office == office)
            # Concatenated, it keeps SQLite from the index of the procedures, by which it would read a quarter of all.
            & (ApplicationRow.procedure.concat("") == procedure)
            & ApplicationRow.state.in_([state.value for state in OPEN_STATES])
        )
        .order_by(ApplicationRow.id)
    )
)
ADD_REVISION = Prepared(
    lambda application, number, values, written, contact, at: RevisionRow.insert(
        application=application, number=number, values=values, written=written, contact=contact, made_at=at
    )
)
ADD_STEP = Prepared(
    lambda application, event, state, at, role, email, name, revision, words, mail_id: StepRow.insert(
        application=application,
        event=event,
        state=state,
        at=at,
        actor_role=role,
        actor_email=email,
        actor_name=name,
        revision=revision,
        words=words,
        mail_id=mail_id,
    )
)
ADD_SUBJECTS = PreparedInsert(SubjectRow)


@cache
def update(columns: tuple[str, ...], *, starts: bool) -> Prepared:
    """Compare and set: these columns of an application that is as it was read, and returns the row.

    `starts`: only while its contract change is not made, which is made once.
    """

    def build(**given: Any) -> Any:
        where = (
            (ApplicationRow.id == given["of_id"])
            & (ApplicationRow.state == given["of_state"])
            & (ApplicationRow.revision == given["of_revision"])
        )
        if starts:
            where &= ApplicationRow.in_effect_at.is_null()
        changes = {name: given[name] for name in columns}
        return ApplicationRow.update(**changes).where(where).returning(*ApplicationRow._meta.sorted_fields)

    return Prepared(build, names=(*columns, "of_id", "of_state", "of_revision"))
