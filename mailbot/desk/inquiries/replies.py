"""The reply of a person behind the desk to an inquiry: sent on to the one who wrote, who learns no private address."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.clock import tokyo_date, tokyo_midnight
from mailbot.desk.cases.case import case_about
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.look_up import sender_at
from mailbot.desk.incoming.request import Request
from mailbot.desk.inquiries.readers import have_it, people_of_the_desk
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.notice import AboutInquiry, Notice, notices_to
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.replies import answer_to_sender
from mailbot.forms.inquiry_words import is_done
from mailbot.model.application import Actor, Application
from mailbot.model.inquiry import Inquiry, InquiryState
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import Addressee
from mailbot.model.people import Role
from mailbot.model.queued_mail import Disposition
from mailbot.model.reply_token import ForInquiry
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.inquiries import DeskMessage, InquiryDone
from mailbot.records.applications import application_store
from mailbot.records.inquiries import inquiries
from mailbot.records.log import audit
from mailbot.records.register import offices
from mailbot.text import fold_address, fold_word

LONGEST_BESIDE_NAME = 40  # characters of a line at the end of a reply that says who writes
_HIRAGANA = re.compile(r"[\u3041-\u3096]")


def answer(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """The reply's own words to the one who wrote; 済 alone closes the inquiry without an answer."""
    scope = request.grant.scope if request.grant is not None else None
    inquiry = inquiries.get(scope.mail_id) if isinstance(scope, ForInquiry) else None
    if inquiry is None or not inquiry.is_open:
        return _too_late(request, inquiry, context)
    lines = [line for line in request.own.text.splitlines() if line.strip()]
    if not lines:
        return _again(request, inquiry, context)
    words = ""
    if not is_done(lines):
        words = without_private_addresses(_without_name(request), request.sender.address, context)
    done = finish(
        AnswerGiven(words, _actor(request), _reader(request, context), request.item.id), inquiry, now, context
    )
    return done if done is not None else _too_late(request, inquiries.get(inquiry.mail_id), context)


@dataclass(frozen=True)
class AnswerGiven:
    """What a person behind the desk answers, by mail or on a page.

    `words`: "" closes the inquiry without an answer; `reader`: as whom the person is told so; `mail_id`: of the reply.
    """

    words: str
    actor: Actor
    reader: Addressee
    mail_id: int | None = None


def finish(given: AnswerGiven, inquiry: Inquiry, now: datetime, context: DeskContext) -> Outcome | None:
    """Send an answer on, and tell all readers, in the caller's transaction; None when the inquiry is not open."""
    words, actor = given.words, given.actor
    state = InquiryState.ANSWERED if words else InquiryState.CLOSED
    if not inquiries.finish(inquiry.mail_id, state, actor.email, now):
        return None
    inquiry = replace(inquiry, state=state, answered_by=actor.email, answered_at=now)
    application = _application(inquiry, given, now, context)
    notices = _to_the_one_who_wrote(inquiry, application, words, context) if words else ()
    done = InquiryDone(
        case=case_about(application, context), inquiry=inquiry, by=actor.name or actor.email, words=words
    )
    notices += notices_to(_everybody(given.reader, inquiry, context), done, application)
    reason = "inquiry-answered" if words else "inquiry-closed"
    return Outcome(Disposition.CARRIED_OUT, reason, notices, application, detail=f"inquiry {inquiry.mail_id}")


def close_without_answer(number: int, who: str, now: datetime, context: DeskContext) -> bool:
    """Close an inquiry for the operator `who`, in the caller's transaction; False when it is not open."""
    inquiry = inquiries.get(number)
    if inquiry is None or not inquiries.finish(number, InquiryState.CLOSED, who, now):
        return False
    audit.append(now, who, f"inquiry {number} closed")
    resume_deadline(inquiry, now, context)
    return True


def take_back(number: int, now: datetime, context: DeskContext) -> None:
    """Delete an open inquiry whose mail is handled anew, in the caller's transaction; without one, nothing."""
    inquiry = inquiries.get(number)
    if inquiry is not None and inquiries.delete(number):
        resume_deadline(inquiry, now, context)


def name_of(reader: str) -> str:
    """The name of whoever has answered, where the register knows it; else the address, or the name of an account."""
    reviewer = offices.reviewer(reader)
    return reviewer.name if reviewer is not None else reader


def resume_deadline(inquiry: Inquiry, now: datetime, context: DeskContext) -> None:
    """The deadline of a 確認依頼 goes on when its last inquiry is done, in the caller's transaction."""
    if inquiry.application_id is None or inquiry.days_left is None:
        return
    application = application_store.get(inquiry.application_id)
    if application is None or application.state is not State.NEEDS_CONFIRMATION:
        return
    if not inquiries.open_about(application.id):
        last = context.calendar.add(tokyo_date(now), max(1, inquiry.days_left))
        application_store.set_answer_by(application.id, tokyo_midnight(last))


def without_private_addresses(words: str, reader: str, context: DeskContext) -> str:
    """`words` with the address of the desk in place of every address of a reader, a reviewer or an operator."""
    private = {reader, *context.settings.operators, *context.settings.inquiries}
    private |= {one.email for one in offices.all_reviewers()}
    for address in sorted(private - {context.settings.address, ""}, key=len, reverse=True):
        words = re.sub(rf"(?<![\w.+-]){re.escape(address)}(?![\w-])", context.settings.address, words, flags=re.I)
    return words


def _without_name(request: Request) -> str:
    """The reply's own words without the lines at the end that only say who writes."""
    reviewer = request.sender.reviewer
    names = [fold_word(name) for name in (request.sender.name, reviewer.name if reviewer else "") if name]
    lines = request.own.text.strip().splitlines()
    while len(lines) > 1 and (not lines[-1].strip() or _says_who(lines[-1], request.sender.address, names)):
        lines.pop()
    return "\n".join(lines).strip()


def _says_who(line: str, address: str, names: list[str]) -> bool:
    """Whether a line is a name or an address, and besides it no sentence, which in Japanese would have hiragana."""
    flat = fold_word(line)
    found = [known for known in (fold_word(address), *names) if known in flat]
    rest = "".join(flat.replace(known, "") for known in found[:1])
    return bool(found) and len(rest) <= LONGEST_BESIDE_NAME and _HIRAGANA.search(rest) is None


def _application(inquiry: Inquiry, given: AnswerGiven, now: datetime, context: DeskContext) -> Application | None:
    """The application with the answer in its history, and its deadline going on."""
    if inquiry.application_id is None:
        return None
    resume_deadline(inquiry, now, context)
    application = application_store.get(inquiry.application_id)
    if application is None or not given.words:
        return application
    event = Event.CONCERN if inquiry.concern else Event.REPLY
    return application_store.apply_event(application, event, now, given.actor, words=given.words, mail_id=given.mail_id)


def _to_the_one_who_wrote(
    inquiry: Inquiry, application: Application | None, words: str, context: DeskContext
) -> tuple[Notice, ...]:
    """The answer, with a copy to the 管理責任者 where it is about an application.

    Nobody else reads the answer to a concern: it may be about that person.
    """
    sender = sender_at(inquiry.sender, inquiry.name)
    to = [recipients.author_of(sender, context.settings.language)]
    office = offices.office(application.office) if application is not None else None
    if office is not None and not inquiry.concern:
        chief = recipients.administrator_of(office)
        to += [chief] if fold_address(chief.email) != fold_address(to[0].email) else []
    waits = application is not None and application.state is State.NEEDS_CONFIRMATION
    answer_by = tokyo_date(application.answer_by) if waits and application and application.answer_by else None
    content = DeskMessage(case=case_about(application, context), words=words, asked=inquiry.words, answer_by=answer_by)
    return notices_to(to, content, application)


def _everybody(mine: Addressee, inquiry: Inquiry, context: DeskContext) -> list[Addressee]:
    """The one who answered, and all others who were sent the mail."""
    others = [to for to in have_it(inquiry, context) if fold_address(to.email) != fold_address(mine.email)]
    return [mine, *others]


def _reader(request: Request, context: DeskContext) -> Addressee:
    if request.grant is not None and request.grant.role is Role.REVIEWER and request.sender.reviewer is not None:
        return recipients.reviewer_of(request.sender, context)
    named = [to for to in people_of_the_desk(context) if fold_address(to.email) == request.sender.address]
    return named[0] if named else Addressee(Role.OPERATOR, request.sender.address, language=context.settings.language)


def _actor(request: Request) -> Actor:
    if request.grant is not None and request.grant.role is Role.REVIEWER and request.sender.reviewer is not None:
        return recipients.actor_of(request.sender, Role.REVIEWER)
    return Actor(Role.OPERATOR, request.sender.address, request.sender.name)


def _again(request: Request, inquiry: Inquiry, context: DeskContext) -> Outcome:
    """Nothing but a quote: the reader is asked for the answer, with a token for it."""
    application = application_store.get(inquiry.application_id) if inquiry.application_id is not None else None
    content = Answer(topic="inquiry_empty", case=case_about(application, context), params={"read": inquiry.words})
    notice = Notice(content, _reader(request, context), AboutInquiry(inquiry.mail_id, application))
    return Outcome(Disposition.ANSWERED, "inquiry-empty", (notice,), application)


def _too_late(request: Request, inquiry: Inquiry | None, context: DeskContext) -> Outcome:
    """Somebody has answered or closed it before; nothing is sent on."""
    if inquiry is None:
        return answer_to_sender(request, context, "inquiry_done_before")
    by = Actor(Role.REVIEWER, inquiry.answered_by, name_of(inquiry.answered_by))
    params = {"by": by, "at": inquiry.answered_at, "state": inquiry.state, "read": inquiry.words}
    notices = notices_to([_reader(request, context)], Answer(topic="inquiry_done_before", params=params), None)
    return Outcome(Disposition.ANSWERED, "inquiry-done-before", notices)
