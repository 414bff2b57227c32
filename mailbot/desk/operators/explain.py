"""How a mail would be read and what would be done: the whole path, rolled back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.desk import reception
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.authorization import evidence_in_words
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.errors import UsageError
from mailbot.mail.message import read
from mailbot.mail.tagged_addresses import is_desk_address
from mailbot.model.application import Application
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Envelope, InboxItem
from mailbot.model.read_line import ReadLine
from mailbot.records.queues import inbox, received


@dataclass(frozen=True)
class Explanation:
    """How a mail would be read, and what would be done."""

    request: Request
    outcome: Outcome

    def as_dict(self) -> dict[str, str | list[str]]:
        """For printing: name → words."""
        request, outcome = self.request, self.outcome
        message = request.message
        return {
            "mail": f"#{request.item.id}" if request.item.id != inbox.EXPLAINED else "not received",
            "from": request.sender.address or f"unusable ({message.author_problem})",
            "subject": message.subject,
            "charset": message.charset,
            "read as": message.text_from,
            "evidence": list(evidence_in_words(request)),
            "assumed": list(request.notes),
            "about": _about(request.application or outcome.application),
            "asks for": request.intent.value,
            "would be": f"{outcome.disposition.value} ({outcome.reason})",
            "would send": [f"{notice.kind.value} → {notice.to.email}" for notice in outcome.notices],
        }

    @property
    def lines(self) -> tuple[ReadLine, ...]:
        """Every line of the mail with what it was taken for; links in them without their tokens."""
        return self.request.own.lines_to_show()


def explain_mail(
    raw: bytes, recipients: Sequence[str], sender: str | None, now: datetime, context: DeskContext
) -> Explanation:
    """Read `raw` as if it had just arrived; nothing is stored."""
    message = read(raw)
    own = [a for a in message.to if is_desk_address(a, context.settings.address)]
    envelope = Envelope(
        message.author.address if sender is None else sender,
        tuple(recipients) or tuple(own) or (context.settings.address,),
    )
    evidence = Evidence(details=("explained, not received",))
    item = InboxItem(inbox.EXPLAINED, envelope, raw, evidence, now, source="explain")
    return Explanation(*reception.explain(item, now, context))


def explain_received(number: int, now: datetime, context: DeskContext) -> Explanation:
    """Read the mail #`number` again as if it waited to be handled; nothing is stored.  Raises UsageError without it."""
    with context.store.reading():
        item = inbox.get(context.store, number)
    if item is None or not item.raw:
        raise UsageError(f"there is no mail #{number}, or its raw mail was deleted; `mailbot log list` shows the mails")
    item = replace(item, evidence=received.evidence(context.store, number))
    return Explanation(*reception.explain(item, now, context))


def _about(application: Application | None) -> str:
    if application is None:
        return "no application"
    return f"{application.receipt or 'a draft'} ({application.state.value}, revision {application.revision.number})"
