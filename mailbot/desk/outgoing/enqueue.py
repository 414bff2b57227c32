"""From notices to mails in the outbox: token, words, papers, place in the thread, signature and log row."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.alerts import alert
from mailbot.desk.outgoing.notice import AboutApplication, AboutDigest, AboutMail, Notice
from mailbot.mail import threading
from mailbot.mail.compose import AttachedFile, NewMessage, compose
from mailbot.model.notice import HEADER_VALUES, Enclosure, Words
from mailbot.model.people import Language, Role
from mailbot.model.queued_mail import OutgoingMail
from mailbot.model.reply_token import ForApplication, ForChallenge, ForDigest, Grant, ReplyToken, Scope, new_token
from mailbot.notices.contents.base import PaperRequest
from mailbot.notices.papers import Unprintable
from mailbot.records.applications import grants
from mailbot.records.log import mail_log
from mailbot.records.queues import outbox
from mailbot.text import fold_address

_APPLICANT_SIDE = frozenset({Role.CONTACT, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Cause:
    """The mail that notices answer."""

    mail_id: int
    message_id: str
    author: str  # folded address


def enqueue_notices(notices: Iterable[Notice], now: datetime, context: DeskContext, cause: Cause | None = None) -> None:
    """Write every notice and put it into the outbox, in the caller's transaction.

    Applications that come out of one mail share a thread, also for those who did not write the mail.  A paper that
    cannot be printed is left out, and the operators are alerted once.
    """
    printer, threads = _Printer(context), dict[str, str]()
    for notice in tuple(notices):
        started = threads.get(notice.to.email, "") if notice.to.role in _APPLICANT_SIDE else ""
        message_id = _enqueue(notice, now, context, printer, cause, started)
        threads.setdefault(notice.to.email, message_id)
    for request, error in printer.failures:
        for notice in alert("paper_failed", context, case=request.case, params={"read": error.what}):
            _enqueue(notice, now, context, printer, cause, "")


class _Printer:
    """Prints each paper once in each language; what could not be printed is in `failures`, once for each paper."""

    def __init__(self, context: DeskContext) -> None:
        self._papers = context.papers
        self._printed: dict[tuple[int, Language], Enclosure] = {}  # by the identity of the request
        self.failures: list[tuple[PaperRequest, Unprintable]] = []

    def enclosure(self, request: PaperRequest, language: Language) -> Enclosure | None:
        """The paper, or None when it cannot be printed."""
        key = (id(request), language)
        if key not in self._printed:
            try:
                self._printed[key] = self._papers.enclosure(request, language)
            except Unprintable as error:
                if not any(failed is request for failed, _ in self.failures):
                    self.failures.append((request, error))
                return None
        return self._printed[key]


@dataclass(frozen=True)
class _Addresses:
    """By what an answer to one mail is recognised."""

    message_id: str
    reply_to: str
    return_path: str


def _enqueue(
    notice: Notice, now: datetime, context: DeskContext, printer: _Printer, cause: Cause | None, started: str
) -> str:
    """One notice; returns its Message-ID.  `started`: the Message-ID of a notice that this one shares a thread with."""
    addresses = _addresses(notice, now, context)
    words = _write(notice, addresses.reply_to, context, printer)
    answers = cause.message_id if cause is not None and fold_address(notice.to.email) == cause.author else ""
    letter = _letter(notice, words, addresses, (started, answers), now, context)
    mail = OutgoingMail(
        message_id=addresses.message_id,
        kind=notice.kind,
        role=notice.to.role,
        recipient=notice.to.email,
        envelope_sender=addresses.return_path,
        raw=context.sign(compose(letter)),
        subject=words.subject,
        text=words.text,
        application_id=notice.application.id if notice.application else None,
        caused_by=cause.mail_id if cause is not None else None,
    )
    _log(notice, mail, outbox.put(mail, now), now)
    return mail.message_id


def _addresses(notice: Notice, now: datetime, context: DeskContext) -> _Addresses:
    """A fresh token, in the Message-ID and, where a reply is about something, in the Reply-To."""
    desk = context.settings.address
    token = new_token(context.token_keys[0], context.random_bytes)
    bound = notice.about is not None
    if bound:
        grants.issue(_grant(notice, token, now, context))
    return _Addresses(
        message_id=threading.message_id(str(token), context.settings.domain),
        reply_to=threading.reply_address(desk, str(token)) if bound else desk,
        # Automatic replies go to the Return-Path, people answer to Reply-To: mail to the first changes nothing.
        return_path=threading.bounce_address(desk, f"{token.id}.{token.mac}"),
    )


def _grant(notice: Notice, token: ReplyToken, now: datetime, context: DeskContext) -> Grant:
    lifetime, scope = timedelta(days=context.settings.reply_token_days), _scope(notice, token)
    if isinstance(scope, ForChallenge):
        lifetime = timedelta(hours=context.settings.challenge_hours)
    return Grant(token.id, token.secret_hash, scope, notice.to.email, notice.to.role, expires_at=now + lifetime)


def _scope(notice: Notice, token: ReplyToken) -> Scope:
    match notice.about:
        case AboutApplication(application):
            return ForApplication(application.id, application.revision.number)
        case AboutMail(mail_id):
            return ForChallenge(mail_id)
        case AboutDigest(applications):
            grants.add_digest_lines(token.id, [(one.id, one.revision.number) for one in applications])
            return ForDigest()
        case None:
            raise ValueError("a reply to this notice is about nothing")


def _write(notice: Notice, reply_to: str, context: DeskContext, printer: _Printer) -> Words:
    content, paper = notice.content, notice.content.paper
    printed = printer.enclosure(paper, notice.to.language) if paper is not None else None
    if paper is not None and printed is None:
        content = content.without_paper()
    enclosed = (printed,) if printed is not None else ()
    return replace(context.writer.write(content, notice.to, reply_to), enclosures=enclosed)


def _letter(
    notice: Notice, words: Words, own: _Addresses, others: tuple[str, str], now: datetime, context: DeskContext
) -> NewMessage:
    """`others`: the Message-IDs of a notice whose thread this one joins, and of the mail it answers; "" for none."""
    settings, to, thread = context.settings, notice.to, _thread(notice, others)
    return NewMessage(
        from_name=settings.name,
        from_address=settings.address,
        to_name=to.name,
        to_address=to.email,
        reply_to=own.reply_to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        message_id=own.message_id,
        in_reply_to=thread[-1] if thread else "",
        references=thread,
        date=now,
        extra_headers=_headers(notice),
        auto_submitted="auto-replied" if others[1] else "auto-generated",
        language=to.language.value,
        charset=to.charset,
        attachments=tuple(AttachedFile(e.name, e.content_type, e.data) for e in words.enclosures),
    )


def _thread(notice: Notice, others: tuple[str, str]) -> tuple[str, ...]:
    """The References: what this person has had from the desk about the application, then `others`."""
    earlier = tuple(outbox.thread_message_ids(notice.application.id, notice.to.email)) if notice.application else ()
    return (*earlier, *(one for one in dict.fromkeys(others) if one and one not in earlier))


def _headers(notice: Notice) -> dict[str, str]:
    headers = {"X-Mailbot-Notice": HEADER_VALUES[notice.kind]}
    if notice.application is not None and notice.application.receipt is not None:
        headers["X-Mailbot-Receipt"] = str(notice.application.receipt)
    return headers


def _log(notice: Notice, mail: OutgoingMail, outbox_id: int, now: datetime) -> None:
    application = notice.application
    mail_log.append(
        at=now,
        direction="out",
        sender=mail.envelope_sender,
        recipient=mail.recipient,
        subject=mail.subject,
        message_id=mail.message_id,
        disposition="queued",
        reason=notice.kind.value,
        office=application.office if application else "",
        receipt=str(application.receipt or "") if application else "",
        inbox_id=mail.caused_by,
        outbox_id=outbox_id,
        text=mail.text,
    )
