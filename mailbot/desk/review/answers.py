"""Answers to a reviewer's mail that carries no decision."""

from dataclasses import replace
from datetime import datetime

from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.replies import answer_about, answer_to_sender, read_back
from mailbot.desk.review.review_requests import review_requests
from mailbot.forms.decision import Decision
from mailbot.forms.keyword_lines import NoKeyword
from mailbot.model.lifecycle import State


def answer_review_enquiry(request: Request, context: DeskContext) -> Outcome:
    """The answer to a reviewer's mail that carries no decision."""
    decision = request.decision
    kind = decision.kind if decision else "none"
    topics = {
        "help": "reviewer_help",
        "status": "review_status",
        "several": "several_keywords",
        "unclear": "unclear_keyword",
        "in_doubt": "keyword_in_doubt",
        "meant": "decision_meant",
    }
    topic = topics.get(kind, "reviewer_not_understood")
    if request.application is not None:
        case = case_of(request.application, context)
        return answer_about(request, case, context, topic, {**read_back(request), **_meant(decision)})
    if topic == "decision_meant":
        topic = "reviewer_not_understood"
    if topic == "review_status":
        return answer_to_sender(request, context, "unknown_application")
    return answer_to_sender(request, context, topic, **read_back(request))


def _meant(decision: Decision | None) -> dict[str, object]:
    if decision is None or decision.kind is not NoKeyword.MEANT or decision.meant is None:
        return {}
    return {"meant": decision.meant.value, "words": decision.words}


def reply_needed(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """A reviewer wrote without the token of a 審査依頼: nothing changes, and the answer explains how to reply.

    When the thread tells which application is meant and its review is open, a new 審査依頼 comes with the answer.
    """
    if request.decision is not None and request.decision.kind == "help":
        return answer_to_sender(request, context, "reviewer_help")
    answer = answer_to_sender(request, context, "no_token", **read_back(request))
    if request.application is None or request.application.state is not State.RECEIVED:
        return answer
    case, reviewer = case_of(request.application, context), request.sender.reviewer
    if reviewer is None or case.procedure.category not in reviewer.categories:
        return answer
    to = recipients.reviewer_of(request.sender, context)
    return replace(answer, notices=answer.notices + review_requests(case, [to], now, context))
