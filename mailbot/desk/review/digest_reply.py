"""A reply to the daily digest: it decides line by line."""

from dataclasses import replace

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.replies import answer_to_sender, read_back
from mailbot.forms.digest_lines import decisions_by_line
from mailbot.model.lifecycle import State
from mailbot.model.reply_token import ForApplication
from mailbot.records.applications import application_store, grants


def requests_by_line(request: Request) -> list[Request]:
    """One request for each line of the reply that decides on an application the digest listed."""
    grant = request.grant
    if grant is None:
        return []
    listed = {}
    for application_id, revision in grants.digest_lines(grant.token_id):
        application = application_store.get(application_id)
        if application is not None and application.receipt is not None:
            listed[str(application.receipt)] = (application, revision)
    found = []
    for receipt, decision in decisions_by_line(request.own.text):
        if receipt in listed:
            application, revision = listed[receipt]
            of_line = replace(grant, scope=ForApplication(application.id, revision))
            if application.state is not State.RECEIVED:  # it was decided since the digest: the first decision wins
                of_line = replace(of_line, void_at=application.steps[-1].at)
            found.append(replace(request, application=application, grant=of_line, decision=decision))
    return found


def not_understood(request: Request, context: DeskContext) -> Outcome:
    """A reply to the digest in which no line decides on anything that it listed."""
    return answer_to_sender(request, context, "digest_not_understood", **read_back(request))
