"""The mail-log row of an incoming mail, and how its words were read."""

from datetime import datetime

from mailbot.desk.incoming.authorization import evidence_in_words
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.records.log import mail_log
from mailbot.text import one_line


def log_incoming(request: Request, outcome: Outcome, now: datetime) -> None:
    """Append the row, in the caller's transaction."""
    item, message, application = request.item, request.message, outcome.application or request.application
    mail_log.append(
        at=now,
        direction="in",
        sender=request.sender.address or one_line(item.envelope.sender),
        recipient=", ".join(item.envelope.recipients),
        subject="" if request.withheld else message.subject,
        message_id=message.message_id,
        disposition=outcome.disposition.value,
        reason=outcome.reason,
        detail="\n".join(filter(None, (*evidence_in_words(request), outcome.detail, *request.notes))),
        office=application.office if application else _office_of_author(request),
        receipt=str(application.receipt or "") if application else "",
        inbox_id=item.id,
        text="" if request.withheld else message.text,
    )


def _office_of_author(request: Request) -> str:
    """The office that the author writes for, "" when that is not clear."""
    codes = {place.office.code for place in request.sender.registrations}
    if not codes and request.written_for is not None:
        codes = {request.written_for.code}
    return codes.pop() if len(codes) == 1 else ""
