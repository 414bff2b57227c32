"""What follows from the end of a delivery: the view period begins, or a failure is reported."""

from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import AlertCause, alert_at_most
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.model.notice import NoticeKind
from mailbot.model.people import APPLICANT_SIDE
from mailbot.model.queued_mail import OutboxItem
from mailbot.model.view_period import extend
from mailbot.notices.contents.answers import Answer
from mailbot.records.applications import application_store
from mailbot.records.queues import outbox
from mailbot.records.register import offices
from mailbot.text import fold_address


def extend_view_period(item: OutboxItem, now: datetime, context: DeskContext) -> None:
    """The view period of a password begins when the relay has accepted the first 確認完了 (T-99).

    In the caller's transaction, before the notice is marked as sent.
    """
    if item.mail.kind is not NoticeKind.COMPLETED or item.mail.application_id is None:
        return
    application = application_store.get(item.mail.application_id)
    if application is None or application.view_period is None:
        return
    if outbox.was_delivered(application.id, NoticeKind.COMPLETED):
        return
    period = extend(application.view_period, tokyo_date(now), context.calendar)
    if period != application.view_period and context.vault.extend(application.id, period):
        application_store.set_view_period(application.id, period)


def undelivered(item: OutboxItem, server_answer: str, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """A notice was refused or bounced: an alert to each operator, and a notice to the other side of the application.

    The alert comes once a day for each recipient; the daily list has every such notice.  Nothing follows from an
    undelivered alert, and only the alert from an undelivered answer: both could loop.
    """
    if item.mail.kind is NoticeKind.ALERT:
        return ()
    application = application_store.get(item.mail.application_id) if item.mail.application_id is not None else None
    params = {
        "recipient": item.mail.recipient,
        "notice": item.mail.subject,
        "receipt": str(application.receipt or "") if application is not None else "",
        "server_answer": server_answer,
        "outbox_id": item.id,
    }
    cause = AlertCause("undelivered", fold_address(item.mail.recipient))
    alerts = alert_at_most(cause, "undelivered", now, context, params=params)
    if application is None or item.mail.role not in APPLICANT_SIDE or item.mail.kind is NoticeKind.ANSWER:
        return alerts
    office = offices.office(application.office)
    sides = recipients.of_application(application, office) if office is not None else ()
    others = [to for to in sides if fold_address(to.email) != fold_address(item.mail.recipient)]
    return alerts + notices_to(others, Answer(topic="other_undelivered", params=params), application)


def report_undelivered(item: OutboxItem, server_answer: str, now: datetime, context: DeskContext) -> None:
    """`undelivered` in a transaction of its own: the relay refused the notice for good, or retries have ended."""
    with context.store.transaction():
        enqueue_notices(undelivered(item, server_answer, now, context), now, context)
