"""Mail at rest: what has arrived, what is to go out, and what became of each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailbot.model.evidence import Evidence
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role


class Disposition(StrEnum):
    """What happened to an incoming mail: exactly one of these, with a reason code beside it."""

    REFUSED = "refused"  # in the SMTP dialogue; nothing is kept but a log row
    CARRIED_OUT = "carried_out"
    ANSWERED = "answered"  # error, help, status: nothing else changed
    CHALLENGED = "challenged"
    QUARANTINED = "quarantined"  # kept for an operator
    RECORDED = "recorded"  # a bounce or report of one of our notices, or a duplicate


@dataclass(frozen=True)
class Envelope:
    """RFC 5321: who the transport says it is from, and to whom it is."""

    sender: str  # "" is the null reverse-path
    recipients: tuple[str, ...]
    smtputf8: bool = False


@dataclass(frozen=True)
class Arrival:
    """A mail at the door, about to be kept."""

    envelope: Envelope
    raw: bytes
    evidence: Evidence
    received_at: datetime
    source: str = "smtp"


@dataclass(frozen=True)
class InboxItem:
    """A mail that is kept and waits for the desk."""

    id: int
    envelope: Envelope
    raw: bytes
    evidence: Evidence
    received_at: datetime
    attempts: int = 0
    source: str = "smtp"


@dataclass(frozen=True)
class OutgoingMail:
    """A notice that is written and composed, about to be put into the outbox: one copy for one person."""

    message_id: str  # with angle brackets
    kind: NoticeKind
    role: Role
    recipient: str
    envelope_sender: str
    raw: bytes
    subject: str
    text: str  # the text part, for taking quotes of it out of replies
    application_id: int | None = None
    caused_by: int | None = None  # the inbox item that made us write


class OutboxState(StrEnum):
    """Where an outgoing mail stands."""

    UNWRITTEN = "unwritten"  # decided, its words are not written yet
    WAITING = "waiting"
    SENDING = "sending"  # claimed: an attempt is recorded, its end is not known yet
    SENT = "sent"
    FAILED = "failed"  # refused for good, or given up after the last retry


@dataclass(frozen=True)
class OutboxItem:
    """An outgoing mail as it stands."""

    id: int
    mail: OutgoingMail
    state: OutboxState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None


@dataclass(frozen=True)
class DeliveryResult:
    """The end of one attempt.  `code` is the SMTP reply code, None when there was no reply (connection, directory)."""

    accepted: bool
    permanent: bool = False
    code: int | None = None
    reply: str = ""


@dataclass(frozen=True)
class LogRow:
    """One row of the mail log."""

    id: int
    at: datetime
    direction: str  # "in" | "out"
    sender: str
    recipient: str
    subject: str
    message_id: str
    disposition: str  # a Disposition for "in"; "queued" for "out"
    reason: str  # short code, `sender-not-registered`
    detail: str = ""  # evidence and assumptions in words
    office: str = ""
    receipt: str = ""
    inbox_id: int | None = None
    outbox_id: int | None = None
    text: str = ""  # the text as decoded, secrets never
