"""To whom a notice goes: 申込担当者 and 管理責任者, its reviewers, the operators.  One copy for one address."""

from collections.abc import Iterable

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Sender
from mailbot.model.application import Actor, Application
from mailbot.model.contract import Office
from mailbot.model.notice import Addressee
from mailbot.model.people import ApplicantContact, Category, Language, Reviewer, Role
from mailbot.records.register import offices
from mailbot.text import fold_address

DESK = Actor(Role.OPERATOR, name="mailbot")  # who acts when something falls due


def applicant_side(office: Office, contact: ApplicantContact) -> tuple[Addressee, ...]:
    """申込担当者 and 管理責任者, one copy each; a single copy when the address is the same."""
    both = [
        Addressee(Role.CONTACT, contact.email, contact.name, contact.department, office.language, office.charset),
        administrator_of(office),
    ]
    return one_copy_each(a for a in both if a.email)


def administrator_of(office: Office) -> Addressee:
    """The office's 管理責任者."""
    chief = office.administrator
    return Addressee(Role.ADMINISTRATOR, chief.email, chief.name, "", office.language, office.charset)


def of_application(application: Application, office: Office) -> tuple[Addressee, ...]:
    """Both sides of an application: its present contact and the 管理責任者 of its office."""
    return applicant_side(office, application.revision.contact)


def reviewers_of(category: Category, context: DeskContext) -> tuple[Addressee, ...]:
    """Every reviewer of a category."""
    return tuple(reviewer_addressee(r, context.settings.language) for r in offices.reviewers(category))


def reviewer_addressee(reviewer: Reviewer, language: Language) -> Addressee:
    return Addressee(Role.REVIEWER, reviewer.email, reviewer.name, "", language)


def author_of(sender: Sender, language: Language) -> Addressee:
    """Whoever wrote the mail, for an answer to that person alone, at the registered address."""
    if sender.registrations:
        place = sender.registrations[0]
        name, department = place.contact.name, place.contact.department
        office = place.office
        return Addressee(place.role, place.contact.email, name, department, office.language, office.charset)
    name = sender.reviewer.name if sender.reviewer else sender.name
    return Addressee(sender.role, sender.address, name, "", language)


def operators(context: DeskContext) -> tuple[Addressee, ...]:
    return tuple(Addressee(Role.OPERATOR, a, language=context.settings.language) for a in context.settings.operators)


def actor_of(sender: Sender, role: Role) -> Actor:
    """The sender as the one who did a step."""
    name = sender.name
    if role is Role.REVIEWER and sender.reviewer is not None:
        name = sender.reviewer.name
    elif sender.registrations:
        name = sender.registrations[0].contact.name
    return Actor(role, sender.address, name)


def actor_of_reviewer(reviewer: Reviewer) -> Actor:
    """A reviewer as the one who did a step."""
    return Actor(Role.REVIEWER, reviewer.email, reviewer.name)


def one_copy_each(addressees: Iterable[Addressee]) -> tuple[Addressee, ...]:
    """`addressees` with each address once: mailbox names are compared without case."""
    seen: dict[str, Addressee] = {}
    for one in addressees:
        seen.setdefault(fold_address(one.email).casefold(), one)
    return tuple(seen.values())


def reviewer_of(sender: Sender, context: DeskContext) -> Addressee:
    """The reviewer who wrote.  Raises ValueError when the sender is none."""
    if sender.reviewer is None:
        raise ValueError(f"{sender.address} is not a reviewer")
    return reviewer_addressee(sender.reviewer, context.settings.language)
