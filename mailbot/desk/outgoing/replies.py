"""Answers to one mail, to the person who wrote it.

They go to the registered address, never to the Reply-To of the mail (T-29).
"""

from collections.abc import Mapping

from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.notice import notices_to
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.model.application import Application
from mailbot.model.lifecycle import APPLICANT_EVENTS, DESK_EVENTS, Event, possible_events
from mailbot.model.queued_mail import Disposition
from mailbot.notices.contents.answers import Answer
from mailbot.notices.values import Case
from mailbot.text import one_line

MOST_FILES = 10  # names of attached files that are told


def answer_to_sender(request: Request, context: DeskContext, topic: str, **params: object) -> Outcome:
    """`topic` (a template under `answers/`) to the author of the mail."""
    to = recipients.author_of(request.sender, context.settings.language)
    notices = notices_to([to], Answer(topic=topic, params=params), None)
    return Outcome(Disposition.ANSWERED, topic.replace("_", "-"), notices)


def answer_about(
    request: Request, case: Case, context: DeskContext, topic: str, params: Mapping[str, object] | None = None
) -> Outcome:
    """`topic` to the author of the mail, about an application, answerable with a token of its own."""
    to = recipients.author_of(request.sender, context.settings.language)
    if request.decision is not None:
        to = recipients.reviewer_of(request.sender, context)
    notices = notices_to([to], Answer(topic=topic, case=case, params=params or {}), case.application)
    return Outcome(Disposition.ANSWERED, topic.replace("_", "-"), notices, case.application)


def not_possible(request: Request, application: Application, event: Event, context: DeskContext) -> Outcome:
    """The state does not allow `event`: nothing changes, and the answer lists what the state allows."""
    params = possible_instead(application, event)
    return answer_about(request, case_of(application, context), context, "not_possible", params)


def possible_instead(application: Application, event: Event) -> dict[str, object]:
    """The params of `answers/not_possible`: what the state allows to those who asked for `event`."""
    mine = [
        e
        for e in possible_events(application.state)
        if e not in DESK_EVENTS and (e in APPLICANT_EVENTS) == (event in APPLICANT_EVENTS)
    ]
    return {"event": event, "state": application.state, "possible": tuple(mine)}


def read_back(request: Request) -> dict[str, object]:
    """What was read, for repeating it in an answer: the first lines of the person's own words."""
    return lines_read(request.own.text)


def lines_read(text: str) -> dict[str, object]:
    """The first lines of a text, and how many more there are."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return {"read": lines[:5], "more": max(0, len(lines) - 5)}


def file_names(request: Request) -> tuple[str, ...]:
    """The names of the attached files."""
    names = (one_line(one.name) or one.content_type for one in request.message.attachments[:MOST_FILES])
    return tuple(name[:80] for name in names)
