"""An application together with its office and its procedure: what every notice is written from."""

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.errors import Permanent
from mailbot.model.application import Application
from mailbot.model.contract import Office
from mailbot.model.effects import contract_lines
from mailbot.model.lifecycle import OPEN_STATES
from mailbot.model.procedure import Circumstances, Procedure
from mailbot.notices.values import Case
from mailbot.records.register import offices


def office_of(application: Application) -> Office:
    """The office of an application.  Raises Permanent when it has left the register meanwhile."""
    office = offices.office(application.office)
    if office is None:
        raise Permanent(
            "An application belongs to an office that is no longer in the register.",
            f"application {application.id}: office {application.office} is not in the register; import it again",
        )
    return office


def case_of(application: Application, context: DeskContext) -> Case:
    """The case of an application from the present register and application."""
    return make_case(application, office_of(application), context.procedure_of(application.procedure))


def case_about(application: Application | None, context: DeskContext) -> Case | None:
    """The case of what a mail is about; None when it is about no application."""
    return case_of(application, context) if application is not None else None


def make_case(application: Application, office: Office, procedure: Procedure) -> Case:
    """The case, with 変更前 / 変更後: as it was approved, or as it would be by what the form says now."""
    contract = application.contract
    if not contract and procedure.starts and application.state in OPEN_STATES:
        day = tokyo_date(application.revision.made_at)
        effects = procedure.effects(application.revision.filled, Circumstances(office, day))
        contract = contract_lines(office, effects, day)
    return Case(application, office, procedure, contract)
