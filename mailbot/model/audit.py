"""Rows of the audit log: who looked at what, and who did what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditKind(StrEnum):
    """Whether somebody only looked."""

    LOOK = "look"
    ACT = "act"


@dataclass(frozen=True)
class AuditRow:
    """`who`: the name of an operator's account, an address, or `office CODE`; `subject`: see below, "" for none."""

    id: int
    at: datetime
    who: str
    kind: AuditKind
    what: str
    subject: str


def application_subject(receipt: object) -> str:
    """The subject of a row about an application, by its receipt number."""
    return f"application {receipt}"


def mail_subject(number: str | int) -> str:
    """The subject of a row about a mail or notice, by its number in the log: `12`, `n7`, `r3`."""
    return f"mail {number}"


def login_subject(email: str) -> str:
    """The subject of a row about a log-in of the desk's people."""
    return f"login {email}"
