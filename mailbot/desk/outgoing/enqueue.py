"""From notices to rows of the outbox, in the transaction of the decision: token, thread, value; not rendered yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.business_days import ONE_DAY
from mailbot.clock import tokyo_midnight
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.notice import (
    AboutApplication,
    AboutDailyList,
    AboutDigest,
    AboutInquiry,
    AboutMail,
    Notice,
)
from mailbot.mail import tagged_addresses
from mailbot.model.people import APPLICANT_SIDE
from mailbot.model.reply_token import (
    ForApplication,
    ForChallenge,
    ForDailyList,
    ForDigest,
    ForInquiry,
    Grant,
    ReplyToken,
    Scope,
    bounce_tag,
    new_token,
)
from mailbot.model.standing import Standing
from mailbot.notices.codec import Encoder
from mailbot.notices.contents.answers import Challenge
from mailbot.notices.contents.base import NoticeToWrite
from mailbot.records.applications import grants
from mailbot.records.queues import outbox, unwritten
from mailbot.records.queues.unwritten import UnwrittenNotice
from mailbot.text import fold_address

MESSAGE_ID_BYTES = 16


@dataclass(frozen=True)
class Cause:
    """The mail that notices answer."""

    mail_id: int
    message_id: str
    author: str  # folded address
    standing: Standing = Standing.PROVEN


def enqueue_notices(notices: Iterable[Notice], now: datetime, context: DeskContext, cause: Cause | None = None) -> None:
    """Store every notice as a value, in the caller's transaction; `write.write_due` makes mails of them.

    Applications that come out of one mail share a thread, also for those who did not write the mail.
    """
    queued = tuple(notices)
    if not queued:
        return
    earlier = outbox.threads({notice.application.id for notice in queued if notice.application is not None})
    first: dict[str, str] = {}  # address → Message-ID
    rows: list[UnwrittenNotice] = []
    granted: list[Grant] = []
    encoder = Encoder()
    for notice in queued:
        to, application = notice.to, notice.application
        thread = earlier[application.id, fold_address(to.email)] if application is not None else []
        started = first.get(to.email, "") if to.role in APPLICANT_SIDE else ""
        row, grant = _row(notice, now, context, cause, _Thread(tuple(thread), started), encoder)
        if not rows:
            context.announce(row)  # the applicant waits for it; the others come later anyway
        first.setdefault(to.email, row.message_id)
        thread.append(row.message_id)
        rows.append(row)
        granted += [grant] if grant is not None else []
    grants.issue(granted)
    unwritten.put(rows, now)


@dataclass(frozen=True)
class _Thread:
    """The Message-IDs that a notice follows.

    `earlier`: of what this person has had from the desk about the application; `started`: of a notice out of the same
    mail, or "".
    """

    earlier: tuple[str, ...]
    started: str

    def references(self, answered: str) -> tuple[str, ...]:
        """The References of a notice that answers the mail `answered`, or none ("")."""
        others = dict.fromkeys((self.started, answered))
        return (*self.earlier, *(one for one in others if one and one not in self.earlier))


def _row(
    notice: Notice, now: datetime, context: DeskContext, cause: Cause | None, thread: _Thread, encoder: Encoder
) -> tuple[UnwrittenNotice, Grant | None]:
    """A notice as it is stored, with the grant of its reply address."""
    desk, to, application = context.settings.address, notice.to, notice.application
    token = new_token(context.token_keys[0], context.random_bytes)
    message_id = tagged_addresses.message_id(context.random_bytes(MESSAGE_ID_BYTES), context.settings.domain)
    answered = cause.message_id if cause is not None and fold_address(to.email) == cause.author else ""
    grant = _grant(notice, token, now, context)
    value = NoticeToWrite(
        content=notice.content,
        to=to,
        # Without a grant a reply is an ordinary mail to the desk.
        reply_to=tagged_addresses.reply_address(desk, str(token)) if grant is not None else desk,
        references=thread.references(answered),
        answers=bool(answered),
        office=application.office if application else "",
        receipt=str(application.receipt or "") if application else "",
    )
    row = UnwrittenNotice(
        message_id=message_id,
        kind=notice.kind,
        role=to.role,
        recipient=to.email,
        # Automatic replies go to the Return-Path, people answer to Reply-To: mail to the first changes nothing.
        envelope_sender=tagged_addresses.bounce_address(desk, bounce_tag(context.token_keys[0], token.id)),
        value=encoder.encode(value),
        application_id=application.id if application else None,
        caused_by=cause.mail_id if cause is not None else None,
        standing=cause.standing if cause is not None else Standing.PROVEN,
        created_at=now,
    )
    return row, grant


def _grant(notice: Notice, token: ReplyToken, now: datetime, context: DeskContext) -> Grant | None:
    """What the token authorises; None where a reply is an ordinary mail."""
    scope = _scope(notice, token, now)
    if scope is None:
        return None
    expires_at = now + timedelta(days=context.settings.reply_token_days)
    if isinstance(notice.content, Challenge):
        expires_at = tokyo_midnight(notice.content.answer_by + ONE_DAY)
    return Grant(token.id, token.secret_hash, scope, notice.to.email, notice.to.role, expires_at=expires_at)


def _scope(notice: Notice, token: ReplyToken, now: datetime) -> Scope | None:
    match notice.about:
        case AboutApplication(application):
            return ForApplication(application.id, application.revision.number)
        case AboutMail(mail_id):
            return ForChallenge(mail_id)
        case AboutInquiry(mail_id, about):
            return ForInquiry(mail_id, about.id if about else None, about.revision.number if about else None)
        case AboutDigest(applications):
            grants.add_digest_lines(token.id, [(one.id, one.revision.number) for one in applications])
            return ForDigest()
        case AboutDailyList(items):
            grants.add_list_items(token.id, items, now)
            return ForDailyList()
        case None:
            return None
