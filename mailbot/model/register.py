"""The register: offices and reviewers, as read by `mailbot register import` and written by `export`."""

from dataclasses import dataclass, field
from datetime import datetime

from mailbot.model.contract import Office
from mailbot.model.people import ApplicantContact, Reviewer, Role


@dataclass(frozen=True)
class Register:
    """All offices and reviewers.

    Of a file: `written_at`, when the desk has written it, None of one that it has not; `new_passwords`: the codes of
    the offices whose password it gives in clear.
    """

    offices: tuple[Office, ...] = ()
    reviewers: tuple[Reviewer, ...] = ()
    written_at: datetime | None = field(default=None, compare=False)
    new_passwords: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class Registration:
    """One entry of the register with a given address: the office, and the role of the address in it."""

    office: Office
    role: Role  # CONTACT or ADMINISTRATOR
    contact: ApplicantContact
