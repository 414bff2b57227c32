"""An application together with its office and its procedure: what every notice is written from."""

from mailbot.desk.tools import Tools
from mailbot.errors import Permanent
from mailbot.model.application import Application
from mailbot.model.contract import Office
from mailbot.notices.write import Case
from mailbot.records import contracts


def office_of(application: Application) -> Office:
    """The office of an application.  Raises Permanent when it has left the register meanwhile."""
    office = contracts.office(application.office)
    if office is None:
        raise Permanent(
            "An application belongs to an office that is no longer in the register.",
            f"application {application.id}: office {application.office} is not in the register; import it again",
        )
    return office


def case_of(application: Application, tools: Tools) -> Case:
    """The case of an application as register and application stand now."""
    return Case(application, office_of(application), tools.procedure_of(application.procedure))
