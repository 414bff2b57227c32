"""What the rules of a procedure may know, gathered from the records."""

from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.shared_codes import waiting_for
from mailbot.desk.context import DeskContext
from mailbot.model.application import Application
from mailbot.model.contract import Office
from mailbot.model.procedure import Circumstances, FieldKind, Filled, Procedure
from mailbot.model.start_days import start_days
from mailbot.records.applications import application_queries
from mailbot.records.register import schedule, used_numbers


def circumstances(
    procedure: Procedure,
    filled: Filled,
    office: Office,
    application: Application | None,
    now: datetime,
    context: DeskContext,
) -> Circumstances:
    """The contract, today in Tokyo, the subjects of other applications than `application`, start days, numbers used."""
    codes = {filled.text(field.name) for field in procedure.fields if field.kind is FieldKind.CODE}
    own_id = application.id if application is not None else None
    return Circumstances(
        office,
        tokyo_date(now),
        application_queries.subjects_in_use(office.code, except_id=own_id),
        start_days(context.calendar, schedule.table()),
        used_numbers.used({office.code, *codes}),
        waiting_for(office, procedure.subjects(filled)),
    )
