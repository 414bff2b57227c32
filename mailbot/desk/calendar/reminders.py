"""What the calendar reminds people of: a review that waits, an answer that is awaited, passwords that will be gone.

Each is said once, on a business day from the morning on.  After the desk was off, only the newest stage is said: an
escalation takes the place of the reminder before it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from mailbot.clock import TOKYO, tokyo_date
from mailbot.desk import addressees
from mailbot.desk.alerts import alert
from mailbot.desk.case import case_of
from mailbot.desk.outcome import Owed, owed_to
from mailbot.desk.tools import Tools
from mailbot.model.application import Application
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import NoticeKind
from mailbot.notices.write import Case
from mailbot.records import applications, claims
from mailbot.records.reminders import first_time, said

_RESTARTS = frozenset({Event.SUBMIT, Event.CORRECT})


@dataclass(frozen=True)
class Reminder:
    """One thing to say; `keys` are noted with it, the first one decides."""

    application: Application
    keys: tuple[str, ...]
    write: Callable[[Case, datetime, Tools], tuple[Owed, ...]]

    def say(self, application: Application, now: datetime, tools: Tools) -> tuple[Owed, ...]:
        """The notices, if this is the first time."""
        fresh = [first_time(key, now) for key in self.keys]
        return self.write(case_of(application, tools), now, tools) if fresh[0] else ()


def is_morning(now: datetime, tools: Tools) -> bool:
    """Whether it is a business day, from the hour on at which people are written to."""
    return tools.calendar.is_open(tokyo_date(now)) and now.astimezone(TOKYO).hour >= tools.settings.morning_hour


def due(now: datetime, tools: Tools) -> list[Reminder]:
    """What is to be said now and was not said before."""
    if not is_morning(now, tools):
        return []
    today = tokyo_date(now)
    found = (*_reviews(today, tools), *_answers(today, tools), *_passwords(today, tools))
    return [reminder for reminder in found if not said(reminder.keys[0])]


def _reviews(today: date, tools: Tools) -> Iterator[Reminder]:
    """To the reviewers after one business day, to the operators after two; not while it is held."""
    settings = tools.settings
    for application in applications.listing(state=State.RECEIVED):
        if application.held:
            continue
        since = max(tokyo_date(s.at) for s in application.steps if s.event in _RESTARTS)
        waited = tools.calendar.between(since, today)
        about = f"{application.id}:{application.revision.number}"
        if waited >= settings.escalation_business_days:
            yield Reminder(application, (f"escalation:{about}", f"review:{about}"), _escalation)
        elif waited >= settings.reminder_business_days:
            yield Reminder(application, (f"review:{about}",), _to_reviewers)


def _answers(today: date, tools: Tools) -> Iterator[Reminder]:
    """To the applicant side, three business days after a 確認依頼."""
    for application in applications.listing(state=State.NEEDS_CONFIRMATION):
        asked = max(s.at for s in application.steps if s.event is Event.ASK)
        if tools.calendar.between(tokyo_date(asked), today) >= tools.settings.applicant_reminder_business_days:
            yield Reminder(application, (f"answer:{application.id}:{asked.isoformat()}",), _to_applicants)


def _passwords(today: date, tools: Tools) -> Iterator[Reminder]:
    """参照期間終了間近: on the last business day before the last day, or on the last day itself."""
    for application in claims.viewable(today):
        period = application.view_period
        if period is not None and tools.calendar.between(today, period.last) <= 1:
            yield Reminder(application, (f"view:{application.id}",), _view_ending)


def _to_reviewers(case: Case, now: datetime, tools: Tools) -> tuple[Owed, ...]:
    del now
    return owed_to(
        NoticeKind.REMINDER,
        addressees.reviewers_of(case.procedure.category, tools),
        case.application,
        lambda to, reply_to: tools.writer.review_reminder(case, to, reply_address=reply_to),
    )


def _escalation(case: Case, now: datetime, tools: Tools) -> tuple[Owed, ...]:
    days = tools.calendar.between(tokyo_date(case.application.revision.made_at), tokyo_date(now))
    return alert("review_overdue", tools, case=case, params={"more": days})


def _to_applicants(case: Case, now: datetime, tools: Tools) -> tuple[Owed, ...]:
    del now
    words = next((s.words for s in reversed(case.application.steps) if s.event is Event.ASK), "")
    return owed_to(
        NoticeKind.REMINDER,
        addressees.of_application(case.application, case.office),
        case.application,
        lambda to, reply_to: tools.writer.answer_reminder(case, to, words=words, reply_address=reply_to),
    )


def _view_ending(case: Case, now: datetime, tools: Tools) -> tuple[Owed, ...]:
    del now
    return owed_to(
        NoticeKind.VIEW_ENDING,
        addressees.of_application(case.application, case.office),
        case.application,
        lambda to, _reply_to: tools.writer.view_ending(case, to),
    )
