"""Quarantine of mail that the desk could not handle."""

from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.alerts import alert_at_most
from mailbot.desk.outgoing.enqueue import Cause, enqueue_notices
from mailbot.model.queued_mail import Disposition, InboxItem
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox
from mailbot.text import one_line

MOST_ALERTS_AN_HOUR = 10


def quarantine_mail(item: InboxItem, reason: str, detail: str, now: datetime, context: DeskContext) -> None:
    """Quarantine a mail that could not be handled: raw, with the reason, in the log, and the operators are alerted.

    It is not read again: reading it may be what went wrong.  Raises inbox.AlreadyHandled
    when another process was first.
    """
    sender = one_line(item.envelope.sender)
    with context.store.transaction():
        inbox.require_waiting(item.id)
        inbox.finish(item.id, Disposition.QUARANTINED, reason, now, detail=detail)
        mail_log.append(
            at=now,
            direction="in",
            sender=sender,
            recipient=", ".join(item.envelope.recipients),
            disposition=Disposition.QUARANTINED.value,
            reason=reason,
            detail=detail,
            inbox_id=item.id,
        )
        params = {"reason": reason, "sender": sender, "inbox_id": item.id}
        alerts = alert_at_most(MOST_ALERTS_AN_HOUR, "alert", params, now, context)
        enqueue_notices(alerts, now, context, Cause(item.id, message_id="", author=""))
