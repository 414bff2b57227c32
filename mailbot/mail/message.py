"""`read`: parse any octets as a message (RFC 5322, MIME).  Never raises; limits are checked before MIME parsing.

`read_head` reads the header section alone, `Extent` bounds the rest.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message as MimePart
from email.utils import parsedate_to_datetime
from functools import cached_property

from mailbot.file_names import is_table
from mailbot.mail.charsets import Decoded, decode, decode_header
from mailbot.mail.extent import LARGEST_TEXT, WHOLE, Extent
from mailbot.mail.headers import (
    LARGEST_FIELD,
    MOST_SEMICOLONS,
    NO_AUTHOR,
    Author,
    addresses_in,
    message_ids_in,
    read_author,
)
from mailbot.mail.html import VisibleText, html_to_text
from mailbot.mail.split import HeaderField, SplitMail, parse_mime, split_mail, with_line_feeds
from mailbot.zip_files import open_zip

MOST_PARTS = 100
MOST_LINES = 500_000  # 25 MB of base64 have 340,000; the parser needs about 60 octets of memory for each (T-70)
DEEPEST = 10
MOST_ZIP_ENTRIES = 1_000  # of an archive whose entries are looked at for encryption
LONGEST_BOUNDARY = 70  # RFC 2046 §5.1.1
LARGEST_TABLE = 5_000_000  # octets of an attached table that is read
_CONTENT_HEADER = re.compile(rb"^content-[a-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)
_BOUNDARY = re.compile(rb"boundary\s*=\s*(?:\"([^\"\n]*)\"|([^\s;\"]+))", re.I)
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
    text: str = ""  # of the plain part, else of the HTML part; line ends \n
    text_from: str = "none"  # plain | html | none
    page: str = field(default="", repr=False)  # the HTML part
    charset: str = "ascii"
    attachments: tuple[Attachment, ...] = ()
    losses: tuple[Loss, ...] = ()
    ambiguous: tuple[str, ...] = ()  # codes of structures that parsers interpret differently
    content_hash: str = ""  # hexadecimal SHA-256, independent of trace header fields
    unreadable: str = ""
    closed: bool = False  # what lies beyond an extent was not read: attached files, a long page, the end of the text

    @cached_property
    def html_text(self) -> str:
        """The visible text of the HTML part: laid out only when it is asked for, because that costs most."""
        return self.text if self.text_from == "html" else _lines(html_to_text(self.page).text)


def read_head(raw: bytes) -> Message:
    """The header section of a mail alone (RFC 5322 octets): enough to judge its sender."""
    mail = split_mail(raw)
    return Message(unreadable=mail.problem) if mail.problem else _read_headers(mail.fields, "")


def read(raw: bytes, extent: Extent = WHOLE) -> Message:
    """Parse a mail (RFC 5322 octets), within `extent`."""
    mail = split_mail(raw)
    content_hash = _content_hash(mail)
    if mail.problem:
        return Message(content_hash=content_hash, unreadable=mail.problem)
    head = _read_headers(mail.fields, content_hash)
    given = raw[: extent.octets]
    if reason := _too_much(with_line_feeds(given)):
        return replace(head, unreadable=reason)
    if with_line_feeds(given) is not given:
        head = replace(head, losses=(*head.losses, Loss("message", "its lines ended in CR alone")))
    shown = replace(mail, body=mail.body[: extent.octets])
    try:
        return _read_body(shown, replace(head, closed=len(shown.body) < len(mail.body)), extent)
    except MemoryError:  # a limit of the process, not of the parser
        raise
    except (Exception, RecursionError) as error:  # the parser raises several kinds; the mail is quarantined
        return replace(head, unreadable="parse-error", ambiguous=(type(error).__name__,))


def _too_much(raw: bytes) -> str:
    """The code of an exceeded limit, or "": the cost of the MIME parser is not linear in the size (T-70, T-71)."""
    if raw.count(b"\n") > MOST_LINES:
        return "too-many-lines"
    flat = raw.replace(b"\r\n", b"\n")
    boundaries: set[bytes] = set()
    embedded = 0
    for match in _CONTENT_HEADER.finditer(flat):
        header = match.group()
        if len(header) > LARGEST_FIELD or header.count(b";") > MOST_SEMICOLONS:
            return "header-too-complex"
        embedded += b"message/" in header.lower()
        for quoted, plain in _BOUNDARY.findall(header):
            boundaries.add(quoted or plain)
    if any(len(boundary) > LONGEST_BOUNDARY for boundary in boundaries):
        return "boundary-too-long"
    if len(boundaries) > 2 * DEEPEST or embedded > DEEPEST:
        return "too-deep"
    parts = sum(flat.count(b"\n--" + boundary) for boundary in boundaries if boundary)
    return "too-many-parts" if parts > MOST_PARTS + len(boundaries) else ""


def _read_headers(fields: Sequence[HeaderField], content_hash: str) -> Message:
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
        content_hash=content_hash,
    )


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _read_body(mail: SplitMail, head: Message, extent: Extent) -> Message:
    root = parse_mime(mail)
    plain: MimePart | None = None
    html: MimePart | None = None
    attachments: list[Attachment] = []
    ambiguous = ["duplicate-content-type"] if len(head.headers.get("content-type", ())) > 1 else []
    for part in _leaves(root):
        kind = part.get_content_type()
        if kind.startswith("multipart/"):
            kind = "text/plain"  # a multipart without a valid boundary is read as text
        if _is_attachment(part) or kind not in ("text/plain", "text/html"):
            attachments.append(_attachment(part, kind, extent))
        elif kind == "text/plain" and plain is None:
            plain = part
        elif kind == "text/html" and html is None:
            html = part
        else:
            ambiguous.append("several-text-parts")
    words = _decoded(plain, extent.text) if plain is not None else Decoded("", "ascii")
    long_page = html is not None and len(str(html.get_payload())) > extent.page
    page = _decoded(html, LARGEST_TEXT) if html is not None and not long_page else Decoded("", "ascii")
    text = _lines(_unflowed(plain, words.text) if plain is not None else "")[: extent.text]
    shown = VisibleText("") if text.strip() else html_to_text(page.text)  # beside a plain part: Message.html_text
    visible = _lines(shown.text)
    chosen, source = (words, "plain") if text.strip() else (page, "html") if visible.strip() else (words, "none")
    notes = [chosen.note] if chosen.guessed or chosen.lossy else []
    notes += [shown.loss] if source == "html" and shown.loss else []
    return replace(
        head,
        content_type=root.get_content_type(),
        text=text if source == "plain" else visible if source == "html" else "",
        text_from=source,
        page=page.text,
        charset=chosen.charset,
        attachments=tuple(attachments),
        losses=head.losses + tuple(Loss("text", note) for note in notes),
        ambiguous=tuple(dict.fromkeys(ambiguous)),
        closed=head.closed or long_page or not extent.files,
    )


def _leaves(root: MimePart) -> Iterator[MimePart]:
    """The leaf parts in order, without those of an attached message/rfc822 (T-33)."""
    waiting: list[tuple[MimePart, int]] = [(root, 0)]
    seen = 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > MOST_PARTS or depth > DEEPEST:
            raise ValueError("too many parts")
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [(child, depth + 1) for child in reversed(payload) if isinstance(child, MimePart)]
        else:
            yield part


def _is_attachment(part: MimePart) -> bool:
    disposition = str(part.get("content-disposition", "")).strip().lower()
    return disposition.startswith("attachment") or (part.get_filename() is not None and "inline" not in disposition)


def _attachment(part: MimePart, kind: str, extent: Extent) -> Attachment:
    payload = part.get_payload(decode=True) if extent.files else part.get_payload()
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
    return decode(data[: longest * 4], charset if isinstance(charset, str) else None)


def _unflowed(part: MimePart, text: str) -> str:
    """Unwrap format=flowed (RFC 3676 §4): a line that ends in a space continues in the next one."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    joiner = "" if str(part.get_param("delsp") or "").lower() == "yes" else " "
    lines: list[str] = []
    open_line = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if open_line and not line.startswith(">"):
            lines[-1] = lines[-1].rstrip(" ") + joiner + line
        else:
            lines.append(line)
        open_line = line.endswith(" ") and line != "-- " and not line.startswith(">")
    return "\n".join(lines)


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
