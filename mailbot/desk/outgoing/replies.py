"""Answers to one mail, to the one who wrote it.

They go to the registered address, never to a Reply-To a mail brings along (T-29).
"""

from collections.abc import Mapping

from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.outcome import Outcome, notices_to
from mailbot.model.application import Application
from mailbot.model.lifecycle import APPLICANT_EVENTS, DESK_EVENTS, Event, possible_events
from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import Disposition
from mailbot.notices.write import Case


def answer_to_sender(request: Request, context: DeskContext, topic: str, **params: object) -> Outcome:
    """`topic` (a template under `answers/`) to the one who wrote."""
    to = recipients.writer_of(request.sender, context.settings.language)
    notices = notices_to(
        NoticeKind.ANSWER, [to], None, lambda reader, _reply_to: context.writer.answer(topic, reader, params=params)
    )
    return Outcome(Disposition.ANSWERED, topic.replace("_", "-"), notices)


def answer_about(
    request: Request, case: Case, context: DeskContext, topic: str, params: Mapping[str, object] | None = None
) -> Outcome:
    """`topic` to the one who wrote, about an application, answerable with a token of its own."""
    to = recipients.writer_of(request.sender, context.settings.language)
    if request.decision is not None:
        to = recipients.reviewer_of(request.sender, context)
    notices = notices_to(
        NoticeKind.ANSWER,
        [to],
        case.application,
        lambda reader, _reply_to: context.writer.answer(topic, reader, params=params or {}, case=case),
    )
    return Outcome(Disposition.ANSWERED, topic.replace("_", "-"), notices, case.application)


def not_possible(request: Request, application: Application, event: Event, context: DeskContext) -> Outcome:
    """The state does not allow it: nothing changes, and what is possible now is told."""
    mine = [
        e
        for e in possible_events(application.state)
        if e not in DESK_EVENTS and (e in APPLICANT_EVENTS) == (event in APPLICANT_EVENTS)
    ]
    params = {"event": event, "state": application.state, "possible": tuple(mine)}
    return answer_about(request, case_of(application, context), context, "not_possible", params)


def read_back(request: Request) -> dict[str, object]:
    """What was read, for saying it back: the first lines of the person's own words."""
    lines = [line.strip() for line in request.own.text.splitlines() if line.strip()]
    return {"read": lines[:5], "more": max(0, len(lines) - 5)}
