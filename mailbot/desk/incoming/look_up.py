"""What the records say about a mail before its words are read: short reads only."""

from dataclasses import dataclass

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Sender
from mailbot.forms.command import LONGEST_COMMAND_LINE, is_command, receipt_alone, receipt_beside_command
from mailbot.mail import tagged_addresses
from mailbot.mail.message import Message
from mailbot.model.application import Application
from mailbot.model.daily_list import ListItem
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import InboxItem, OutgoingMail
from mailbot.model.receipt import ReceiptEnd, ReceiptNumber
from mailbot.model.reply_token import ForApplication, ForChallenge, ForDailyList, ForInquiry, Grant, find_tokens
from mailbot.records.applications import application_queries, application_store, grants
from mailbot.records.queues import outbox
from mailbot.records.register import offices
from mailbot.text import fold_address


@dataclass(frozen=True)
class Known:
    """Who writes, with which token, about which application, and which of our notices the mail may quote."""

    sender: Sender
    grant: Grant | None = None  # of the reply address that the mail was sent to, whoever its author is
    application: Application | None = None
    named: Application | None = None  # that a command of the mail names by its number
    sent: tuple[str, ...] = ()  # texts of the latest notices to the sender, newest first
    answered: str = ""  # the text of the one that is replied to, where the threading tells
    answered_kind: NoticeKind | None = None  # its kind and role, if its recipient writes: hints, no authority
    answered_role: Role | None = None
    colleagues: tuple[str, ...] = ()  # names of the other reviewers, or of the others of the sender's offices
    listed: tuple[ListItem, ...] = ()  # the items of the daily list that is answered

    @property
    def answers_challenge(self) -> int | None:
        """The number of the mail that the challenge is about, when the mail carries a challenge's token."""
        scope = self.grant.scope if self.grant is not None else None
        return scope.mail_id if isinstance(scope, ForChallenge) else None

    @property
    def answers_inquiry(self) -> ForInquiry | None:
        """The inquiry that the mail answers, when it carries the token of one."""
        scope = self.grant.scope if self.grant is not None else None
        return scope if isinstance(scope, ForInquiry) else None

    @property
    def answers_daily_list(self) -> bool:
        """Whether the mail carries the token of a daily list."""
        return self.grant is not None and isinstance(self.grant.scope, ForDailyList)

    @property
    def has_own_token(self) -> bool:
        """Whether the token was issued to the very person who writes."""
        return self.grant is not None and self.grant.email == self.sender.address

    @property
    def writes_as_reviewer(self) -> bool:
        """By the token if there is one, else by the notice that is replied to.

        Without either, a reviewer who is not also an applicant of some office.
        """
        if self.grant is not None:
            return self.grant.role is Role.REVIEWER
        if self.sender.reviewer is None or not self.sender.registrations:
            return self.sender.reviewer is not None
        return self.answered_role is Role.REVIEWER


def is_known_still(known: Known, item: InboxItem, message: Message, context: DeskContext) -> bool:
    """Whether what was known about `message` is so still, in the caller's transaction.

    The notices that it may quote were sent before it was received, and do not change.
    """
    return look_up(item, message, context, known.sent) == known


def look_up(item: InboxItem, message: Message, context: DeskContext, sent: tuple[str, ...]) -> Known:
    """What is known about `message`, in the caller's reading or transaction; `sent`: see `sent_to`."""
    return known_about(message, sender_of(message), grant_of(item, message, context), sent)


def sent_to(sender: Sender, item: InboxItem) -> tuple[str, ...]:
    """The texts of the latest notices to the sender that a mail may quote, newest first."""
    return tuple(outbox.texts_sent_to(sender.address, item.received_at))


def known_about(message: Message, sender: Sender, grant: Grant | None, sent: tuple[str, ...]) -> Known:
    """What is known about a mail from `sender` with `grant`, in the caller's reading or transaction."""
    application = None
    if grant is not None and isinstance(grant.scope, ForApplication | ForInquiry) and grant.scope.application_id:
        application = application_store.get(grant.scope.application_id)
    answered, named = _answered(message, sender), _named(message, sender)
    is_own = answered is not None and fold_address(answered.recipient) == sender.address
    return Known(
        sender,
        grant,
        application or _by_thread(answered, sender) or _by_receipt(message, sender) or named,
        named,
        sent,
        answered.text if answered is not None and is_own else "",
        answered.kind if answered is not None and is_own else None,
        answered.role if answered is not None and is_own else None,
        _colleagues(sender),
        grants.list_items(grant.token_id) if grant is not None and isinstance(grant.scope, ForDailyList) else (),
    )


def sender_of(message: Message) -> Sender:
    """The author as the register knows them now; an empty one when the mail names no usable author."""
    address = fold_address(message.author.address)
    if not address:
        return Sender("")
    return sender_at(offices.registered_address(address), message.author.display_name)


def _colleagues(sender: Sender) -> tuple[str, ...]:
    people = [(one.name, one.email) for one in offices.all_reviewers()] if sender.reviewer is not None else []
    for registration in sender.registrations:
        office = registration.office
        people += [(person.name, person.email) for person in office.contacts]
        people.append((office.administrator.name, office.administrator.email))
    return tuple(dict.fromkeys(name for name, email in people if name and fold_address(email) != sender.address))


def _answered(message: Message, sender: Sender) -> OutgoingMail | None:
    """The notice that is replied to, by its Message-ID, which anybody may have seen; one to the author is preferred."""
    first: OutgoingMail | None = None
    for message_id in dict.fromkeys((*message.in_reply_to, *reversed(message.references))):
        item = outbox.by_message_id(message_id)
        if item is not None and fold_address(item.mail.recipient) == sender.address:
            return item.mail
        first = first or (item.mail if item is not None else None)
    return first


def sender_at(address: str, name: str = "") -> Sender:
    """Whoever has an address (folded), as the register knows them now."""
    return Sender(address, name, tuple(offices.registrations(address)), offices.reviewer(address))


def grant_of(item: InboxItem, message: Message, context: DeskContext) -> Grant | None:
    """The grant of the first genuine token in the addresses that the mail was sent to, and nowhere else (T-44).

    Mail out of a mailbox has no envelope: what its delivery has noted may lack the tag, so its To and Cc count too.
    """
    addresses = item.envelope.recipients if item.source == "smtp" else (*item.envelope.recipients, *message.to)
    for tag in tagged_addresses.tags_in(addresses, context.settings.address):
        for token in find_tokens(tag):
            if token.has_valid_mac(*context.token_keys) and (grant := grants.find(token)) is not None:
                return grant
    return None


def _by_thread(answered: OutgoingMail | None, sender: Sender) -> Application | None:
    """The application of the notice that is replied to, for a reviewer or its own office: a hint, no authority."""
    if answered is None or answered.application_id is None:
        return None
    application = application_store.get(answered.application_id)
    if application is None:
        return None
    return application if sender.reviewer or sender.registration_at(application.office) else None


def _by_receipt(message: Message, sender: Sender) -> Application | None:
    """An application named in the subject, if it is one of the sender's own office: a hint, no authority."""
    receipt = ReceiptNumber.find(message.subject) or _receipt_on_top(message.text)
    application = application_store.by_receipt(receipt) if receipt is not None else None
    if application is None or sender.registration_at(application.office) is None:
        return None
    return application


def _receipt_on_top(text: str) -> ReceiptNumber | None:
    """A number among the first lines of the text, beside a command or alone; what is quoted does not count."""
    return next((found for line in _on_top(text) if (found := ReceiptNumber.find(line)) is not None), None)


def _on_top(text: str) -> list[str]:
    """The short ones of the first lines, without quoted ones."""
    lines = [line for line in text.split("\n") if line.strip()][:5]
    return [line for line in lines if len(line) <= LONGEST_COMMAND_LINE and not line.lstrip().startswith((">", "＞"))]


def _named(message: Message, sender: Sender) -> Application | None:
    """The application whose number, or the end of it (`7896`), stands beside a command or on a line below one.

    It is one of the sender's offices, and the only one that can be meant; of several none is taken.
    """
    lines = [*_on_top(message.text), message.subject]
    found = [one for line in lines if (one := receipt_beside_command(line)) is not None]
    if not found and any(map(is_command, lines)):
        found = [one for line in lines if (one := receipt_alone(line)) is not None]
    codes = [registration.office.code for registration in sender.registrations]
    applications = {a.id: a for one in found for a in _with_receipt(one, codes)}
    return next(iter(applications.values())) if len(applications) == 1 else None


def _with_receipt(one: ReceiptNumber | ReceiptEnd, codes: list[str]) -> list[Application]:
    if isinstance(one, ReceiptEnd):
        return application_queries.with_receipt_end(one, codes)
    application = application_store.by_receipt(one)
    return [application] if application is not None and application.office in codes else []
