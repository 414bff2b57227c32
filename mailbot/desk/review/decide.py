"""What a reviewer decides by reply: the one keyword of it, or of a reply to the digest each line for itself."""

from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.look_up import Known
from mailbot.desk.incoming.reading import MailReading
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.outcome import Outcome, combine_outcomes
from mailbot.desk.review import digest_reply
from mailbot.desk.review.answers import answer_review_enquiry
from mailbot.desk.review.carry_out import ReviewAnswer, carry_out
from mailbot.model.application import Application
from mailbot.model.lifecycle import Event
from mailbot.model.reply_token import ForDigest


def decide(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """Carry out the one keyword of the reply, or say why not; of a reply to the digest, each line for itself."""
    if request.grant is None or not isinstance(request.grant.scope, ForDigest):
        return _decide(request, now, context)
    lines = digest_reply.requests_by_line(request)
    if not lines:
        return digest_reply.not_understood(request, context)
    return combine_outcomes([_decide_line(line, now, context) for line in lines])


def may_approve(known: Known, reading: MailReading) -> list[Application]:
    """The applications that a mail may approve, in the caller's `Store.reading`."""
    grant, decision = known.grant, reading.decision
    if grant is None or not known.writes_as_reviewer:
        return []
    if isinstance(grant.scope, ForDigest):
        return digest_reply.may_approve(grant, reading.own.text)
    approves = decision is not None and decision.event is Event.APPROVE
    return [known.application] if approves and known.application is not None else []


def _decide_line(line: Request, now: datetime, context: DeskContext) -> Outcome:
    if line.application is None or line.decision is None or line.decision.event is None:
        return digest_reply.line_not_understood(line, context)
    return _decide(line, now, context)


def _decide(request: Request, now: datetime, context: DeskContext) -> Outcome:
    decision, application = request.decision, request.application
    assert decision is not None  # noqa: S101 - `classify` sets it on every mail of a reviewer
    if decision.event is None or application is None:
        return answer_review_enquiry(request, context)
    reviewer, grant = request.sender.reviewer, request.grant
    assert reviewer is not None and grant is not None  # noqa: S101 - `authorize` requires both
    answer = ReviewAnswer(
        reviewer=reviewer,
        address=request.sender.address,
        application=application,
        revision=request.revision,
        event=decision.event,
        words=decision.words.strip(),
        mail_id=request.item.id,
        expired=not grant.is_live(now),
    )
    return carry_out(answer, now, context)
