"""What operators do with quarantined mail: release it, so that it is handled anew, or discard it for good.

Each takes effect once, in one transaction with its rows in the mail log and in the audit log: a second operator, or a
repeat after an interruption, finds the mail not quarantined any more.
"""

from dataclasses import dataclass
from datetime import datetime

from mailbot.clock import iso
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.form import NO_FORM
from mailbot.desk.incoming.look_up import sender_at
from mailbot.desk.incoming.newcomer import contact_of_newcomer
from mailbot.desk.incoming.prepare import prepare
from mailbot.desk.inquiries.replies import take_back
from mailbot.desk.operations.daily_list_items import is_vouched
from mailbot.errors import Temporary
from mailbot.model.daily_list import Newcomer, Refusal
from mailbot.model.people import REGISTERED_ADDRESS
from mailbot.model.queued_mail import Disposition, LogRow
from mailbot.model.standing import Standing, standing_of
from mailbot.records.log import audit, mail_log
from mailbot.records.queues import inbox, quarantined, received
from mailbot.records.queues.quarantined import QuarantinedMail
from mailbot.records.register import offices
from mailbot.text import fold_code, one_line

_BY = "by "  # begins the detail of a row in the mail log
_TOO_OLD = "its raw mail was deleted by age (retention.raw_mail_days); discard it"


@dataclass(frozen=True)
class Handled:
    """What became of one mail.

    `problem`: why nothing was done, "" when it was done; `refusal`: that as a code; `registered`: who was registered
    with it.
    """

    number: int
    problem: str = ""
    registered: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Operator:
    """Who does it, and when."""

    name: str
    at: datetime


def release(number: int, operator: Operator, context: DeskContext) -> Handled:
    """The mail goes the whole way again, with today's register, rules and code."""
    with context.store.transaction():
        return _release(number, "", operator, context)


def register_and_release(number: int, office_code: str, operator: Operator, context: DeskContext) -> Handled:
    """The author of the mail becomes a 申込担当者 of the office, and the mail is released; both or neither."""
    newcomer = newcomer_of(number, context)  # reading a mail is slow: before the transaction
    with context.store.transaction():
        return register_newcomer(number, newcomer, office_code, operator, context)


def register_newcomer(
    number: int,
    newcomer: Newcomer,
    office_code: str,
    operator: Operator,
    context: DeskContext,
    *,
    is_asked: bool = False,
) -> Handled:
    """`register_and_release` of an author who was read before, in the caller's transaction.

    `is_asked`: the operator says that the office was asked, which the logs keep.
    """
    contact = newcomer.contact
    if contact is None:
        return Handled(number, newcomer.problem, refusal=newcomer.refusal)
    office = offices.office(fold_code(office_code))
    if office is None:
        problem = f"there is no office {one_line(office_code)} in the register"
        return Handled(number, problem, refusal=Refusal.NO_OFFICE)
    sender = sender_at(contact.email, contact.name)  # as the register knows them by now
    if sender.reviewer is not None:
        return Handled(number, f"{sender.address} is a reviewer", refusal=Refusal.REVIEWER)
    is_new = not sender.registrations
    if not is_new and sender.registration_at(office.code) is None:
        others = ", ".join(sorted({one.office.code for one in sender.registrations}))
        problem = f"{sender.address} belongs to {others}; `mailbot register import` can move a person"
        return Handled(number, problem, refusal=Refusal.OTHER_OFFICE)
    who = f"{contact.email} as 申込担当者 of {office.code}" if is_new else ""
    doubt = "" if is_vouched(newcomer.standing) else ", whose mail is not proven"
    asked = ", after the office was asked" if is_asked else ""
    done = _release(number, f"registered {who}{doubt}{asked}" if is_new else "", operator, context)
    if done.problem or not is_new:
        return done
    offices.add_contact(office.code, contact, operator.at)
    return Handled(number, registered=who)


def newcomer_of(number: int, context: DeskContext) -> Newcomer:
    """Who wrote a quarantined mail, as the register would have them; not inside of a transaction.  Raises Temporary."""
    with context.store.reading():
        mail, item = find(number), inbox.get(context.store, number)
        if mail is None or item is None:
            return Newcomer(refusal=Refusal.DONE_BEFORE, problem=_not_quarantined(number).problem)
    if not item.raw:
        return Newcomer(refusal=Refusal.TOO_OLD, problem=_TOO_OLD)
    try:
        prepared = prepare(item, context)
    except Temporary:
        raise
    except Exception as error:  # of any kind: the mail may be hostile
        problem = f"it cannot be read ({type(error).__name__}); register its sender, then release it"
        return Newcomer(refusal=Refusal.UNREADABLE, problem=problem)
    sender, message = prepared.known.sender, prepared.message
    if message.unreadable or message.author_problem or not sender.address:
        problem = f"its author is not usable ({message.unreadable or message.author_problem})"
        return Newcomer(refusal=Refusal.NO_AUTHOR, problem=problem)
    standing = standing_of(item.evidence, sender.address, proof_required=context.settings.proof_required)
    if standing_of(item.evidence, sender.address, proof_required=True) is Standing.FORGED:
        problem = f"it fails DMARC, and the domain of {sender.address} asks to refuse such mail: a forgery"
        return Newcomer(refusal=Refusal.FORGED, problem=problem)
    forms = prepared.reading.forms
    contact = contact_of_newcomer(sender, forms[0] if forms else NO_FORM)
    if not REGISTERED_ADDRESS.fullmatch(contact.email):
        problem = (
            f"the register takes no address like {one_line(contact.email)}; no file with it could be imported again"
        )
        return Newcomer(refusal=Refusal.NO_AUTHOR, problem=problem)
    return Newcomer(contact, standing=standing)


def _release(number: int, words: str, operator: Operator, context: DeskContext) -> Handled:
    mail = find(number)
    if mail is None:
        return _not_quarantined(number)
    if not received.content(context.store, number):
        return Handled(number, _TOO_OLD, refusal=Refusal.TOO_OLD)
    if not quarantined.release(context.store, number, authenticate=context.settings.proof_required):
        return _not_quarantined(number)
    take_back(number, operator.at, context)
    _record(mail, Disposition.RELEASED, reason="released-by-operator", words=words, operator=operator)
    return Handled(number)


def discard(number: int, words: str, operator: Operator, context: DeskContext) -> Handled:
    """The mail is never handled.  `words`: why, for the logs."""
    reason = "discarded-by-operator"
    why = one_line(words)
    with context.store.transaction():
        mail = find(number)
        if mail is None or not quarantined.discard(number, reason, f"{why}\n{mail.detail}".strip(), operator.at):
            return _not_quarantined(number)
        _record(mail, Disposition.DISCARDED, reason, why, operator)
    return Handled(number)


def find(number: int) -> QuarantinedMail | None:
    """The mail while it is quarantined, in the caller's `Store.reading`; None when it is not."""
    return next(iter(quarantined.select(numbers=[number])), None)


def done_before(number: int) -> tuple[str, datetime] | None:
    """Which operator has released or discarded the mail last, and when; None when nobody has.

    In the caller's `Store.reading`.
    """
    row = _last_operation(number)
    return (_operator_of(row), row.at) if row is not None else None


def _last_operation(number: int) -> LogRow | None:
    return mail_log.latest_of(number, (Disposition.RELEASED.value, Disposition.DISCARDED.value))


def _operator_of(row: LogRow) -> str:
    return row.detail.partition("\n")[0].removeprefix(_BY)


def _not_quarantined(number: int) -> Handled:
    state, row = quarantined.state_of(number), _last_operation(number)
    hint = f"; `mailbot inquiries show {number}` has it" if state.startswith(Disposition.PASSED_ON) else ""
    before = f"; {_operator_of(row)} {row.disposition} it already, at {iso(row.at)}" if row is not None else ""
    problem = f"it is not quarantined, but {state}{before}{hint}" if state else "there is no such mail"
    return Handled(number, problem, refusal=Refusal.DONE_BEFORE)


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
        detail="\n".join(filter(None, (f"{_BY}{operator.name}", words, f"it was {before}"))),
        inbox_id=mail.number,
    )
    audit.append(
        operator.at, operator.name, f"{disposition.value} mail #{mail.number}, {before}{': ' * bool(words)}{words}"
    )
