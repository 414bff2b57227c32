"""Quarantine of mail that the desk could not handle."""

from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.look_up import sender_of
from mailbot.desk.outgoing.alerts import AlertCause, alert_at_most
from mailbot.desk.outgoing.enqueue import Cause, enqueue_notices
from mailbot.desk.outgoing.rate_limit import told_once
from mailbot.mail.message import Message, read_head
from mailbot.model.queued_mail import Disposition, InboxItem
from mailbot.model.standing import Standing, standing_of
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox
from mailbot.text import one_line


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
        head = _head(item)
        author = sender_of(head)
        standing = standing_of(item.evidence, author.address, proof_required=context.settings.proof_required)
        is_known = author.is_registered and standing is Standing.PROVEN
        cause = AlertCause(reason, author.address or sender, by_stranger=not is_known)
        params = {"reason": reason, "sender": sender, "inbox_id": item.id}
        notices = alert_at_most(cause, "alert", now, context, params=params)
        notices += told_once(author, head, item, reason, now, context)
        enqueue_notices(notices, now, context, Cause(item.id, head.message_id, author.address))


def _head(item: InboxItem) -> Message:
    """The header section, which names the author; an empty one when reading it is what goes wrong."""
    try:
        head = read_head(item.raw)
    except Exception:  # of any kind: the mail is hostile
        return Message()
    return Message() if head.unreadable or head.author_problem else head
