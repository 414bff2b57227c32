"""`Evidence`: what the SMTP session, SPF, DKIM and DMARC say about the sender of a mail.

What the sender may do on that evidence is decided in `desk/incoming/authorization.py`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """The result of one authentication method, in the words of RFC 8601 §2.7."""

    NONE = "none"  # not checked, or nothing to check
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True)
class SignatureKey:
    """What identifies a DKIM signature, so that it acts once (T-23)."""

    domain: str  # d=
    digest: str  # SHA-256 of the octets in b=, hexadecimal
    expires_at: int | None = None  # x=, seconds since 1970


@dataclass(frozen=True)
class Evidence:
    """Authentication data of one received mail, stored with it and shown to reviewers.

    `aligned` is NONE until DMARC is evaluated.
    """

    peer: str = ""  # IP address of the SMTP client, "" for mail from a mailbox (IMAP)
    helo: str = ""  # argument of HELO or EHLO (RFC 5321 §4.1.1.1)
    tls: bool = False  # whether the session was encrypted (STARTTLS)
    aligned: Result = Result.NONE  # DMARC result with DKIM alone: PASS needs an aligned signature
    details: tuple[str, ...] = ()  # texts for the log
    spf: Result = Result.NONE
    dmarc: Result = Result.NONE  # DMARC result with DKIM or SPF; SPF alone identifies a hosting provider, not a person
    policy: str = ""  # policy of the DMARC record to apply: none | quarantine | reject; "" without a record
    signed_by: tuple[str, ...] = ()  # d= of the valid aligned DKIM signatures that cover the whole mail
    signatures: tuple[SignatureKey, ...] = ()  # the aligned DKIM signatures, valid or not
    # An aligned signature, of the last day, covers all but To and Cc: its author wrote the mail, perhaps to others.
    author_signed: bool = False
    confirmed: bool = False  # the registered address has confirmed this mail in reply to a challenge
