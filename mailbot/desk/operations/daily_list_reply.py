"""A reply to an operator's daily list: it acts line by line, by the functions that the commands use.

Everything is one transaction with the mail, which takes effect once.  Each line of the reply is answered: done, done
before by somebody, not possible, or asked about.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.look_up import sender_at
from mailbot.desk.incoming.prepare import Prepared
from mailbot.desk.incoming.request import Request
from mailbot.desk.inquiries.others import passed_on
from mailbot.desk.inquiries.readers import people_of_the_desk
from mailbot.desk.inquiries.replies import close_without_answer, name_of
from mailbot.desk.operations import quarantine
from mailbot.desk.operations.daily_list_items import is_vouched
from mailbot.desk.operations.quarantine import Handled, Operator
from mailbot.desk.operations.retry import retry
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.notice import AboutDailyList, Notice
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.rate_limit import alert_about
from mailbot.forms.daily_list_lines import ListLine
from mailbot.model.daily_list import Action, ItemKind, ListItem, Newcomer, Refusal, Unclear
from mailbot.model.inquiry import Inquiry
from mailbot.model.notice import Addressee
from mailbot.model.queued_mail import Disposition, OutboxState
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.operators import LineResult
from mailbot.records.applications import grants
from mailbot.records.inquiries import inquiries
from mailbot.records.log import audit
from mailbot.records.queues import outbox, quarantined
from mailbot.records.queues.quarantined import QuarantinedMail
from mailbot.text import fold_address

MOST_REGISTERED = 20  # by one reply: the mail of each is read


@dataclass(frozen=True)
class _Reply:
    """What every line of a reply is carried out with.

    `to`: the operator's address for notices; `since`: when the list was made; `notices`: what the lines cause.
    """

    request: Request
    operator: Operator
    to: Addressee
    since: datetime | None
    context: DeskContext
    notices: list[Notice] = field(default_factory=list)


def newcomers_named(prepared: Prepared, context: DeskContext) -> dict[int, Newcomer]:
    """The authors whom a reply registers, read from their mails; not inside of a transaction.  Raises Temporary.

    Empty for any other mail, and for one whose token is not its author's.
    """
    known = prepared.known
    if not known.answers_daily_list or not known.has_own_token:
        return {}
    named = [line for line in prepared.reading.list_lines if line.action is Action.REGISTER]
    numbers = dict.fromkeys(item.number for line in named for item in line.items)
    return {number: quarantine.newcomer_of(number, context) for number in [*numbers][:MOST_REGISTERED]}


def answer(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """Carry out each line of the reply, and answer all of them in one mail, to which a further reply counts."""
    to = _addressee(request, context)
    if to is None:
        return Outcome(
            Disposition.QUARANTINED, "not-an-operator", alert_about(request, "not-an-operator", now, context)
        )
    if not request.has_live_token:
        notice = Notice(Answer(topic="daily_list_expired", params={}), to)
        return Outcome(Disposition.ANSWERED, "list-expired", (notice,))
    token = request.grant.token_id if request.grant is not None else ""
    listed, since = grants.list_items(token), grants.listed_at(token)
    done: set[tuple[ListItem, Action]] = set()
    reply = _Reply(request, Operator(request.sender.address, now), to, since, context)
    results = [one for line in request.list_lines for one in _results(line, done, reply)]
    if results and all(one == LineResult(one.read) for one in results):
        return Outcome(Disposition.RECORDED, "courtesy")
    content = Answer(topic="daily_list_done", params={"results": results})
    notices = (Notice(content, to, AboutDailyList(listed)), *reply.notices)
    detail = "; ".join(f"{one.item} {_code(one)}" for one in results if one.item)
    if any(one.done is not None for one in results):
        return Outcome(Disposition.CARRIED_OUT, "list-carried-out", notices, detail=detail)
    return Outcome(Disposition.ANSWERED, "list-not-understood", notices, detail=detail)


def _addressee(request: Request, context: DeskContext) -> Addressee | None:
    """The operator who writes, or who answers inquiries; None when the configuration names them no more."""
    people = (*recipients.operators(context), *people_of_the_desk(context))
    return next((to for to in people if fold_address(to.email) == request.sender.address), None)


def _code(result: LineResult) -> str:
    return str(result.done or result.unclear or result.refusal or "")


def _results(line: ListLine, done: set[tuple[ListItem, Action]], reply: _Reply) -> Iterator[LineResult]:
    """One result for each item of a line, one for a line without; what was done by a line above is not repeated."""
    if line.action is None:
        yield LineResult(line.read, " ".join(item.shown for item in line.items), unclear=line.unclear)
        return
    for item in line.items:
        if (item, line.action) not in done:
            done.add((item, line.action))
            result = _act(item, line.action, line, reply)
            yield result._replace(read=line.read, item=item.shown)


def _act(item: ListItem, action: Action, line: ListLine, reply: _Reply) -> LineResult:
    operator, since, context = reply.operator, reply.since, reply.context
    if action is Action.RESEND:
        return _resend(item.number, since, operator, context)
    if action is Action.CLOSE:
        return _close(item.number, operator, context)
    if action is Action.SEND:
        return _send(item.number, reply)
    mail = quarantine.find(item.number)
    if mail is None or (since is not None and mail.quarantined_at > since):  # released, and perhaps quarantined again
        return _done_before(item.number)
    if action is Action.DISCARD:
        words = line.words or "in reply to the daily list"
        return _of_mail(quarantine.discard(item.number, words, operator, context), action)
    if action is Action.REGISTER:
        return _register(mail, line, reply)
    if item.kind is ItemKind.NEWCOMER and not sender_at(fold_address(mail.author)).is_registered:
        return LineResult("", refusal=Refusal.NOT_REGISTERED)
    return _of_mail(quarantine.release(item.number, operator, context), action)


def _register(mail: QuarantinedMail, line: ListLine, reply: _Reply) -> LineResult:
    """Only at the office that the mail names, as the list has shown it, and not where anybody may have written."""
    newcomer = reply.request.newcomers.get(mail.number)
    if newcomer is None:
        return LineResult("", refusal=Refusal.TOO_MANY)
    if line.office and line.office != mail.office:
        return LineResult("", unclear=Unclear.OTHER_OFFICE, detail=mail.office)
    if newcomer.contact is not None and not is_vouched(newcomer.standing):
        return LineResult("", refusal=Refusal.NOT_PROVEN)
    handled = quarantine.register_newcomer(mail.number, newcomer, mail.office, reply.operator, reply.context)
    email = newcomer.contact.email if newcomer.contact is not None and handled.registered else ""
    return _of_mail(handled, Action.REGISTER)._replace(detail=email)


def _of_mail(handled: Handled, action: Action) -> LineResult:
    return LineResult("", refusal=handled.refusal) if handled.problem else LineResult("", done=action)


def _done_before(number: int) -> LineResult:
    """Who has released or discarded the mail, and what it is by now."""
    by, at = quarantine.done_before(number) or ("", None)
    return LineResult("", refusal=Refusal.DONE_BEFORE, by=by, at=at, detail=quarantined.disposition_of(number))


def _resend(number: int, since: datetime | None, operator: Operator, context: DeskContext) -> LineResult:
    """A notice that has failed; one that was resent since the list was made is not sent once more."""
    item = outbox.get(number)
    at, by = audit.latest(f"retried notice n{number}") or (None, "")
    resent = at is not None and since is not None and at > since
    if item is None or item.state is not OutboxState.FAILED or resent:
        state = item.state.value if item is not None else ""
        state = "waiting" if state == "unwritten" else state
        return LineResult("", refusal=Refusal.DONE_BEFORE, by=by, at=at, detail=state)
    corrected = retry(number, operator.name, operator.at, context)
    return LineResult("", done=Action.RESEND, detail=corrected)


def _send(number: int, reply: _Reply) -> LineResult:
    """The mail of an open inquiry to the operator who asks: the list has also those that others were to answer."""
    inquiry = inquiries.get(number)
    if inquiry is None or not inquiry.is_open:
        return _answered_before(inquiry)
    operator = reply.operator
    reply.notices.extend(passed_on(inquiry, reply.to, operator.name, operator.at, reply.context))
    return LineResult("", done=Action.SEND)


def _answered_before(inquiry: Inquiry | None) -> LineResult:
    by, at = (name_of(inquiry.answered_by), inquiry.answered_at) if inquiry is not None else ("", None)
    return LineResult("", refusal=Refusal.DONE_BEFORE, by=by, at=at)


def _close(number: int, operator: Operator, context: DeskContext) -> LineResult:
    """Without an answer.  A concern is answered, or closed, in reply to its own mail alone."""
    inquiry = inquiries.get(number)
    if inquiry is not None and inquiry.is_open and inquiry.concern:
        return LineResult("", refusal=Refusal.CONCERN)
    if close_without_answer(number, operator.name, operator.at, context):
        return LineResult("", done=Action.CLOSE)
    return _answered_before(inquiry)
