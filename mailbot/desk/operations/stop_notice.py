"""A notice that waits or has failed is not to be delivered: an operator stops it, by a command or on a page."""

from datetime import datetime
from enum import StrEnum

from mailbot.desk.context import DeskContext
from mailbot.model.audit import mail_subject
from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import OutboxItem, OutboxState
from mailbot.records.log import audit
from mailbot.records.queues import outbox
from mailbot.text import one_line

# What others are told of an operator's own actions, and of looks at passwords: no operator keeps it from them.
ALWAYS_DELIVERED = frozenset({NoticeKind.ALERT, NoticeKind.SECURITY, NoticeKind.REVOKED, NoticeKind.TAKEN_BACK})


class NotStopped(StrEnum):
    """Why a notice cannot be stopped."""

    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    SENDING = "sending"  # the relay may accept it at any moment
    STOPPED = "stopped"  # before
    ALWAYS_DELIVERED = "always_delivered"


_STATES = {
    OutboxState.SENT: NotStopped.DELIVERED,
    OutboxState.SENDING: NotStopped.SENDING,
    OutboxState.STOPPED: NotStopped.STOPPED,
}


def why_not(item: OutboxItem | None) -> NotStopped | None:
    """Why it cannot be stopped, None when it can."""
    if item is None:
        return NotStopped.UNKNOWN
    if item.state in _STATES:
        return _STATES[item.state]
    return NotStopped.ALWAYS_DELIVERED if item.mail.kind in ALWAYS_DELIVERED else None


def stop(number: int, why: str, who: str, now: datetime, context: DeskContext) -> NotStopped | None:
    """It is not delivered unless somebody retries it.  `why`: in words, kept with it; `who`: the operator.

    None when it was stopped.
    """
    words = one_line(why)
    with context.store.transaction():
        problem = why_not(outbox.get(number))
        if problem is not None:
            return problem
        if not outbox.stop(number, f"stopped by {who}: {words}", now):
            return NotStopped.SENDING
        audit.append(now, who, f"stopped notice n{number}: {words}", mail_subject(f"n{number}"))
    return None
