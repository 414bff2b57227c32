"""What stands in an operator's daily list besides inquiries: quarantined mails, newcomers, failed notices."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.look_up import sender_at
from mailbot.desk.inquiries.of_known_people import OF_PEOPLE
from mailbot.desk.outgoing.notice import AboutDailyList
from mailbot.mail.message import read_head
from mailbot.model.daily_list import ItemKind, ListItem
from mailbot.model.evidence import Evidence
from mailbot.model.standing import Standing, standing_of
from mailbot.model.undelivered import Undelivered, undelivered
from mailbot.notices.contents.operators import FailedLine, NewcomerLine, QuarantinedLine
from mailbot.notices.display import short_day
from mailbot.records.queues import inbox, quarantined, received, retries
from mailbot.records.queues.quarantined import QuarantinedMail
from mailbot.records.queues.retries import HELD_BY_RESTORE, FailedNotice
from mailbot.text import fold_address, one_line

MOST_LINES = 100  # of one section; the commands `quarantine list`, `outbox list` and `inquiries list` have all
MOST_READ = 500  # mails of people who are not registered: several may be of one person
LARGEST_READ = 1_000_000  # octets of a mail that is read for the name of its author; of a larger one only the address
FAILED_FOR = timedelta(days=7)  # a notice that failed before that is in `outbox list` alone
_OURS = frozenset({"surprise", "kept-failing"})  # the desk may be at fault, whoever has written
_KINDS = {"inquiries": ItemKind.INQUIRY, "quarantined": ItemKind.MAIL, "newcomers": ItemKind.NEWCOMER}
_KINDS["failed"] = ItemKind.NOTICE


def about(params: Mapping[str, Sequence[Any]]) -> AboutDailyList | None:
    """What a reply to the list may act on; None when it names nothing that a line can act on."""
    items = tuple(ListItem(kind, line.number) for name, kind in _KINDS.items() for line in params.get(name, ()))
    return AboutDailyList(items) if items else None


def quarantined_mails(context: DeskContext) -> list[QuarantinedLine]:
    """The latest mails of known people that a rule has quarantined, and those at which the desk has failed."""
    with context.store.reading():
        return [_quarantined_line(mail) for mail in islice(reversed(known_people_s_mails()), MOST_LINES)]


def known_people_s_mails() -> list[QuarantinedMail]:
    """The quarantined mails of known people, and those at which the desk has failed, oldest first.

    In the caller's `Store.reading`.
    """
    mails = quarantined.select(reasons=_OURS | OF_PEOPLE)
    return [mail for mail in mails if mail.reason in _OURS or _is_known(mail)]


def _is_known(mail: QuarantinedMail) -> bool:
    return bool(mail.author) and sender_at(fold_address(mail.author)).is_registered


def _quarantined_line(mail: QuarantinedMail) -> QuarantinedLine:
    author, subject = mail.author or mail.envelope.sender or "<>", one_line(mail.subject)
    return QuarantinedLine(mail.number, short_day(mail.received_at), one_line(author), subject, mail.reason)


def newcomers(context: DeskContext, most: int = MOST_LINES) -> list[NewcomerLine]:
    """Who is not registered and writes for an office, newest first: one line for each address, with its latest mail.

    Those whose mail passes DMARC come first, so that forged addresses by the thousand push none of them off the list.
    The latest MOST_READ mails of each sort are looked into.
    """
    latest: dict[tuple[str, str], QuarantinedMail] = {}
    with context.store.reading():
        for authenticated in (True, False):
            for mail in quarantined.latest("newcomer", MOST_READ, authenticated=authenticated):
                latest.setdefault((mail.office, mail.author), mail)
    return [_newcomer_line(mail, context) for mail in islice(latest.values(), most)]


def _newcomer_line(mail: QuarantinedMail, context: DeskContext) -> NewcomerLine:
    with context.store.reading():
        raw = received.small_content(context.store, mail.number, LARGEST_READ)
        name = read_head(raw).author.display_name if raw else ""
        evidence = inbox.evidence_of(mail.number) or Evidence()
    day = short_day(mail.received_at)
    may = may_register(evidence, mail.author, context)
    return NewcomerLine(mail.number, day, mail.office, name, mail.author, one_line(mail.subject), may)


def may_register(evidence: Evidence, author: str, context: DeskContext) -> bool:
    """Whether the author of a mail can be registered by a line of a reply: not when anybody may have written it."""
    return is_vouched(standing_of(evidence, author, proof_required=context.settings.proof_required))


def is_vouched(standing: Standing) -> bool:
    """Whether at least a provider says that the mail is from its author's domain."""
    return standing in (Standing.PROVEN, Standing.VOUCHED)


def failed(now: datetime, context: DeskContext) -> list[FailedLine]:
    """The notices of the last days that were not delivered."""
    with context.store.reading():
        found = retries.failed(now - FAILED_FOR, MOST_LINES)
    return [_failed_line(one) for one in found]


def _failed_line(one: FailedNotice) -> FailedLine:
    """The answer of a server is shown beside its meaning; what the desk itself has noted is said in words alone."""
    held = one.reply == HELD_BY_RESTORE
    why, reply = (Undelivered.HELD_BACK, "") if held else (undelivered(one.reply), one_line(one.reply))
    return FailedLine(one.number, short_day(one.decided_at), one.recipient, one_line(one.subject), reply, why)
