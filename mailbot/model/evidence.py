"""What is known about who sent a mail: facts, not judgement (the judgement is `desk/trust.py`)."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """One check's result, in the words of RFC 8601 §2.7."""

    NONE = "none"  # not checked, or nothing to check
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True)
class Evidence:
    """Facts about one arriving mail, kept with it and shown to reviewers.

    `aligned` is set once DMARC is evaluated; until then it is NONE and nothing may count it as proof.
    """

    peer: str = ""  # address of the SMTP client
    helo: str = ""
    tls: bool = False
    aligned: Result = Result.NONE  # DMARC pass by aligned DKIM
    details: tuple[str, ...] = ()  # in words, for the log
    spf: Result = Result.NONE
    dmarc: Result = Result.NONE  # by whatever it passed: SPF alone proves a hosting provider, no person
    policy: str = ""  # what the domain's DMARC record asks for: none | quarantine | reject; "" without a record
    signed_by: tuple[str, ...] = ()  # domains whose DKIM signatures are genuine and cover the mail
    confirmed: bool = False  # the registered address has answered a challenge about this very mail
