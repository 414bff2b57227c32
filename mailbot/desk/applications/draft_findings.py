"""What keeps a draft from being submitted: it is checked as if it were sent back now, as it is."""

from dataclasses import replace
from datetime import datetime

from mailbot.desk.applications.checked_form import check_form
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.form import RequestForm
from mailbot.desk.incoming.request import Request
from mailbot.model.application import Application
from mailbot.model.lifecycle import State
from mailbot.model.procedure import Finding, Severity


def draft_findings(application: Application, request: Request, now: datetime, context: DeskContext) -> list[Finding]:
    """The problems, with what the register says, in the caller's transaction; [] when there is none.

    [] also for what is no draft, and for a sender whom the office of the draft does not know: the findings say what
    its contract is.
    """
    if application.state is not State.DRAFT or request.sender.registration_at(application.office) is None:
        return []
    procedure = context.procedure_of(application.procedure)
    form = RequestForm(procedure=procedure)  # nothing more is written: what is there is checked
    of_draft = replace(request, attached_problems=())
    checked = check_form(of_draft, form, procedure, application, now, context)
    return [finding for finding in checked.findings if finding.severity is Severity.PROBLEM]
