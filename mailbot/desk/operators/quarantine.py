"""What operators do with quarantined mail: release it, so that it is handled anew, or discard it for good.

Each takes effect once, in one transaction with its rows in the mail log and in the audit log: a second operator, or a
repeat after an interruption, finds the mail not quarantined any more.
"""

from dataclasses import dataclass
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.model.queued_mail import Disposition
from mailbot.records.log import audit, mail_log
from mailbot.records.queues import quarantined, received
from mailbot.records.queues.quarantined import QuarantinedMail
from mailbot.text import one_line


@dataclass(frozen=True)
class Handled:
    """What became of one mail.  `problem`: why nothing was done, "" when it was done."""

    number: int
    problem: str = ""


@dataclass(frozen=True)
class Operator:
    """Who does it, and when."""

    name: str
    at: datetime


def release(number: int, operator: Operator, context: DeskContext) -> Handled:
    """The mail goes the whole way again, with today's register, rules and code."""
    reason = "released-by-operator"
    with context.store.transaction():
        mail = _find(number)
        if mail is None:
            return _not_quarantined(number)
        if not received.content(context.store, number):
            return Handled(number, "its raw mail was deleted by age (retention.raw_mail_days); discard it")
        if not quarantined.release(context.store, number, authenticate=context.settings.proof_required):
            return _not_quarantined(number)
        _record(mail, Disposition.RELEASED, reason, "", operator)
    return Handled(number)


def discard(number: int, words: str, operator: Operator, context: DeskContext) -> Handled:
    """The mail is never handled.  `words`: why, for the logs."""
    reason = "discarded-by-operator"
    why = one_line(words)
    with context.store.transaction():
        mail = _find(number)
        if mail is None or not quarantined.discard(number, reason, f"{why}\n{mail.detail}".strip(), operator.at):
            return _not_quarantined(number)
        _record(mail, Disposition.DISCARDED, reason, why, operator)
    return Handled(number)


def _find(number: int) -> QuarantinedMail | None:
    return next(iter(quarantined.select(numbers=[number])), None)


def _not_quarantined(number: int) -> Handled:
    state = quarantined.state_of(number)
    return Handled(number, f"it is not quarantined, but {state}" if state else "there is no such mail")


def _record(mail: QuarantinedMail, disposition: Disposition, reason: str, words: str, operator: Operator) -> None:
    """One row in the mail log and one in the audit log, in the caller's transaction."""
    before = f"{mail.disposition} ({mail.reason})"
    mail_log.append(
        at=operator.at,
        direction="in",
        sender=mail.author or one_line(mail.envelope.sender),
        recipient=", ".join(mail.envelope.recipients),
        subject=mail.subject,
        disposition=disposition.value,
        reason=reason,
        detail="\n".join(filter(None, (f"by {operator.name}", words, f"it was {before}"))),
        inbox_id=mail.number,
    )
    audit.append(
        operator.at, operator.name, f"{disposition.value} mail #{mail.number}, {before}{': ' * bool(words)}{words}"
    )
