"""From a stored notice to a mail: text, PDF forms, calendar files, MIME, DKIM; after the decision's transaction.

A notice that cannot be written (a faulty template, say) is held back and tried again; the decision and every other
notice stand.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.alerts import alert_once, alert_unprintable
from mailbot.desk.outgoing.faults import fault_location
from mailbot.errors import Temporary
from mailbot.logs import get_logger
from mailbot.mail.compose import AttachedFile, NewMessage, compose
from mailbot.model.notice import HEADER_VALUES, Enclosure, RenderedNotice
from mailbot.notices.codec import Decoder
from mailbot.notices.contents.answers import Alert
from mailbot.notices.contents.base import NoticeToWrite
from mailbot.notices.unprintable import Unprintable
from mailbot.records.log import mail_log
from mailbot.records.queues import unwritten
from mailbot.records.queues.unwritten import UnwrittenNotice, WrittenMail
from mailbot.text import fold_address

RETRY_EVERY = timedelta(minutes=1)  # held notices, all at the same instants: so they keep their order
MOST_AT_ONCE = 8  # notices that share a commit; the first of them waits for the last, but the very first for none
_ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)  # of these instants

log = get_logger("mailbot.write")


@dataclass(frozen=True)
class _Written:
    """A notice and the mail that it has become."""

    row: UnwrittenNotice
    notice: NoticeToWrite
    mail: WrittenMail
    unprintable: Unprintable | None  # why it has no PDF


class NoticeAhead:
    """The last notice that was announced before the commit of its decision, and the mail that it has become meanwhile.

    Nothing is stored of it: what is written is what the outbox has after the commit.  Of a decision that is rolled back
    the mail is never used.  All but `announce` is for one thread.
    """

    def __init__(self, context: DeskContext) -> None:
        self.decoder = Decoder(context.procedures)  # for the copies as well: they share the content
        self._context = context
        self._announced: deque[UnwrittenNotice] = deque(maxlen=1)
        self._written: _Written | None = None

    def announce(self, notice: UnwrittenNotice) -> None:
        """Callable from any thread."""
        self._announced.append(notice)

    def write(self) -> None:
        """Make a mail of the notice that was announced, if any.  One that cannot be written is tried again, and held,
        when it is due."""
        if not self._announced:
            return
        row = self._announced.pop()
        with suppress(Exception):
            self._written = _mail_of(row, self.decoder, self._context)

    def take(self, row: UnwrittenNotice) -> _Written | None:
        """The mail of a notice that is due, if there is one; it is announced no more."""
        if self._announced and self._announced[0].message_id == row.message_id:
            self._announced.clear()
        written = self._written
        if written is None or replace(written.row, id=row.id) != row:
            return None
        self._written = None
        log.debug("notice-written-ahead", outbox=row.id)
        return replace(written, row=row)


def write_due(
    now: Callable[[], datetime],
    context: DeskContext,
    stored: Callable[[], None] = lambda: None,
    ahead: NoticeAhead | None = None,
) -> int:
    """Write every notice that is due, oldest first; returns how many were written or held.  Raises Temporary.

    `stored` is called after each commit: there may be mails to deliver.  `ahead`: the notice that is written already.

    Several are stored with one commit: those of one decision are due together; the first of all is not kept waiting.
    Of several processes one at a time writes to a recipient: so the notices to each one keep their order.
    """
    done, ahead, busy = 0, ahead or NoticeAhead(context), set[str]()  # busy: another process writes to them just now
    while True:
        with context.store.reading():
            rows = unwritten.due(now(), MOST_AT_ONCE if done else 1, busy)
        if not rows:
            break
        with ExitStack() as held:
            recipients = {fold_address(row.recipient) for row in rows}
            others = {one for one in recipients if not held.enter_context(context.store.only_here(f"write to {one}"))}
            mine = [row for row in rows if fold_address(row.recipient) not in others]
            written = (ahead.take(row) or _written(row, ahead.decoder, now(), context) for row in mine)
            _store([one for one in written if one is not None], now(), context)
        busy = busy | others if not mine else set()
        done += len(mine)
        if mine:
            stored()
    return done


def _written(row: UnwrittenNotice, decoder: Decoder, now: datetime, context: DeskContext) -> _Written | None:
    """The mail, not stored yet; None when it cannot be written, and is held."""
    try:
        return _mail_of(row, decoder, context)
    except Temporary:
        raise
    except Exception as error:  # any error here is one of the program or a template, for an operator to repair
        _hold(row, error, now, context)
        return None


def _mail_of(row: UnwrittenNotice, decoder: Decoder, context: DeskContext) -> _Written:
    """The mail, not stored yet.  Raises whatever rendering it raises."""
    notice = decoder.decode(row.value)
    words, unprintable = _words(notice, context)
    raw = context.sign(compose(_message(row, notice, words, context)))
    mail = WrittenMail.of(raw, words.subject, words.text, context.store.sealer)
    return _Written(row, notice, mail, unprintable)


def _store(written: Sequence[_Written], now: datetime, context: DeskContext) -> None:
    if not written:
        return
    with context.store.transaction(durable=False):  # else they are written again, before any is delivered
        # Of the others another process was first.
        stored = [one for one in written if unwritten.store(one.row.id, one.mail, now)]
        mail_log.append_all(_log_row(one.row, one.notice, one.mail, now) for one in stored)
        for one in stored:
            case, paper = one.notice.content.case, one.notice.content.paper
            if one.unprintable is not None and case is not None and paper is not None:
                alert_unprintable(one.unprintable, paper, case, now, context)


def _words(notice: NoticeToWrite, context: DeskContext) -> tuple[RenderedNotice, Unprintable | None]:
    """The rendered text with its PDF forms and calendar files; when a PDF cannot be made, without it, and why."""
    content, case = notice.content, notice.content.case
    enclosed: tuple[Enclosure, ...] = ()
    unprintable: Unprintable | None = None
    if content.paper is not None and case is not None:
        try:
            enclosed = (context.papers.enclosure(content.paper, case, notice.to.language),)
        except Unprintable as error:
            content, unprintable = content.without_paper(), error
    if case is not None:
        enclosed += context.calendar_files.enclosures(content.calendar, case, notice.to.language)
    try:
        words = context.writer.write(content, notice.to, notice.reply_to)
    except Exception:
        if not isinstance(content, Alert):
            raise
        words = _plain(content)  # a template failed; the operators still get the alert, as plain text
    return replace(words, enclosures=enclosed), unprintable


def _plain(alert: Alert) -> RenderedNotice:
    """An alert without a template: its values, one a line."""
    text = "\n".join(f"{name}: {value}" for name, value in {"alert": alert.topic, **alert.params}.items())
    return RenderedNotice(f"[mailbot] {alert.topic}", f"{text}\n", f"<pre>{escape(text)}</pre>")


def _message(row: UnwrittenNotice, notice: NoticeToWrite, words: RenderedNotice, context: DeskContext) -> NewMessage:
    settings, to = context.settings, notice.to
    headers = {"X-Mailbot-Notice": HEADER_VALUES[row.kind]}
    if notice.receipt:
        headers["X-Mailbot-Receipt"] = notice.receipt
    if row.created_at is None:
        raise ValueError("a stored notice has the time at which it was decided")
    return NewMessage(
        from_name=settings.name,
        from_address=settings.address,
        to_name=to.name,
        to_address=to.email,
        reply_to=notice.reply_to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        message_id=row.message_id,
        in_reply_to=notice.references[-1] if notice.references else "",
        references=notice.references,
        date=row.created_at,
        extra_headers=headers,
        auto_submitted="auto-replied" if notice.answers else "auto-generated",
        language=to.language.value,
        charset=to.charset,
        attachments=tuple(AttachedFile(e.name, e.content_type, e.data, e.parameters) for e in words.enclosures),
    )


def _log_row(row: UnwrittenNotice, notice: NoticeToWrite, mail: WrittenMail, now: datetime) -> dict[str, object]:
    return dict(
        at=now,
        direction="out",
        sender=row.envelope_sender,
        recipient=row.recipient,
        subject=mail.subject,
        message_id=row.message_id,
        disposition="queued",
        reason=row.kind.value,
        office=notice.office,
        receipt=notice.receipt,
        inbox_id=row.caused_by,
        outbox_id=row.id,
        text=mail.text.plain,
    )


def _hold(row: UnwrittenNotice, error: Exception, now: datetime, context: DeskContext) -> None:
    """Try again later, and alert the operators once a day for each place that is at fault."""
    where = fault_location(error)
    log.error("notice-held", outbox=row.id, kind=row.kind.value, where=where, error=repr(error))
    with context.store.transaction():
        unwritten.hold(row.id, now + RETRY_EVERY - (now - _ORIGIN) % RETRY_EVERY)
        params = {"reason": where, "server_answer": f"{type(error).__name__}: {error}", "notice": row.kind.value}
        alert_once(f"notice-held:{where}:{tokyo_date(now)}", "notice_held", now, context, params=params)
