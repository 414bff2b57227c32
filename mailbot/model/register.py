"""The register: offices and reviewers, as read by `mailbot register import` and written by `export`."""

from dataclasses import dataclass

from mailbot.model.contract import Office
from mailbot.model.people import ApplicantContact, Reviewer, Role


@dataclass(frozen=True)
class Register:
    """All offices and reviewers."""

    offices: tuple[Office, ...] = ()
    reviewers: tuple[Reviewer, ...] = ()


@dataclass(frozen=True)
class Registration:
    """One entry of the register with a given address: the office, and the role of the address in it."""

    office: Office
    role: Role  # CONTACT or ADMINISTRATOR
    contact: ApplicantContact
