"""Reminders to the applicant side: an answer that is awaited, passwords whose view period ends.

Each is sent once, on a business day from the morning on.  Reviews that wait are in the digest and the daily list.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailbot.clock import TOKYO, tokyo_date
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.blank_forms import content_back
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.model.application import Application
from mailbot.model.lifecycle import Event, State
from mailbot.notices.contents.applicant import AnswerReminder, ViewEnding
from mailbot.notices.values import Case
from mailbot.records.applications import application_store
from mailbot.records.applications.reminders import is_recorded, record_once
from mailbot.records.inquiries import inquiries


@dataclass(frozen=True)
class Reminder:
    """One thing to say; `key` is recorded with it."""

    application: Application
    key: str
    write: Callable[[Case, datetime, DeskContext], tuple[Notice, ...]]

    def say(self, application: Application, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
        """The notices, if this is the first time."""
        return self.write(case_of(application, context), now, context) if record_once(self.key, now) else ()


def is_morning(now: datetime, context: DeskContext) -> bool:
    """Whether it is a business day, at or after `review.morning_hour`."""
    return context.calendar.is_open(tokyo_date(now)) and now.astimezone(TOKYO).hour >= context.settings.morning_hour


def due(now: datetime, context: DeskContext) -> list[Reminder]:
    """The reminders that are due now and were not sent before."""
    if not is_morning(now, context):
        return []
    today = tokyo_date(now)
    found = (*_answers(today, context), *_passwords(today, context))
    return [reminder for reminder in found if not is_recorded(reminder.key)]


def _answers(today: date, context: DeskContext) -> Iterator[Reminder]:
    """To the applicant side, three business days after a 確認依頼."""
    waiting = inquiries.applications_waiting()
    for application in application_store.listing(state=State.NEEDS_CONFIRMATION):
        if application.held or application.id in waiting:
            continue  # the desk owes an answer, not the applicant
        asked = max(s.at for s in application.steps if s.event is Event.ASK)
        if context.calendar.between(tokyo_date(asked), today) >= context.settings.applicant_reminder_business_days:
            yield Reminder(application, f"answer:{application.id}:{asked.isoformat()}", _to_applicants)


def _passwords(today: date, context: DeskContext) -> Iterator[Reminder]:
    """参照期間終了間近: on the last business day before the last day, or on the last day itself.

    Nobody is reminded when every password was looked at.
    """
    last = context.calendar.add(today, 2) - timedelta(days=1)  # beyond it there is another business day
    for number in context.vault.not_seen(today, last):
        if is_recorded(key := f"view:{number}"):
            continue  # it is not loaded each minute
        application = application_store.get(number)
        if application is not None and not application.looked_at.issuperset(context.vault.ids(number)):
            yield Reminder(application, key, _view_ending)


def _to_applicants(case: Case, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    del now
    words = next((s.words for s in reversed(case.application.steps) if s.event is Event.ASK), "")
    to = recipients.of_application(case.application, case.office)
    content = AnswerReminder(case=case, words=words, correction=content_back(case))
    return notices_to(to, content, case.application)


def _view_ending(case: Case, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    del now
    to = recipients.of_application(case.application, case.office)
    return notices_to(to, ViewEnding(case=case), case.application)
