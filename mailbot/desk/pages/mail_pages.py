"""One mail or notice: what was done and why, each line with what it was taken for, evidence, deliveries, its thread."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.look_up import sender_at
from mailbot.desk.incoming.request import Sender
from mailbot.desk.pages.asked import Answer, Asked, Download, NotFound, Page, number_in
from mailbot.desk.pages.audit_pages import record_look
from mailbot.desk.pages.beside import Beside, beside
from mailbot.desk.pages.log_pages import meanings
from mailbot.mail.mail_parts import MailParts, mail_parts
from mailbot.mail.safe_html import safe_html
from mailbot.masking import mask_tokens, without_reply_links
from mailbot.model.audit import mail_subject
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.desk_login import OPERATORS
from mailbot.model.evidence import Evidence
from mailbot.model.inquiry import Inquiry
from mailbot.model.notice import Enclosure
from mailbot.model.people import Language
from mailbot.model.read_line import ReadLine
from mailbot.records.inquiries import inquiries
from mailbot.records.keyset import Place
from mailbot.records.log import audit, mail_list
from mailbot.records.log.mail_list import Entry, Filters
from mailbot.records.queues import inbox, quarantined, read_lines, received, withheld
from mailbot.records.queues.attempts import Attempt, attempts_of
from mailbot.records.schema.sealed_columns import UNREADABLE

LONGEST_THREAD = 30  # mails about the same application
_FIND = {"": mail_list.of_mail, "n": mail_list.of_notice, "r": mail_list.of_row}


@dataclass(frozen=True)
class Sent:
    """A notice with every attempt to deliver it."""

    entry: Entry
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True)
class MailPage:
    """A mail or notice.

    `entry`: its last row in the log; `history`: the rows before; `lines`: how it was read, () when that is not kept;
    `notices`: that it caused, or the notice itself; `parts`: None when the mail is not stored; `problem`: why not:
    "" | refused | deleted | withheld | unreadable; `quarantined`: it can be released; `thread`: newest first.
    """

    number: str
    entry: Entry
    history: tuple[Entry, ...]
    lines: tuple[ReadLine, ...]
    sender: Sender
    evidence: Evidence | None
    notices: tuple[Sent, ...]
    thread: tuple[Entry, ...]
    parts: MailParts | None
    problem: str
    quarantined: bool
    inquiry: Inquiry | None
    caused_by: int | None
    meanings: Mapping[str, str]
    labels: Mapping[str, str]  # name of a field → its label
    beside: Beside

    @property
    def incoming(self) -> bool:
        return self.entry.row.direction == "in"


@dataclass(frozen=True)
class HtmlPage:
    """The HTML of a mail, without what it could do."""

    title: str
    html: str


def mail(asked: Asked, context: DeskContext) -> Answer:
    """The page; the look is recorded."""
    number = asked.path["number"]
    kind, key = _key(number)
    with context.store.reading():
        entries = _FIND[kind](key)
    if not entries:
        return NotFound()
    page = _page(number, entries, asked, context)
    record_look(asked, mail_subject(number), context)
    return Page("mail", page, frames=True)


def _key(number: str) -> tuple[str, int]:
    """12 → ("", 12), n7 → ("n", 7); -1, which no mail has, for what is no number of a mail."""
    kind = number[:1] if number[:1] in ("n", "r") else ""
    return kind, number_in(number[len(kind) :])


def _page(number: str, entries: list[Entry], asked: Asked, context: DeskContext) -> MailPage:
    own = [one for one in entries if one.number == number] or entries[:1]
    entry, mail_id = own[-1], own[-1].row.inbox_id
    incoming = entry.row.direction == "in"
    received_id = mail_id if incoming else None
    raw, problem = _raw(entry, context) if incoming else (b"", "")
    parts = mail_parts(raw) if raw else None
    if parts is not None:
        parts = replace(parts, header=mask_tokens(parts.header))
    with context.store.reading():
        sent = [one for one in entries if one.row.direction == "out"]
        receipt = entry.row.receipt
        related = (
            mail_list.page(context.store, Filters(receipt=receipt), Place(size=LONGEST_THREAD)) if receipt else None
        )
        return MailPage(
            number=number,
            entry=entry,
            history=tuple(own[:-1]),
            lines=read_lines.lines_of(received_id) if received_id is not None else (),
            sender=sender_at(entry.row.sender),
            evidence=inbox.evidence_of(received_id) if received_id is not None else None,
            notices=tuple(Sent(one, _attempts(one)) for one in sent),
            thread=related.rows if related is not None else (),
            parts=parts,
            problem=problem,
            quarantined=received_id is not None and bool(quarantined.select(numbers=[received_id])),
            inquiry=inquiries.get(received_id) if received_id is not None else None,
            caused_by=None if incoming else mail_id,
            meanings=meanings(),
            labels=_labels(asked.language, context),
            beside=beside(asked, own, context),
        )


def _labels(language: Language, context: DeskContext) -> dict[str, str]:
    """Of the fields that a line may be read as; those of the same name have the same label in every procedure."""
    fields = (*COMMON_FIELDS, *(one for procedure in context.procedures.values() for one in procedure.fields))
    return {one.name: one.label(language) for one in fields}


def _attempts(entry: Entry) -> tuple[Attempt, ...]:
    return tuple(attempts_of(entry.row.outbox_id)) if entry.row.outbox_id is not None else ()


def _raw(entry: Entry, context: DeskContext) -> tuple[bytes, str]:
    """The octets of a received mail, or b"" and why there are none; not inside of `reading`."""
    mail_id = entry.row.inbox_id
    if mail_id is None:
        return b"", "refused"
    with context.store.reading():
        if withheld.is_withheld(mail_id):
            return b"", "withheld"
    raw = received.content(context.store, mail_id)
    if raw == UNREADABLE:
        return b"", "unreadable"
    return raw, "" if raw else "deleted"


def _received(asked: Asked, context: DeskContext) -> tuple[Entry | None, bytes]:
    """The last row of the received mail of the path, and its octets; the look is recorded."""
    kind, key = _key(asked.path["number"])
    with context.store.reading():
        entries = mail_list.of_mail(key) if not kind else []
    own = [one for one in entries if one.row.direction == "in"]
    if not own:
        return None, b""
    record_look(asked, mail_subject(own[-1].number), context)
    return own[-1], _raw(own[-1], context)[0]


def html(asked: Asked, context: DeskContext) -> Answer:
    """The HTML of a received mail, which a browser neither runs nor loads anything for."""
    entry, raw = _received(asked, context)
    parts = mail_parts(raw) if raw else None
    if entry is None or parts is None or not parts.html.strip():
        return NotFound()
    return Page("mail_html", HtmlPage(entry.row.subject, without_reply_links(safe_html(parts.html))), strangers=True)


def attached_file(asked: Asked, context: DeskContext) -> Answer:
    """An attached file as a download; an attached mail, which may have reply tokens, for operators alone."""
    _, raw = _received(asked, context)
    wanted = asked.path["file"]
    found = [one for one in (mail_parts(raw).files if raw else ()) if str(one.number) == wanted]
    if not found or (found[0].is_mail and not asked.login.may(OPERATORS)):
        return NotFound()
    return Download(Enclosure(found[0].name, "application/octet-stream", found[0].data))


def raw_mail(asked: Asked, context: DeskContext) -> Answer:
    """The mail as it was received, octet for octet: for operators, since its reply tokens are in it; recorded."""
    entry, raw = _received(asked, context)
    if entry is None or not raw:
        return NotFound()
    with context.store.transaction():
        audit.append(asked.now, asked.login.email, "downloaded the raw mail", mail_subject(entry.number))
    return Download(Enclosure(f"{entry.number}.eml", "application/octet-stream", raw))
