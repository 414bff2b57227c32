"""Mail that cannot be decided on yet: the name servers do not answer, its sender's mails have used up
their CPU time, or the desk itself is at fault.

It stays in the inbox and is tried again; the operators are alerted about a fault, and a registered sender who has
waited for ten minutes learns that the mail has arrived.
"""

from datetime import datetime, timedelta

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.look_up import sender_of
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import AlertCause, alert_at_most, alert_once
from mailbot.desk.outgoing.enqueue import Cause, enqueue_notices
from mailbot.desk.outgoing.faults import fault_location
from mailbot.desk.outgoing.notice import notices_to
from mailbot.desk.outgoing.rate_limit import has_answers_left, told_once
from mailbot.mail.automatic import detect_automatic
from mailbot.mail.extent import BRIEF
from mailbot.mail.message import read, read_head
from mailbot.model.queued_mail import InboxItem
from mailbot.model.standing import Standing, standing_of
from mailbot.notices.contents.answers import Answer
from mailbot.records.applications.reminders import record_once
from mailbot.records.queues import inbox

OVER_BUDGET = "too-much-cpu-time"
RETRY_AFTER = timedelta(minutes=2)
ACKNOWLEDGE_AFTER = timedelta(minutes=10)


def postpone(item: InboxItem, until: datetime, now: datetime, context: DeskContext) -> None:
    """Not before `until`; the mails behind it go on."""
    inbox.postpone(context.store, item.id, until)
    if now - item.received_at >= ACKNOWLEDGE_AFTER:
        _acknowledge(item, now, context)


def postpone_for_fault(item: InboxItem, error: BaseException, now: datetime, context: DeskContext) -> str:
    """The desk is at fault: alert the operators once a day for each place; returns the place as file:line."""
    where = fault_location(error)
    with context.store.transaction():
        params = {"reason": where, "server_answer": f"{type(error).__name__}: {error}", "inbox_id": item.id}
        alert_once(f"mail-postponed:{where}:{tokyo_date(now)}", "mail_postponed", now, context, params=params)
    postpone(item, now + RETRY_AFTER, now, context)
    return where


def postpone_over_budget(item: InboxItem, until: datetime, now: datetime, context: DeskContext) -> None:
    """The mails of its sender have used up the CPU time of an hour: tell the sender and the operators, once a day."""
    message = read_head(item.raw)
    with context.store.transaction():
        sender = sender_of(message)
        told = told_once(sender, message, item, OVER_BUDGET, now, context)
        standing = standing_of(item.evidence, sender.address, proof_required=context.settings.proof_required)
        is_known = sender.is_registered and standing is Standing.PROVEN
        params = {"reason": OVER_BUDGET, "sender": sender.address, "inbox_id": item.id}
        cause = AlertCause(OVER_BUDGET, item.account, by_stranger=not is_known)
        told += alert_at_most(cause, "alert", now, context, params=params)
        enqueue_notices(told, now, context, Cause(item.id, message.message_id, sender.address, standing))
    postpone(item, until, now, context)


def _acknowledge(item: InboxItem, now: datetime, context: DeskContext) -> None:
    """Once for each mail, to the registered address of its author; never for automatic mail."""
    message, settings = read(item.raw, BRIEF), context.settings
    if message.unreadable or message.author_problem or detect_automatic(message, item.envelope) is not None:
        return
    with context.store.transaction():
        sender = sender_of(message)
        standing = standing_of(item.evidence, sender.address, proof_required=settings.proof_required)
        if not sender.is_registered or standing is Standing.FORGED:
            return
        if not has_answers_left(sender.address, standing, now, context):
            return
        if record_once(f"acknowledged:{item.id}", now):
            to = recipients.author_of(sender, settings.language)
            notices = notices_to([to], Answer(topic="arrived", params={"notice": message.subject}), None)
            enqueue_notices(notices, now, context, Cause(item.id, message.message_id, sender.address, standing))
