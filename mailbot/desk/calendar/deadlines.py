"""What is due by the calendar.  Computed from the records, so a restart or a missed knock changes nothing."""

from collections.abc import Callable
from datetime import datetime

import structlog

from mailbot.clock import tokyo_date
from mailbot.desk import addressees
from mailbot.desk.addressees import DESK
from mailbot.desk.alerts import alert
from mailbot.desk.calendar import digest, reminders
from mailbot.desk.case import case_of, make_case, office_of
from mailbot.desk.outcome import Owed, owed_to
from mailbot.desk.papers import papers_of_start, with_papers
from mailbot.desk.posting import post
from mailbot.desk.review.review_requests import tell_reviewers
from mailbot.desk.tools import Tools
from mailbot.errors import MailbotError, Temporary
from mailbot.model.application import Application
from mailbot.model.effects import applied
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.records import applications, claims, contracts, effects, outbox, retention, tokens
from mailbot.records.reminders import first_time

log = structlog.get_logger("mailbot.deadlines")
Deed = Callable[[Application, datetime, Tools], tuple[Owed, ...]]


def knock(now: datetime, tools: Tools) -> int:
    """Do everything that is due at `now`; returns how many things were done."""
    done = start_due(now, tools) + lapse_unanswered(now, tools)
    for reminder in reminders.due(now, tools):
        done += _in_its_own_transaction(reminder.application, now, tools, reminder.say)
    done += digest.send_due(now, tools) + erase_expired_passwords(now, tools)
    return done + forget_old_mail(now, tools)


def start_due(now: datetime, tools: Tools) -> int:
    """利用開始日: the contract changes, once; what fell due while the desk was off is caught up in order."""
    due = claims.due_to_start(tokyo_date(now))
    return sum(_in_its_own_transaction(application, now, tools, _start) for application in due)


def lapse_unanswered(now: datetime, tools: Tools) -> int:
    """無効: a 確認依頼 nobody has answered through its last day.  Each in a transaction of its own."""
    # The answer-by date is kept as the midnight at which the last day begins.
    asked = applications.listing(state=State.NEEDS_CONFIRMATION)
    late = [a for a in asked if a.answer_by is not None and tokyo_date(now) > tokyo_date(a.answer_by)]
    return sum(_in_its_own_transaction(application, now, tools, _lapse) for application in late)


def _in_its_own_transaction(application: Application, now: datetime, tools: Tools, deed: Deed) -> bool:
    """One that cannot be done (its office has left the register, or it has just been answered) holds up no other."""
    try:
        with tools.store.transaction():
            for owed in deed(application, now, tools):
                post(owed, now, tools)
    except Temporary:
        raise
    except MailbotError as error:
        log.error("deadline-failed", application=application.id, detail=error.detail)
        _tell_operators(application, error, now, tools)
        return False
    return True


def _tell_operators(application: Application, error: MailbotError, now: datetime, tools: Tools) -> None:
    """Once a day for each application: it is tried again with every knock."""
    with tools.store.transaction():
        if not first_time(f"failed:{application.id}:{tokyo_date(now)}", now):
            return
        params = {"receipt": str(application.receipt or ""), "reason": error.detail}
        for owed in alert("deadline_failed", tools, params=params):
            post(owed, now, tools)


def _start(application: Application, now: datetime, tools: Tools) -> tuple[Owed, ...]:
    office = office_of(application)
    start = application.start_date or tokyo_date(now)
    contracts.change_contract(applied(office, effects.effects_of(application.id), start))
    started = applications.advance(application, Event.START, now, DESK)
    case = make_case(started, office, tools.procedure_of(started.procedure))
    papers, failed = papers_of_start(case, now, tools)
    notices = owed_to(
        NoticeKind.IN_EFFECT,
        addressees.of_application(started, office),
        started,
        lambda to, _reply_to: with_papers(tools.writer.in_effect(case, to), papers(to.language)),
    )
    return notices + failed


def _lapse(application: Application, now: datetime, tools: Tools) -> tuple[Owed, ...]:
    lapsed = applications.advance(application, Event.LAPSE, now, DESK)
    tokens.void(lapsed.id, now, role=Role.REVIEWER)
    case = case_of(lapsed, tools)
    notices = owed_to(
        NoticeKind.LAPSED,
        addressees.of_application(lapsed, case.office),
        lapsed,
        lambda to, _reply_to: tools.writer.lapsed(case, to),
    )
    return notices + tell_reviewers(case, Event.LAPSE, DESK, tools)


def erase_expired_passwords(now: datetime, tools: Tools) -> int:
    """Passwords whose view period is over are gone, not hidden (domain, «Passwords»)."""
    with tools.store.transaction():
        return tools.vault.erase_expired(tokyo_date(now), outbox.untold(NoticeKind.COMPLETED))


def forget_old_mail(now: datetime, tools: Tools) -> int:
    """Once a day: raw mail that is older than the operator wants to keep it."""
    days = tools.settings.raw_mail_days
    with tools.store.transaction():
        if not days or not first_time(f"purge:{tokyo_date(now)}", now):
            return 0
        return retention.forget_raw_mail(tools.store, now, days)
