"""Log-ins of the desk's own people to its pages: reviewers, operators, and those who only read."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

IDLE = timedelta(minutes=30)  # a session without a request for this long has expired
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128  # characters


class DeskRole(StrEnum):
    """What somebody may do on the desk's pages; everybody with a log-in may read."""

    READER = "reader"
    REVIEWER = "reviewer"  # decides on applications, as the reviewer of the register with this address
    OPERATOR = "operator"  # releases, discards and retries mail; sees the audit log, log-ins and sessions


EVERYBODY = frozenset(DeskRole)
OPERATORS = frozenset({DeskRole.OPERATOR})
REVIEWERS = frozenset({DeskRole.REVIEWER})


@dataclass(frozen=True)
class DeskLogin:
    """One log-in.  The password hash and the key of the second factor are in no `repr`."""

    id: int
    email: str  # folded; of a reviewer the address in the register
    name: str
    roles: frozenset[DeskRole]
    created_at: datetime
    password_hash: str = field(repr=False, default="")  # argon2id
    totp_key: bytes = field(repr=False, default=b"")  # of RFC 6238, 160 bits; b"" when it cannot be decrypted
    totp_step: int = 0  # the time step of the last code that was accepted: a code counts once

    def may(self, roles: frozenset[DeskRole]) -> bool:
        """Whether one of `roles` is this log-in's."""
        return bool(self.roles & roles)


@dataclass(frozen=True)
class DeskSession:
    """A session of a log-in.  `number`: of the session, for listing and ending it; it is no secret."""

    number: int
    login_id: int
    csrf: str = field(repr=False)  # token in every HTML form of the session
    began_at: datetime
    used_at: datetime
    client: str  # IPv4 address, or IPv6 /64, of the log-in
