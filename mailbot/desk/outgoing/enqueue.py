"""From a notice that is owed to a mail in the outbox: its token, its words, its place in the thread."""

from datetime import datetime, timedelta

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.outcome import Notice
from mailbot.mail import threading
from mailbot.mail.compose import Attached, Letter, compose
from mailbot.model.notice import HEADER_VALUES
from mailbot.model.queued_mail import OutgoingMail
from mailbot.model.reply_token import OF_A_CHALLENGE, OF_A_DIGEST, Grant, ReplyToken, new_token
from mailbot.records.applications import grants
from mailbot.records.log import mail_log
from mailbot.records.queues import outbox


def enqueue_notice(
    owed: Notice,
    now: datetime,
    context: DeskContext,
    *,
    answers: str = "",
    follows: str = "",
    caused_by: int | None = None,
) -> str:
    """Write, compose and keep one notice; returns its Message-ID.

    `answers`: the Message-ID of the mail this copy's reader sent, "" when the reader sent none; `follows`: of a notice
    to the same reader that this one is to stand beside in one thread.
    """
    settings = context.settings
    token = new_token(context.token_keys[0], context.random_bytes)
    reply_to = _reply_address(owed, token, now, context)
    words = owed.write(reply_to)
    message_id = threading.message_id(str(token), settings.domain)
    thread = _thread(owed, follows, answers)
    letter = Letter(
        from_name=settings.name,
        from_address=settings.address,
        to_name=owed.to.name,
        to_address=owed.to.email,
        reply_to=reply_to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        message_id=message_id,
        in_reply_to=thread[-1] if thread else "",
        references=thread,
        date=now,
        extra_headers=_headers(owed),
        auto_submitted="auto-replied" if answers else "auto-generated",
        language=owed.to.language.value,
        charset=owed.to.charset,
        attachments=tuple(Attached(e.name, e.content_type, e.data) for e in words.enclosures),
    )
    mail = OutgoingMail(
        message_id=message_id,
        kind=owed.kind,
        role=owed.to.role,
        recipient=owed.to.email,
        # Robots answer at the Return-Path, people at Reply-To: nothing that arrives at the first ever acts.
        envelope_sender=threading.bounce_address(settings.address, f"{token.id}.{token.mac}"),
        raw=context.sign(compose(letter)),
        subject=words.subject,
        text=words.text,
        application_id=owed.application.id if owed.application else None,
        caused_by=caused_by,
    )
    outbox_id = outbox.put(mail, now)
    _log(owed, mail, outbox_id, now)
    return message_id


def _reply_address(owed: Notice, token: ReplyToken, now: datetime, context: DeskContext) -> str:
    """The tagged address when there is an application to bind the token to, else the desk's own."""
    if owed.challenge is not None:
        return _challenge_address(owed, token, now, context, owed.challenge)
    if owed.application is None and not owed.lines:
        return context.settings.address
    grant = Grant(
        token_id=token.id,
        secret_hash=token.secret_hash,
        application_id=owed.application.id if owed.application else OF_A_DIGEST,
        email=owed.to.email,
        role=owed.to.role,
        revision=owed.application.revision.number if owed.application else 0,
        expires_at=now + timedelta(days=context.settings.reply_token_days),
    )
    grants.keep_lines(token.id, [(one.id, one.revision.number) for one in owed.lines])
    grants.issue(grant)
    return threading.reply_address(context.settings.address, str(token))


def _challenge_address(owed: Notice, token: ReplyToken, now: datetime, context: DeskContext, item_id: int) -> str:
    grants.issue(
        Grant(
            token_id=token.id,
            secret_hash=token.secret_hash,
            application_id=OF_A_CHALLENGE,
            email=owed.to.email,
            role=owed.to.role,
            revision=item_id,
            expires_at=now + timedelta(hours=context.settings.challenge_hours),
        )
    )
    return threading.reply_address(context.settings.address, str(token))


def _thread(owed: Notice, follows: str, answers: str) -> tuple[str, ...]:
    """The References: what this person has had from us about the application, and what it wrote last."""
    earlier = tuple(outbox.thread(owed.application.id, owed.to.email)) if owed.application else ()
    return (*earlier, *(one for one in dict.fromkeys((follows, answers)) if one and one not in earlier))


def _headers(owed: Notice) -> dict[str, str]:
    headers = {"X-Mailbot-Notice": HEADER_VALUES[owed.kind]}
    if owed.application is not None and owed.application.receipt is not None:
        headers["X-Mailbot-Receipt"] = str(owed.application.receipt)
    return headers


def _log(owed: Notice, mail: OutgoingMail, outbox_id: int, now: datetime) -> None:
    application = owed.application
    mail_log.append(
        at=now,
        direction="out",
        sender=mail.envelope_sender,
        recipient=mail.recipient,
        subject=mail.subject,
        message_id=mail.message_id,
        disposition="queued",
        reason=owed.kind.value,
        office=application.office if application else "",
        receipt=str(application.receipt or "") if application else "",
        inbox_id=mail.caused_by,
        outbox_id=outbox_id,
        text=mail.text,
    )
