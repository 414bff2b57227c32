"""Quarantine of mail that the desk could not handle."""

from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.look_up import sender_of
from mailbot.desk.outgoing.alerts import alert_at_most
from mailbot.desk.outgoing.enqueue import Cause, enqueue_notices
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.rate_limit import told_once
from mailbot.mail.message import read_head
from mailbot.model.queued_mail import Disposition, InboxItem
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox
from mailbot.text import one_line

MOST_ALERTS_AN_HOUR = 10


def quarantine_mail(item: InboxItem, reason: str, detail: str, now: datetime, context: DeskContext) -> None:
    """Quarantine a mail that could not be handled: raw, with the reason, in the log, and the operators are alerted.

    Of it, only the header section is read again: reading it may be what went wrong.  Raises inbox.AlreadyHandled
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
        notices = alert_at_most(MOST_ALERTS_AN_HOUR, "alert", params, now, context)
        notices += _to_author(item, reason, now, context)
        enqueue_notices(notices, now, context, Cause(item.id, message_id="", author=""))


def _to_author(item: InboxItem, reason: str, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """To a registered, proven author, whom the header section alone names."""
    try:
        head = read_head(item.raw)
    except Exception:  # it may be what went wrong
        return ()
    if head.unreadable or head.author_problem:
        return ()
    return told_once(sender_of(head), head, item, reason, now, context)
