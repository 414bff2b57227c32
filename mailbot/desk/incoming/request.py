"""One mail, understood: who writes, about which application, and what the mail asks for."""

from dataclasses import dataclass, field
from enum import StrEnum

from mailbot.forms.keywords import Command, Decision
from mailbot.forms.quoted import form_in
from mailbot.mail.message import Message
from mailbot.mail.quoting import OwnWords
from mailbot.model.application import Application
from mailbot.model.contract import Office
from mailbot.model.people import Reviewer, Role
from mailbot.model.procedure import Finding
from mailbot.model.queued_mail import InboxItem
from mailbot.model.register import Registration
from mailbot.model.reply_token import Grant


class Intent(StrEnum):
    """What a mail asks for."""

    SET_ASIDE = "set_aside"  # nothing a person asked: kept for an operator
    RECORD = "record"  # a bounce of one of our notices, or a mail that was here before
    APPLY = "apply"
    SAVE = "save"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    ABSENCE = "absence"  # a reviewer's 不在通知
    ARCHIVE_PASSWORD = "archive_password"  # the password of an encrypted file, in a mail of its own  # noqa: S105
    DECIDE = "decide"  # a reviewer's reply
    LOOK_UP = "look_up"  # status, contract, news, papers
    CONFIRM = "confirm"  # the reply to a challenge
    ENQUIRE = "enquire"  # help, form, or something nobody understands


@dataclass(frozen=True)
class Sender:
    """The author of a mail as the register knows it."""

    address: str
    name: str = ""
    registrations: tuple[Registration, ...] = ()
    reviewer: Reviewer | None = None

    @property
    def is_registered(self) -> bool:
        return bool(self.registrations) or self.reviewer is not None

    def registration_at(self, office_code: str) -> Registration | None:
        """The sender's place in the office `office_code`, or None."""
        return next((r for r in self.registrations if r.office.code == office_code), None)

    @property
    def role(self) -> Role:
        if self.registrations:
            return self.registrations[0].role
        return Role.REVIEWER if self.reviewer else Role.NOBODY


@dataclass(frozen=True)
class Request:
    """What `sorting` made of a mail.  `reason` is a short code for the log where the sorting itself decided."""

    item: InboxItem
    message: Message
    intent: Intent
    sender: Sender
    own: OwnWords
    reason: str = ""
    detail: str = ""
    command: Command | None = None
    decision: Decision | None = None
    grant: Grant | None = None  # of the token the mail carries, whoever carries it
    application: Application | None = None
    office: Office | None = None  # that a form names, of a sender who is not registered
    bounced: int | None = None  # the outbox item a bounce is about
    dedupe_key: str = ""
    attached: tuple[str, ...] = ()  # attached tables, as the lines of a form
    attached_problems: tuple[Finding, ...] = ()  # … and why others could not be read
    withheld: bool = False  # the text must be kept nowhere
    notes: tuple[str, ...] = field(default_factory=tuple)  # assumptions made while reading, for the log

    @property
    def form_text(self) -> str:
        """The words in which a form is looked for: the person's own, attached tables, what was changed inside a quote.

        Without an application to correct, a quoted form that was filled in counts as a whole.
        """
        own = "\n".join((self.command.rest if self.command else self.own.text, *self.attached))
        if self.own.inline and self.application is None:
            return f"{own}\n\n{form_in(self.own.quoted)}"
        return "\n".join((own, *self.own.inline))

    @property
    def has_token(self) -> bool:
        """Whether the token was issued to the very person who writes."""
        return self.grant is not None and self.grant.email == self.sender.address

    @property
    def has_live_token(self) -> bool:
        """Whether that token can still be used; it was handed in when the mail arrived."""
        return self.has_token and self.grant is not None and self.grant.is_live(self.item.received_at)
