"""A reply to the daily digest: it decides line by line."""

from collections.abc import Set
from dataclasses import replace

from mailbot.desk.cases.case import case_of, office_of
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.replies import answer_about, answer_to_sender, read_back
from mailbot.forms.decision import Decision
from mailbot.forms.digest_lines import decisions_by_line, names_company
from mailbot.forms.keyword_lines import NoKeyword
from mailbot.model.application import Application
from mailbot.model.lifecycle import Event, State
from mailbot.model.reply_token import ForApplication, Grant
from mailbot.records.applications import application_store, grants


def requests_by_line(request: Request) -> list[Request]:
    """One request for each receipt number in the reply; without an application where the digest did not list it."""
    grant = request.grant
    if grant is None:
        return []
    listed, found = _listed(grant), []
    for receipt, decision in decisions_by_line(request.own.text):
        application, revision = listed.get(receipt, (None, 0))
        of_line = replace(grant, scope=ForApplication(application.id, revision)) if application is not None else grant
        if application is not None and application.state is not State.RECEIVED:  # decided since: the first one wins
            of_line = replace(of_line, void_at=application.steps[-1].at)
        found.append(replace(request, application=application, grant=of_line, decision=decision, detail=receipt))
    companies = {office_of(application).company for application, _ in listed.values()}
    return [_without_others_words(line, companies) for line in found]


def _listed(grant: Grant) -> dict[str, tuple[Application, int]]:
    """Receipt number → an application of the digest, with the revision that was shown."""
    found = {}
    for application_id, revision in grants.digest_lines(grant.token_id):
        application = application_store.get(application_id)
        if application is not None and application.receipt is not None:
            found[str(application.receipt)] = (application, revision)
    return found


def may_approve(grant: Grant, text: str) -> list[Application]:
    """The applications of the digest that a line of `text` says to approve."""
    listed = _listed(grant)
    approving = (receipt for receipt, decision in decisions_by_line(text) if decision.event is Event.APPROVE)
    return [listed[receipt][0] for receipt in approving if receipt in listed]


def _without_others_words(line: Request, companies: Set[str]) -> Request:
    """`line`, undecided when its 通知内容 speaks of another company of the digest: it would be mailed to this one."""
    decision, application = line.decision, line.application
    if decision is None or application is None or not decision.words:
        return line
    if not names_company(decision.words, companies - {office_of(application).company}):
        return line
    return replace(line, decision=Decision(NoKeyword.NONE, "", f"{decision.read}\n{decision.words}"))


def line_not_understood(request: Request, context: DeskContext) -> Outcome:
    """A line with a receipt number that decides nothing, answered by its number (`request.detail`)."""
    decision = request.decision
    params = {"receipt": request.detail, "read": decision.read if decision else ""}
    if request.application is None:
        return answer_to_sender(request, context, "digest_line", **params)
    return answer_about(request, case_of(request.application, context), context, "digest_line", params)


def not_understood(request: Request, context: DeskContext) -> Outcome:
    """A reply to the digest in which no line has a receipt number."""
    return answer_to_sender(request, context, "digest_not_understood", **read_back(request))
