"""What is due by the calendar.  Computed from the records, so a restart or a missed knock changes nothing."""

from datetime import datetime

import structlog

from mailbot.clock import tokyo_date
from mailbot.desk import addressees
from mailbot.desk.case import case_of
from mailbot.desk.outcome import owed_to
from mailbot.desk.posting import post
from mailbot.desk.review_requests import tell_reviewers
from mailbot.desk.tools import Tools
from mailbot.errors import MailbotError, Temporary
from mailbot.model.application import Actor, Application
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.records import applications, tokens

log = structlog.get_logger("mailbot.deadlines")
DESK = Actor(Role.OPERATOR, name="mailbot")


def knock(now: datetime, tools: Tools) -> int:
    """Do everything that is due at `now`; returns how many things were done."""
    return lapse_unanswered(now, tools) + erase_expired_passwords(now, tools)


def lapse_unanswered(now: datetime, tools: Tools) -> int:
    """無効: a 確認依頼 nobody has answered through its last day.  Each in a transaction of its own."""
    count = 0
    for application in applications.listing(state=State.NEEDS_CONFIRMATION):
        # The answer-by date is kept as the midnight at which the last day begins.
        if application.answer_by is not None and tokyo_date(now) > tokyo_date(application.answer_by):
            count += _in_its_own_transaction(application, now, tools)
    return count


def _in_its_own_transaction(application: Application, now: datetime, tools: Tools) -> bool:
    """One that cannot be done (its office has left the register, or it has just been answered) holds up no other."""
    try:
        with tools.store.transaction():
            _lapse(application, now, tools)
    except Temporary:
        raise
    except MailbotError as error:
        log.error("deadline-failed", application=application.id, detail=error.detail)
        return False
    return True


def _lapse(application: Application, now: datetime, tools: Tools) -> None:
    lapsed = applications.advance(application, Event.LAPSE, now, DESK)
    tokens.void(lapsed.id, now, role=Role.REVIEWER)
    case = case_of(lapsed, tools)
    notices = owed_to(
        NoticeKind.LAPSED,
        addressees.of_application(lapsed, case.office),
        lapsed,
        lambda to, _reply_to: tools.writer.lapsed(case, to),
    )
    for owed in (*notices, *tell_reviewers(case, Event.LAPSE, DESK, tools)):
        post(owed, now, tools)


def erase_expired_passwords(now: datetime, tools: Tools) -> int:
    """Passwords whose view period is over are gone, not hidden (domain, «Passwords»)."""
    with tools.store.transaction():
        return tools.vault.erase_expired(tokyo_date(now))
