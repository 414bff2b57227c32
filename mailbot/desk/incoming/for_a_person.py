"""What no rule of the desk covers: recorded when it is a mere courtesy, else for a person behind the desk."""

from dataclasses import replace

from mailbot.desk.incoming.form import COMMON_NAMES
from mailbot.desk.incoming.look_up import Known
from mailbot.desk.incoming.reading import MailReading
from mailbot.desk.incoming.request import Intent, Request, Sender
from mailbot.forms.inquiry_words import is_concern, is_courtesy
from mailbot.forms.keyword_lines import NoKeyword
from mailbot.model.lifecycle import State
from mailbot.model.notice import NoticeKind
from mailbot.model.receipt import ReceiptNumber

# A courtesy in reply to these might be meant as the decision that they ask for: it is answered.
_ASKS_FOR_DECISION = frozenset({NoticeKind.REVIEW_REQUEST, NoticeKind.REMINDER, NoticeKind.DIGEST, None})


def for_a_person(request: Request, known: Known) -> Request:
    """A mail of an applicant without form, command or keyword.  Who is not registered is not passed on to anybody."""
    words = f"{request.own.text}\n{request.own.answered_inside}".strip()
    if is_concern(words) and (request.sender.registrations or _names_application(request)):
        return replace(request, intent=Intent.CONCERN)
    if not request.sender.registrations:
        return request
    asked = request.application is not None and request.application.state is State.NEEDS_CONFIRMATION
    if is_courtesy(words, _names(request.sender), answers_question=asked):
        return replace(request, intent=Intent.RECORD, reason="courtesy")
    if words and known.answered_kind is NoticeKind.SECURITY:
        return replace(request, intent=Intent.CONCERN)
    if words or request.message.attachments:
        return replace(request, intent=Intent.PASS_ON)
    return request  # nothing was written: it is asked what is meant


def names_people_alone(request: Request, reading: MailReading) -> bool:
    """Whether a registered person's mail has labels of people alone, and of no procedure: it applies for nothing.

    «新しい管理責任者：…, 電話番号：…», say.
    """
    if not request.sender.registrations or request.application is not None or reading.has_tables:
        return False
    forms = request.forms
    return all(one.procedure is None and not one.named and one.reading.given <= COMMON_NAMES for one in forms)


def intent_of_reader(request: Request) -> Intent:
    """A reply to an inquiry: a keyword decides on its application, anything else is the answer."""
    decision = request.decision
    has_keyword = decision is not None and decision.kind is not NoKeyword.NONE
    return Intent.DECIDE if has_keyword and request.application is not None else Intent.REPLY


def is_mere_courtesy(request: Request, known: Known) -> bool:
    """Whether a reviewer's mail is a thank-you for something that asks for no decision."""
    decision = request.decision
    if decision is None or decision.kind is not NoKeyword.NONE or known.answered_kind in _ASKS_FOR_DECISION:
        return False
    return is_courtesy(request.own.text, _names(request.sender))


def _names_application(request: Request) -> bool:
    """Whether somebody who is not registered writes about an application, and not to everybody in the world."""
    found = ReceiptNumber.find(request.message.subject) or ReceiptNumber.find(request.own.text)
    return request.grant is not None or found is not None


def _names(sender: Sender) -> tuple[str, ...]:
    """What a line that says who writes consists of."""
    places = [(r.contact.name, r.contact.department, r.office.company, r.office.name) for r in sender.registrations]
    reviewer = (sender.reviewer.name,) if sender.reviewer is not None else ()
    return (sender.name, *reviewer, *(name for place in places for name in place))
