"""One mail, understood: who writes, about which application, and what the mail asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mailbot.desk.incoming.form import NO_FORM, RequestForm
from mailbot.forms.command import Command
from mailbot.forms.daily_list_lines import ListLine
from mailbot.forms.decision import Decision
from mailbot.mail.message import Message
from mailbot.mail.quoting import OwnWords
from mailbot.model.application import Application
from mailbot.model.contract import Office
from mailbot.model.daily_list import Newcomer
from mailbot.model.people import Reviewer, Role
from mailbot.model.procedure import Finding
from mailbot.model.queued_mail import InboxItem
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.register import Registration
from mailbot.model.reply_token import ForApplication, ForDigest, ForInquiry, Grant
from mailbot.model.standing import Standing, standing_of
from mailbot.text import nfkc

_FORWARDED = re.compile(r"\W*(?:(?:re|aw|sv|返信)\s*:\s*)*(?:fwd?|wg|tr|転送)\s*:", re.I)


class Intent(StrEnum):
    """What a mail asks for."""

    QUARANTINE = "quarantine"  # nothing that a person asks: quarantined for an operator
    RECORD = "record"  # a bounce of one of our notices, or a duplicate
    APPLY = "apply"
    SAVE = "save"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    ABSENCE = "absence"  # a reviewer's 不在通知
    ARCHIVE_PASSWORD = "archive_password"  # the password of an encrypted file, in a mail of its own  # noqa: S105
    DECIDE = "decide"  # a reviewer's reply
    LOOK_UP = "look_up"  # status, contract, news, papers
    CONFIRM = "confirm"  # the reply to a challenge
    ENQUIRE = "enquire"  # help, a form; nothing at all; words of somebody who is not registered
    PASS_ON = "pass_on"  # words that a person has to answer  # noqa: S105
    CONCERN = "concern"  # words that a person has to answer at once
    REPLY = "reply"  # such a person's answer
    OPERATE = "operate"  # the reply to a daily list


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
        """The sender's registration for the office `office_code`, or None."""
        return next((r for r in self.registrations if r.office.code == office_code), None)

    @property
    def role(self) -> Role:
        if self.registrations:
            return self.registrations[0].role
        return Role.REVIEWER if self.reviewer else Role.NOBODY


@dataclass(frozen=True)
class Request:
    """What `classify` made of a mail.  `reason` is a short code for the log where classifying itself decided."""

    item: InboxItem
    message: Message
    intent: Intent
    sender: Sender
    own: OwnWords
    reason: str = ""
    detail: str = ""
    command: Command | None = None
    decision: Decision | None = None
    grant: Grant | None = None  # of the reply address that the mail was sent to, whoever its author is
    application: Application | None = None
    office: Office | None = None  # that a form names, of a sender who is not registered
    written_for: Office | None = None  # that such a mail names anywhere: it proves nothing
    forms: tuple[RequestForm, ...] = ()  # read once; more than one when the mail asks for several procedures
    attached_problems: tuple[Finding, ...] = ()  # why attached tables could not be read
    list_lines: tuple[ListLine, ...] = ()  # of a reply to the daily list
    newcomers: Mapping[int, Newcomer] = field(default_factory=dict)  # whom it registers: number of the mail → author
    bounced_notice: int | None = None  # the outbox item that a bounce is about
    bounce_is_permanent: bool = False  # the bounce reports a permanent failure
    answers_notice: bool = False  # automatic, and answers a notice that was sent to this very person
    dedupe_key: str = ""
    withheld: bool = False  # the text must not be stored
    notes: tuple[str, ...] = ()  # assumptions made while reading, for the log

    @property
    def form(self) -> RequestForm:
        """The mail's form; of several the first, of none an empty one."""
        return self.forms[0] if self.forms else NO_FORM

    @property
    def revision(self) -> int | None:
        """The revision that the author was shown, where the token was issued for one."""
        scope = self.grant.scope if self.grant is not None else None
        return scope.revision if isinstance(scope, ForApplication | ForInquiry) else None

    @property
    def has_token(self) -> bool:
        """Whether the token was issued to the very person who writes."""
        return self.grant is not None and self.grant.email == self.sender.address

    @property
    def has_live_token(self) -> bool:
        """Whether that token still proved its owner when the mail arrived."""
        return self.has_token and self.grant is not None and self.grant.proves_at(self.item.received_at)

    def standing(self, *, proof_required: bool) -> Standing:
        """How far the evidence proves the author."""
        replies = self.has_live_token and self._names_its_scope()
        return standing_of(self.item.evidence, self.sender.address, proof_required=proof_required, replies=replies)

    def _names_its_scope(self) -> bool:
        """Whether the Subject names the application that the reply address is for, and the mail is not forwarded.

        The lines of a reply to a digest name their applications themselves.
        """
        scope = self.grant.scope if self.grant is not None else None
        if isinstance(scope, ForDigest):
            return True
        if self.application is None or not isinstance(scope, ForApplication | ForInquiry):
            return False
        subject = nfkc(self.message.subject)
        return self.application.receipt in ReceiptNumber.find_all(subject) and not _FORWARDED.match(subject)
