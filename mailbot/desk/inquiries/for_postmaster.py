"""Mail to postmaster (RFC 5321 §4.5.1): the operators see what it says; it is not carried out and not answered."""

from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.alerts import alert_at_most
from mailbot.desk.outgoing.notice import Notice
from mailbot.desk.outgoing.replies import lines_read
from mailbot.model.standing import Standing

REASON = "for-postmaster"
MOST_OF_STRANGERS, MOST_OF_A_PERSON = 3, 3  # alerts in an hour: of all strangers together, of each proven person


def tell_operators(request: Request, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """An alert with the words; beyond the limit the mail is in quarantine alone, where `quarantine list` shows it.

    The alert has no address of the sender to reply to, so that two robots cannot answer each other.
    """
    if request.reason != REASON:
        return ()
    sender = request.sender
    proven = request.standing(proof_required=context.settings.proof_required) is Standing.PROVEN
    known = sender.is_registered and proven
    times, key = (MOST_OF_A_PERSON, f"/{sender.address}") if known else (MOST_OF_STRANGERS, "")
    params = {"reason": request.reason, "sender": sender.address, "inbox_id": request.item.id}
    words = lines_read(request.message.text)
    return alert_at_most(times, f"{REASON}{key}", "alert", params | words, now, context)
