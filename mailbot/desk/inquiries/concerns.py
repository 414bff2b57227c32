"""A concern: somebody did not do what the desk was told in their name, or something has leaked.

What anybody could have forged reaches the operators alone, and changes nothing.
"""

from datetime import datetime

from mailbot.desk.cases.case import case_about
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.authorization import Fact, facts_of
from mailbot.desk.incoming.request import Request
from mailbot.desk.inquiries import login_pause
from mailbot.desk.inquiries.pass_on import add_step, store, to_readers
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.recipients import DESK
from mailbot.model.application import Application
from mailbot.model.inquiry import Audience, Inquiry
from mailbot.model.lifecycle import OPEN_STATES, Event
from mailbot.model.queued_mail import Disposition
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.inquiries import NOTHING_DONE, Measures
from mailbot.records.applications import application_store


def pass_on(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """The concern reaches operators and reviewers at once.

    An undecided application is put on hold, and the log-in of the office is paused.
    """
    facts = facts_of(request, proof_required=context.settings.proof_required)
    proven = bool(facts & {Fact.PROVEN, Fact.LIVE_TOKEN}) and Fact.REGISTERED in facts
    if not proven:
        inquiry = store(request, Audience.DESK, now, context, concern=True)
        notices = to_readers(request, inquiry, request.application, context, Measures(proven=False))
        answer = () if Fact.FORGED in facts else _answer(request, inquiry, request.application, NOTHING_DONE, context)
        return Outcome(Disposition.PASSED_ON, "concern-not-proven", notices + answer, request.application)
    inquiry = store(request, Audience.EVERYBODY, now, context, concern=True)
    application = add_step(request, inquiry, Event.CONCERN, now)
    held = application is not None and application.state in OPEN_STATES
    if application is not None and held and not application.held:
        application = application_store.apply_event(application, Event.HOLD, now, DESK, mail_id=request.item.id)
    paused = bool(inquiry.office) and login_pause.begin(inquiry.office, "mailbot", f"mail #{request.item.id}", now)
    measures = Measures(held=held, paused=paused)
    notices = to_readers(request, inquiry, application, context, measures)
    answer = _answer(request, inquiry, application, measures, context)
    return Outcome(Disposition.PASSED_ON, "concern", notices + answer, application)


def _answer(
    request: Request, inquiry: Inquiry, application: Application | None, measures: Measures, context: DeskContext
) -> tuple[Notice, ...]:
    """To the sender alone: others of the office may be whom the concern is about."""
    to = recipients.author_of(request.sender, context.settings.language)
    case = case_about(application, context)
    params = {"promised": inquiry.promised_on, "measures": measures}
    return notices_to([to], Answer(topic="concern", case=case, params=params), application)
