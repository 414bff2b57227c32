"""Mail to postmaster (RFC 5321 §4.5.1): the operators see what it says; it is not carried out and not answered."""

from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.rate_limit import alert_about
from mailbot.desk.outgoing.replies import lines_read

REASON = "for-postmaster"


def tell_operators(request: Request, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """An alert with the words; beyond the limit the mail is in quarantine alone, where `quarantine list` shows it.

    The alert has no address of the sender to reply to, so that two robots cannot answer each other.
    """
    if request.reason != REASON:
        return ()
    return alert_about(request, REASON, now, context, lines_read(request.message.text))
