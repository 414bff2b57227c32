"""Reading a mail before its transaction: whatever takes time, and fails with a mail that is malformed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.extents import extent_of
from mailbot.desk.incoming.look_up import Known, grant_of, known_about, sender_of, sent_to
from mailbot.desk.incoming.reading import MailReading, read_mail
from mailbot.mail.message import Message, split_message
from mailbot.model.daily_list import Newcomer
from mailbot.model.queued_mail import InboxItem
from mailbot.records.queues import read_lines


@dataclass(frozen=True)
class Prepared:
    """A mail with everything that is done before its transaction."""

    item: InboxItem  # with its evidence
    message: Message
    known: Known
    reading: MailReading
    lines: bytes = b""  # what each line was taken for, as it is stored; of an unknown person nothing is
    newcomers: Mapping[int, Newcomer] = field(default_factory=dict)  # that a reply to the daily list registers


def prepare(item: InboxItem, context: DeskContext) -> Prepared:
    """Judge the sender, then read the mail as far as that allows.

    Raises Temporary, and any exception that a malformed mail causes.
    """
    settings, mail = context.settings, split_message(item.raw)
    with context.store.reading():
        sender, grant = sender_of(mail.head), grant_of(item, mail.head, context)
    message = mail.read(extent_of(sender, grant, item, proof_required=settings.proof_required))
    with context.store.reading():
        known = known_about(message, sender, grant, sent_to(sender, item))
    reading = read_mail(item, message, known, context.procedures, settings.address)
    is_known = (sender.is_registered or grant is not None) and not reading.archive_password
    lines = read_lines.pack(reading.own.lines_to_show(read_lines.MOST_LINES)) if is_known else b""
    return Prepared(item, message, known, reading, lines)
