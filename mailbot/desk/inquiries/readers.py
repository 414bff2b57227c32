"""The people behind the desk: who reads and answers an inquiry."""

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.model.application import Application
from mailbot.model.inquiry import Audience, Inquiry
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import Addressee
from mailbot.model.people import Reviewer, Role
from mailbot.records.applications import application_store, grants
from mailbot.records.register import absences, offices
from mailbot.text import fold_address


def readers_of(inquiry: Inquiry, context: DeskContext) -> tuple[Addressee, ...]:
    """Everybody whom the inquiry is passed on to; the people of `desk.inquiries` when no reviewer is there."""
    about = application_store.get(inquiry.application_id) if inquiry.application_id is not None else None
    match inquiry.audience:
        case Audience.REVIEWERS:
            return _reviewers(about, context) or people_of_the_desk(context)
        case Audience.DESK:
            return people_of_the_desk(context)
        case Audience.EVERYBODY:
            everybody = (*recipients.operators(context), *people_of_the_desk(context))
            reviewers = _of_category(about, context) if about is not None else _all_reviewers(context)
            return recipients.one_copy_each([*reviewers, *everybody])


def people_of_the_desk(context: DeskContext) -> tuple[Addressee, ...]:
    """Those of `desk.inquiries`; the operators when it is empty."""
    named = context.settings.inquiries
    people = tuple(Addressee(Role.OPERATOR, address, language=context.settings.language) for address in named)
    return people or recipients.operators(context)


def everybody(context: DeskContext) -> tuple[Addressee, ...]:
    """Whom an inquiry can be passed on to, in the caller's `Store.reading`: reviewers, operators, `desk.inquiries`."""
    people = (*people_of_the_desk(context), *recipients.operators(context))
    return recipients.one_copy_each([*_all_reviewers(context), *people])


def have_it(inquiry: Inquiry, context: DeskContext) -> tuple[Addressee, ...]:
    """Who answers it, or was sent it since, in the caller's `Store.reading`."""
    sent = {fold_address(one) for one in grants.readers_of_inquiry(inquiry.mail_id)}
    others = [to for to in everybody(context) if fold_address(to.email) in sent]
    return recipients.one_copy_each([*readers_of(inquiry, context), *others])


def is_asked(reviewer: Reviewer, inquiry: Inquiry, context: DeskContext) -> bool:
    """Whether a reviewer is to answer it, or was sent it since, in the caller's `Store.reading`."""
    key = fold_address(reviewer.email)
    return any(fold_address(to.email) == key for to in have_it(inquiry, context))


def _reviewers(about: Application | None, context: DeskContext) -> tuple[Addressee, ...]:
    """The reviewer who asked or took it, unless away; else all of its category."""
    if about is None:
        return ()
    of_category = _of_category(about, context)
    in_charge = fold_address(_in_charge(about))
    there = [to for to in of_category if fold_address(to.email) == in_charge]
    return tuple(there) if there and in_charge not in absences.absent() else of_category


def _in_charge(application: Application) -> str:
    """The address of the reviewer who has asked last, or has taken the review; "" when nobody has."""
    asked = [step.actor.email for step in application.steps if step.event is Event.ASK]
    if application.state is State.NEEDS_CONFIRMATION and asked:
        return asked[-1]
    return application.taken_by


def _of_category(application: Application, context: DeskContext) -> tuple[Addressee, ...]:
    return recipients.reviewers_of(context.procedure_of(application.procedure).category, context)


def _all_reviewers(context: DeskContext) -> tuple[Addressee, ...]:
    language = context.settings.language
    return tuple(recipients.reviewer_addressee(one, language) for one in offices.all_reviewers())
