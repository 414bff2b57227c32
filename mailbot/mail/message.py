"""`read`: parse any octets as a message (RFC 5322, MIME).  Never raises; limits are checked before MIME parsing.

`read_head` reads the header section alone, `Extent` bounds the rest.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message as MimePart
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import accumulate

from mailbot.file_names import is_table
from mailbot.mail.body_parts import TextPart, body_parts
from mailbot.mail.charsets import Decoded, cut_octets, decode, decode_header
from mailbot.mail.extent import LARGEST_TEXT, WHOLE, Extent
from mailbot.mail.flowed import unflowed
from mailbot.mail.headers import (
    LARGEST_FIELD,
    NO_AUTHOR,
    Author,
    addresses_in,
    message_ids_in,
    read_author,
)
from mailbot.mail.html import html_to_text, unseen_beside
from mailbot.mail.html_quotes import mark_as_page
from mailbot.mail.mime_limits import too_much
from mailbot.mail.split import HeaderField, SplitMail, encoded_payload, parse_mime, split_mail, with_line_feeds
from mailbot.zip_files import open_zip

MOST_ZIP_ENTRIES = 1_000  # of an archive whose entries are looked at for encryption
LARGEST_TABLE = 5_000_000  # octets of an attached table that is read
_IDENTIFYING = ("from", "subject", "date", "message-id")


@dataclass(frozen=True)
class Attachment:
    """A MIME part other than the text."""

    name: str
    content_type: str
    size: int  # octets, decoded; of a file that stays closed, as encoded
    data: bytes = field(default=b"", repr=False)  # decoded; b"" unless it is a table of at most LARGEST_TABLE octets
    encrypted: bool = False  # an encrypted ZIP archive


@dataclass(frozen=True)
class Loss:
    """A place where the charset was guessed or characters were replaced: subject, from, text or message."""

    where: str
    note: str


@dataclass(frozen=True)
class Message:
    """A parsed mail.  `unreadable`: reason code when it could not be parsed, else ""."""

    message_id: str = ""
    author: Author = NO_AUTHOR
    author_problem: str = ""  # reason code of read_author
    to: tuple[str, ...] = ()  # addresses of To and Cc
    subject: str = ""
    date: datetime | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # lower-case name → decoded values
    content_type: str = "text/plain"
    text: str = ""  # of all text parts in order, of HTML where there is no plain text; line ends \n
    text_from: str = "none"  # plain | html | none
    quoted_by_structure: frozenset[int] = field(default=frozenset(), repr=False)  # lines of `text`, from 0
    doubtful: tuple[str, ...] = field(default=(), repr=False)  # pieces of `text` that people who see HTML may not see
    # (HTML that a client may show instead, or "", and the text) of each text part
    alternatives: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    charset: str = "ascii"
    attachments: tuple[Attachment, ...] = ()
    losses: tuple[Loss, ...] = ()
    ambiguous: tuple[str, ...] = ()  # codes of structures that parsers interpret differently
    content_hash: str = ""  # hexadecimal SHA-256, independent of trace header fields
    unreadable: str = ""
    closed: bool = False  # what lies beyond an extent was not read: attached files, a long page, the end of the text

    @property
    def has_page_beside(self) -> bool:
        """Whether there is HTML that a client may show instead of the plain text."""
        return any(page for page, _ in self.alternatives)

    @cached_property
    def html_text(self) -> str:
        """The text as a client that prefers HTML shows it, "" without HTML.

        Laid out only when it is asked for, because that costs most.
        """
        if not self.has_page_beside:
            return self.text if self.text_from == "html" else ""
        return _lines("\n".join(html_to_text(page).text if page else text for page, text in self.alternatives))


@dataclass(frozen=True)
class SplitMessage:
    """A mail whose header section has been read, and its body not yet."""

    raw: bytes = field(repr=False)  # RFC 5322 octets
    split: SplitMail = field(repr=False)
    head: Message  # the header section alone: enough to judge the sender

    def read(self, extent: Extent = WHOLE) -> Message:
        """The whole mail, within `extent`."""
        head = replace(self.head, content_hash=_content_hash(self.split))
        return head if head.unreadable else _read_within(self.raw, self.split, head, extent)


def split_message(raw: bytes) -> SplitMessage:
    """Read the header section of a mail (RFC 5322 octets)."""
    mail = split_mail(raw)
    return SplitMessage(raw, mail, replace(_read_headers(mail.fields), unreadable=mail.unreadable))


def read_head(raw: bytes) -> Message:
    """The header section of a mail alone (RFC 5322 octets)."""
    return split_message(raw).head


def read(raw: bytes, extent: Extent = WHOLE) -> Message:
    """Parse a mail (RFC 5322 octets), within `extent`."""
    return split_message(raw).read(extent)


def _read_within(raw: bytes, mail: SplitMail, head: Message, extent: Extent) -> Message:
    given = raw[: extent.octets]
    if reason := too_much(with_line_feeds(given)):
        return replace(head, unreadable=reason)
    if with_line_feeds(given) is not given:
        head = replace(head, losses=(*head.losses, Loss("message", "its lines ended in CR alone")))
    shown = replace(mail, body=cut_octets(mail.body, extent.octets))
    try:
        return _read_body(shown, replace(head, closed=len(shown.body) < len(mail.body)), extent)
    except MemoryError:  # a limit of the process, not of the parser
        raise
    except (Exception, RecursionError) as error:  # the parser raises several kinds; the mail is quarantined
        return replace(head, unreadable="parse-error", ambiguous=(type(error).__name__,))


def _read_headers(fields: Sequence[HeaderField]) -> Message:
    author, problem = read_author(fields)
    first = {f.name: f.value[:LARGEST_FIELD] for f in reversed(fields)}
    decoded: dict[str, tuple[str, ...]] = {}
    losses: list[Loss] = []
    for one in fields:
        value = decode_header(one.value[:LARGEST_FIELD])
        decoded[one.name] = (*decoded.get(one.name, ()), value.text)
        if one.name in ("subject", "from") and (value.guessed or value.lossy):
            losses.append(Loss(one.name, value.note))
    ids = message_ids_in(first.get("message-id", b""))
    return Message(
        message_id=ids[0] if ids else "",
        author=author,
        author_problem=problem,
        to=tuple(a for f in fields if f.name in ("to", "cc") for a in addresses_in(f.value))[:100],
        subject=decoded.get("subject", ("",))[0],
        date=_date(decoded.get("date", ("",))[0]),
        in_reply_to=message_ids_in(first.get("in-reply-to", b"")),
        references=message_ids_in(first.get("references", b"")),
        headers=decoded,
        losses=tuple(losses),
    )


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _read_body(mail: SplitMail, head: Message, extent: Extent) -> Message:
    root = parse_mime(mail)
    decoded: dict[int, Decoded] = {}
    long_pages: list[MimePart] = []

    def text_of(part: MimePart) -> str:
        if id(part) not in decoded:
            is_page = part.get_content_type() == "text/html"
            if is_page and len(str(encoded_payload(part))) > extent.page:
                long_pages.append(part)
                decoded[id(part)] = Decoded("", "ascii")
            else:
                decoded[id(part)] = _decoded(part, LARGEST_TEXT if is_page else extent.text)
        return decoded[id(part)].text

    found = body_parts(root, text_of)
    shown = [_shown(one, text_of) for one in found.texts]
    words = [decoded.get(id(one.part), Decoded("", "ascii")) for one in found.texts]
    notes = [one.note for one in words if one.guessed or one.lossy] + [one.loss for one in shown if one.loss]
    ambiguous = ["duplicate-content-type"] if len(head.headers.get("content-type", ())) > 1 else []
    ambiguous += ["several-text-parts"] if len(found.texts) > 1 else []
    text = _lines("\n".join(one.text for one in shown))[: extent.text]
    sources = {
        "html" if one.is_html else "plain" for one, part in zip(found.texts, shown, strict=True) if part.text.strip()
    }
    return replace(
        head,
        content_type=root.get_content_type(),
        text=text if text.strip() else "",
        text_from="none" if not sources else "html" if sources == {"html"} else "plain",
        quoted_by_structure=_quoted_by_structure(shown),
        doubtful=tuple(piece for one in shown for piece in one.doubtful),
        alternatives=tuple((one.page, one.text) for one in shown),
        charset=next((one.charset for one, part in zip(words, shown, strict=True) if part.text.strip()), "ascii"),
        attachments=tuple(_attachment(part, part.get_content_type(), extent) for part in found.attachments),
        losses=head.losses + tuple(Loss("text", note) for note in dict.fromkeys(notes)),
        ambiguous=tuple(ambiguous),
        closed=head.closed or bool(long_pages) or not extent.files,
    )


@dataclass(frozen=True)
class _Shown:
    """A text part as text.  `page`: the HTML that a client may show instead; `loss`: what was lost in conversion."""

    text: str
    page: str = ""
    loss: str = ""
    quoted: frozenset[int] = frozenset()  # numbers of its lines that the HTML structure calls quoted
    doubtful: tuple[str, ...] = ()


def _shown(one: TextPart, text_of: Callable[[MimePart], str]) -> _Shown:
    if one.is_html:
        visible = html_to_text(text_of(one.part))
        return _Shown(_lines(visible.text), "", visible.loss, visible.quoted, visible.doubtful)
    page = "\n".join(text_of(part) for part in one.alternative)
    marked = mark_as_page(_lines(unflowed(one.part, text_of(one.part))), page)
    return _Shown("\n".join(marked.lines), page, "", marked.quoted, unseen_beside(page))


def _quoted_by_structure(shown: Sequence[_Shown]) -> frozenset[int]:
    """The numbers of the quoted lines in the text of all parts."""
    starts = accumulate((one.text.count("\n") + 1 for one in shown), initial=0)
    return frozenset(start + i for start, one in zip(starts, shown, strict=False) for i in one.quoted)


def _attachment(part: MimePart, kind: str, extent: Extent) -> Attachment:
    payload = part.get_payload(decode=True) if extent.files else encoded_payload(part)
    size = len(payload) if isinstance(payload, (bytes, str)) else 0
    name = str(part.get_filename() or "")
    shown = decode_header(name.encode("utf-8", "surrogateescape")).text
    name = re.sub(r"[\x00-\x1f/\\]", "_", shown)[:200]
    is_kept = is_table(name) and size <= LARGEST_TABLE
    data = payload if isinstance(payload, bytes) else b""
    return Attachment(name, kind, size, data if is_kept else b"", _is_encrypted_zip(data))


def _is_encrypted_zip(data: bytes) -> bool:
    """Bit 0 of the general purpose bit flag of any entry (ZIP APPNOTE 4.4.4); of the first one if there are many."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with open_zip(data, MOST_ZIP_ENTRIES) as archive:
            return any(entry.flag_bits & 1 for entry in archive.infolist())
    except Exception:  # too large, damaged or hostile: zipfile raises several kinds
        return len(data) > 7 and bool(data[6] & 1)


def _decoded(part: MimePart, longest: int) -> Decoded:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_param("charset")
    return decode(cut_octets(data, longest * 4), charset if isinstance(charset, str) else None)


def _lines(text: str) -> str:
    flat = text[:LARGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return flat.replace("\xa0", " ").lstrip("\ufeff")


def _content_hash(mail: SplitMail) -> str:
    """SHA-256 of From, Subject, Date, Message-ID and body: trace header fields differ with the route."""
    digest = hashlib.sha256()
    for one in mail.fields:
        if one.name in _IDENTIFYING:
            digest.update(one.name.encode() + b":" + one.value + b"\n")
    digest.update(mail.body.replace(b"\r\n", b"\n").strip(b"\n"))
    return digest.hexdigest()
