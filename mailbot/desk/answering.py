"""Answers to one mail, to the one who wrote it.

They go to the registered address, never to a Reply-To a mail brings along (T-29).
"""

from collections.abc import Mapping

from mailbot.desk import addressees
from mailbot.desk.case import case_of
from mailbot.desk.outcome import Outcome, owed_to
from mailbot.desk.request import Request
from mailbot.desk.tools import Tools
from mailbot.model.application import Application
from mailbot.model.lifecycle import APPLICANT_EVENTS, DESK_EVENTS, Event, possible_events
from mailbot.model.notice import NoticeKind
from mailbot.model.post import Disposition
from mailbot.notices.write import Case


def answer_to_sender(request: Request, tools: Tools, topic: str, **params: object) -> Outcome:
    """`topic` (a template under `answers/`) to the one who wrote."""
    to = addressees.writer_of(request.sender, tools.settings.language)
    notices = owed_to(
        NoticeKind.ANSWER, [to], None, lambda reader, _reply_to: tools.writer.answer(topic, reader, params=params)
    )
    return Outcome(Disposition.ANSWERED, topic.replace("_", "-"), notices)


def answer_about(
    request: Request, case: Case, tools: Tools, topic: str, params: Mapping[str, object] | None = None
) -> Outcome:
    """`topic` to the one who wrote, about an application, answerable with a token of its own."""
    to = addressees.writer_of(request.sender, tools.settings.language)
    if request.decision is not None:
        to = addressees.reviewer_of(request.sender, tools)
    notices = owed_to(
        NoticeKind.ANSWER,
        [to],
        case.application,
        lambda reader, _reply_to: tools.writer.answer(topic, reader, params=params or {}, case=case),
    )
    return Outcome(Disposition.ANSWERED, topic.replace("_", "-"), notices, case.application)


def not_possible(request: Request, application: Application, event: Event, tools: Tools) -> Outcome:
    """The state does not allow it: nothing changes, and what is possible now is told."""
    mine = [
        e
        for e in possible_events(application.state)
        if e not in DESK_EVENTS and (e in APPLICANT_EVENTS) == (event in APPLICANT_EVENTS)
    ]
    params = {"event": event, "state": application.state, "possible": tuple(mine)}
    return answer_about(request, case_of(application, tools), tools, "not_possible", params)


def read_back(request: Request) -> dict[str, object]:
    """What was read, for saying it back: the first lines of the person's own words."""
    lines = [line.strip() for line in request.own.text.splitlines() if line.strip()]
    return {"read": lines[:5], "more": max(0, len(lines) - 5)}
