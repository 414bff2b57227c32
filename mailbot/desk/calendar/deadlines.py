"""What is due by the calendar.  Computed from the records, so a restart or a missed run changes nothing."""

from collections.abc import Callable
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.calendar import daily_list, digest, reminders
from mailbot.desk.cases.case import case_of, make_case, office_of
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import alert_once
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.desk.outgoing.recipients import DESK
from mailbot.desk.review.review_requests import notify_reviewers
from mailbot.errors import MailbotError, Temporary
from mailbot.logs import get_logger
from mailbot.mail.archive_password import without_text
from mailbot.model.application import Application
from mailbot.model.effects import apply_effects
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.notices.contents.applicant import InEffect, Lapsed
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.records.applications import application_queries, application_store, effects, grants
from mailbot.records.applications.reminders import delete_old, is_recorded, record_once
from mailbot.records.inquiries import inquiries
from mailbot.records.log import search_index
from mailbot.records.maintenance import raw_mail_retention
from mailbot.records.maintenance.raw_mail_retention import Deleted
from mailbot.records.queues import outbox, withheld
from mailbot.records.register import offices, uploads

MOST_INDEXED = 3000  # rows of the mail log in one run; more wait, and are searched without the index
MOST_EMPTIED = 10_000  # rows of mails and notices in one run, a few seconds: the next run goes on

log = get_logger("mailbot.deadlines")
Action = Callable[[Application, datetime, DeskContext], tuple[Notice, ...]]


def run_due_tasks(now: datetime, context: DeskContext) -> int:
    """Do everything that is due at `now`; returns how many things were done."""
    done = start_due(now, context) + lapse_unanswered(now, context)
    for reminder in reminders.due(now, context):
        done += _in_its_own_transaction(reminder.application, now, context, reminder.say)
    done += digest.send_due(now, context) + daily_list.send_due(now, context) + erase_expired_passwords(now, context)
    withheld.remove_withheld(context.store, without_text)
    search_index.update(context.store, MOST_INDEXED)
    uploads.forget(now, context.store)
    return done + delete_what_is_old(now, context)


def start_due(now: datetime, context: DeskContext) -> int:
    """利用開始日: the contract changes, once; what fell due while the desk was off is caught up in order."""
    due = application_queries.due_to_start(tokyo_date(now))
    return sum(_in_its_own_transaction(application, now, context, _start) for application in due)


def lapse_unanswered(now: datetime, context: DeskContext) -> int:
    """無効: a 確認依頼 nobody has answered through its last day.  Each in a transaction of its own."""
    # `answer_by` is the midnight at which the last day begins.
    asked = application_store.listing(state=State.NEEDS_CONFIRMATION)
    waiting = inquiries.applications_waiting()  # the desk owes an answer: their deadline stands still
    still = [a for a in asked if not a.held and a.id not in waiting]
    late = [a for a in still if a.answer_by is not None and tokyo_date(now) > tokyo_date(a.answer_by)]
    return sum(_in_its_own_transaction(application, now, context, _lapse) for application in late)


def _in_its_own_transaction(application: Application, now: datetime, context: DeskContext, action: Action) -> bool:
    """One that cannot be done (its office has left the register, or it has just been answered) holds up no other."""
    try:
        with context.store.transaction():
            enqueue_notices(action(application, now, context), now, context)
    except Temporary:
        raise
    except MailbotError as error:
        log.error("deadline-failed", application=application.id, detail=error.detail)
        _alert_operators(application, error, now, context)
        return False
    return True


def _alert_operators(application: Application, error: MailbotError, now: datetime, context: DeskContext) -> None:
    """An alert once a day for each application; the action itself is retried at every run."""
    with context.store.transaction():
        params = {"receipt": str(application.receipt or ""), "reason": error.detail}
        alert_once(f"failed:{application.id}:{tokyo_date(now)}", "deadline_failed", now, context, params=params)


def _start(application: Application, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    office = office_of(application)
    start = application.start_date or tokyo_date(now)
    offices.change_contract(apply_effects(office, effects.effects_of(application.id), start), now)
    started = application_store.apply_event(application, Event.START, now, DESK)
    case = make_case(started, office, context.procedure_of(started.procedure))
    paper = PaperRequest(PaperKind.APPROVAL, tokyo_date(now))
    period = started.view_period
    waits = period is not None and period.contains(tokyo_date(now))
    return notices_to(
        recipients.of_application(started, office), InEffect(case=case, paper=paper, passwords_wait=waits), started
    )


def _lapse(application: Application, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    lapsed = application_store.apply_event(application, Event.LAPSE, now, DESK)
    grants.void(lapsed.id, now, role=Role.REVIEWER)
    case = case_of(lapsed, context)
    notices = notices_to(recipients.of_application(lapsed, case.office), Lapsed(case=case), lapsed)
    return notices + notify_reviewers(case, Event.LAPSE, DESK, context)


def erase_expired_passwords(now: datetime, context: DeskContext) -> int:
    """Passwords whose view period is over are deleted, not hidden (domain, «Passwords»)."""
    with context.store.transaction():
        return context.vault.erase_expired(tokyo_date(now), outbox.undelivered_ids(NoticeKind.COMPLETED))


def delete_what_is_old(now: datetime, context: DeskContext) -> int:
    """Once a day: delete raw mail older than `retention.raw_mail_days`, and keys of notices that are kept no longer.

    Of many mails some at each run, until none is left for that day: a run delays what else is due.
    """
    done_today, days = f"purge:{tokyo_date(now)}", context.settings.raw_mail_days
    with context.store.reading():
        if is_recorded(done_today):
            return 0
    deleted = _delete_raw_mail(now, days, context) if days else Deleted(0, is_all=True)
    if deleted.is_all:
        with context.store.transaction():
            record_once(done_today, now)
            delete_old(now)
    return deleted.emptied


def _delete_raw_mail(now: datetime, days: int, context: DeskContext) -> Deleted:
    """Of a damaged store nothing more today: it is tried again tomorrow, not at each run."""
    try:
        return raw_mail_retention.delete_some_raw_mail(context.store, now, days, MOST_EMPTIED)
    except Temporary:
        raise
    except MailbotError as error:
        log.error("raw-mail-not-deleted", detail=error.detail)
        return Deleted(0, is_all=True)
