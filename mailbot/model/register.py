"""The register: everything `mailbot register import` reads and `export` writes."""

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
    """One place in the register that an address has: in which office, in what part."""

    office: Office
    role: Role  # CONTACT or ADMINISTRATOR
    contact: ApplicantContact
