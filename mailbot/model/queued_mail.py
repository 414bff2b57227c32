"""Values of the mail queues: received mail in the inbox, notices in the outbox, and rows of the mail log."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailbot.model.evidence import Evidence
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role


class Disposition(StrEnum):
    """The result of processing a received mail; a reason code gives the details."""

    REFUSED = "refused"  # rejected in the SMTP session; only a log row is stored
    CARRIED_OUT = "carried_out"  # an application was changed
    ANSWERED = "answered"  # error, help, status: nothing else changed
    PASSED_ON = "passed_on"  # a person behind the desk answers it
    CHALLENGED = "challenged"  # waits until the registered address confirms it
    QUARANTINED = "quarantined"  # stored for an operator, without an effect
    WAITING = "waiting"  # not carried out before a later time: a limit; it stays in the inbox until then
    RECORDED = "recorded"  # a bounce or other report about a notice, or a duplicate
    RELEASED = "released"  # in the log only: an operator put a quarantined mail back into the inbox
    DISCARDED = "discarded"  # an operator discarded a quarantined mail; final


RELEASABLE = frozenset({Disposition.QUARANTINED})  # what an operator may release or discard


@dataclass(frozen=True)
class Envelope:
    """The envelope of a mail (RFC 5321 §2.3.1).  Addresses without angle brackets; `smtputf8`: RFC 6531."""

    sender: str  # reverse-path; "" is the null reverse-path
    recipients: tuple[str, ...]  # forward-paths
    smtputf8: bool = False


@dataclass(frozen=True)
class Arrival:
    """A received mail that is to be stored in the inbox.  `source`: "smtp" or "imap"."""

    envelope: Envelope
    raw: bytes
    evidence: Evidence
    received_at: datetime
    source: str = "smtp"


@dataclass(frozen=True)
class InboxItem:
    """A mail in the inbox.  `attempts`: how often its processing was started."""

    id: int
    envelope: Envelope
    raw: bytes
    evidence: Evidence
    received_at: datetime
    attempts: int = 0
    source: str = "smtp"
    account: str = ""  # to whom its CPU time is charged
    over_budget_until: datetime | None = None  # when the account is within its budget again, None when it is now


@dataclass(frozen=True)
class OutgoingMail:
    """A composed notice for one recipient, as stored in the outbox."""

    message_id: str  # with angle brackets
    kind: NoticeKind
    role: Role
    recipient: str
    envelope_sender: str
    raw: bytes
    subject: str
    text: str  # the text part, for recognising quotes of it in replies
    application_id: int | None = None
    caused_by: int | None = None  # id of the inbox row that it answers


class OutboxState(StrEnum):
    """The delivery state of a notice."""

    UNWRITTEN = "unwritten"  # decided, its words are not written yet
    WAITING = "waiting"
    SENDING = "sending"  # claimed by a process; the attempt has no recorded end yet
    SENT = "sent"
    FAILED = "failed"  # permanently rejected, or given up after the last retry
    STOPPED = "stopped"  # by an operator: it is not delivered unless an operator retries it by its number


@dataclass(frozen=True)
class SentNotice:
    """A notice about an application, to somebody of its office: when, to whom, what, and how far it is."""

    at: datetime
    kind: NoticeKind
    role: Role
    recipient: str
    subject: str  # "" until it is written
    state: OutboxState


@dataclass(frozen=True)
class OutboxItem:
    """A notice in the outbox."""

    id: int
    mail: OutgoingMail
    state: OutboxState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None


@dataclass(frozen=True)
class DeliveryResult:
    """The result of one delivery attempt.  `code`: SMTP reply code, None without a reply (no connection, directory)."""

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
    detail: str = ""  # evidence and assumptions as text
    office: str = ""
    receipt: str = ""
    inbox_id: int | None = None
    outbox_id: int | None = None
    text: str = ""  # the decoded text part, secrets masked
