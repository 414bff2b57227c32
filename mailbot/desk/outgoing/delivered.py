"""When the relay has taken a notice: from then on its reader can be said to have been told."""

from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import OutboxItem
from mailbot.model.view_period import extended
from mailbot.records.applications import applications
from mailbot.records.queues import outbox


def extend_view_period(item: OutboxItem, now: datetime, context: DeskContext) -> None:
    """The view period of a password begins when the first 確認完了 has left (T-99), in the caller's transaction.

    Called before the notice is marked as sent.
    """
    if item.mail.kind is not NoticeKind.COMPLETED or item.mail.application_id is None:
        return
    application = applications.get(item.mail.application_id)
    if application is None or application.view_period is None:
        return
    if outbox.was_delivered(application.id, NoticeKind.COMPLETED):
        return
    period = extended(application.view_period, tokyo_date(now), context.calendar)
    if period != application.view_period and context.vault.extend(application.id, period):
        applications.view_until(application.id, period)
