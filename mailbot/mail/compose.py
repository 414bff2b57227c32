"""`compose`: a message with text and HTML part and attachments as RFC 5322 octets.  Deterministic.

The structure is always the same, so it is written as octets at once; `email` encodes words and parameters.  The octets
are those that `email.generator` would write for the same message.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.header import Header
from email.mime.nonmultipart import MIMENonMultipart
from email.parser import BytesParser
from email.policy import compat32
from email.utils import format_datetime
from functools import lru_cache

from mailbot.base64_lines import base64_lines
from mailbot.clock import TOKYO
from mailbot.errors import Permanent
from mailbot.mail import jis
from mailbot.mail.envelope import address_problem
from mailbot.model.people import Charset
from mailbot.text import one_line

# No folding by the library: it would break a long Reply-To right after its colon, which old clients misread.
_LONGEST_LINE = 900  # octets; RFC 5321 §4.5.3.1.6 allows 998
_POLICY = compat32.clone(linesep="\r\n", max_line_length=None, mangle_from_=False)
# A value that the policy leaves as it is: words of visible ASCII, a blank or a folding between them.
_PLAIN_VALUE = re.compile(r"[!-~]+(?:(?: |\n )[!-~]+)*")
_ANY_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class AttachedFile:
    """An attachment."""

    name: str
    content_type: str  # type/subtype
    data: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NewMessage:
    """The input of `compose`: header values, both texts and attachments of a message.  Names and texts are decoded."""

    from_name: str
    from_address: str
    to_name: str
    to_address: str
    reply_to: str
    subject: str
    text: str
    html: str
    message_id: str  # with angle brackets
    date: datetime
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    extra_headers: Mapping[str, str] = field(default_factory=dict)
    auto_submitted: str = "auto-generated"  # RFC 3834 §5
    language: str = "ja"
    charset: Charset = Charset.UTF_8  # UTF-8 is used instead when the texts have other characters
    attachments: tuple[AttachedFile, ...] = ()


def compose(message: NewMessage) -> bytes:
    """The message as octets with CRLF line ends.

    Raises Permanent when an address is invalid, or when the result has other header fields than intended: a value with
    a line break must not inject a field (CVE-2024-6923, T-82).
    """
    for address in (message.from_address, message.to_address, message.reply_to):
        problem = address_problem(address, smtputf8=True)
        if problem:
            raise Permanent("A notice could not be addressed.", f"{one_line(address)!r}: {problem}")
    if message.charset is Charset.ISO_2022_JP:
        message = _for_old_clients(message)
    headers = _headers(message)
    boundary = _boundary(message, "words")
    top, body = _multipart(
        "alternative",
        boundary,
        (_part(message.text, "plain", message.charset), _part(message.html, "html", message.charset)),
    )
    if message.attachments:
        words = _octets(top, body)
        files = (_file(one, message.charset) for one in message.attachments)
        top, body = _multipart("mixed", _boundary(message, "mixed"), (words, *files))
    section = _section(top | headers)
    _check(section, {"Content-Type", "MIME-Version", *headers})
    return section + b"\r\n" + body


def _multipart(subtype: str, boundary: str, parts: Iterable[bytes]) -> tuple[dict[str, str], bytes]:
    """Header fields and body of a multipart (RFC 2046 §5.1) of `parts`."""
    fields = {"Content-Type": f'multipart/{subtype}; boundary="{boundary}"', "MIME-Version": "1.0"}
    between = f"--{boundary}".encode()
    return fields, b"".join(between + b"\r\n" + part + b"\r\n" for part in parts) + between + b"--\r\n"


def _octets(fields: Mapping[str, str], body: bytes) -> bytes:
    return _section(fields) + b"\r\n" + body


def _section(fields: Mapping[str, str]) -> bytes:
    """The header section, without the empty line behind it."""
    return b"".join(
        f"{name}: {value}\n".encode().replace(b"\n", b"\r\n")
        if _PLAIN_VALUE.fullmatch(value)
        else _POLICY.fold_binary(name, value)
        for name, value in fields.items()
    )


def _for_old_clients(message: NewMessage) -> NewMessage:
    """The message with texts mapped to ISO-2022-JP; in UTF-8 when text or names have other characters (such as 髙).

    No character is lost; HTML has character references for the others.
    """
    text, subject = jis.map_to_jis(message.text), jis.map_to_jis(message.subject)
    sender, reader = jis.map_to_jis(message.from_name), jis.map_to_jis(message.to_name)
    if not all(jis.encodable(one) for one in (text, subject, sender, reader)):
        return replace(message, charset=Charset.UTF_8)
    html = jis.with_character_references(message.html)
    return replace(message, text=text, subject=subject, html=html, from_name=sender, to_name=reader)


def _boundary(message: NewMessage, of: str) -> str:
    """Derived from the Message-ID, so that composing again gives the same octets."""
    about = message.message_id if of == "words" else f"{of}:{message.message_id}"
    return "=_" + hashlib.sha256(about.encode()).hexdigest()[:40]


def _file(attached: AttachedFile, charset: Charset) -> bytes:
    """The attachment, its name in RFC 2231 syntax, and for old clients also as an encoded word in Content-Type."""
    main, _, sub = attached.content_type.partition("/")
    part = MIMENonMultipart(main, sub)
    for parameter, value in attached.parameters.items():
        part.set_param(parameter, value)
    part["Content-Transfer-Encoding"] = "base64"
    name = one_line(attached.name)
    part.set_param("name", name if name.isascii() else _words(name, charset).replace("\n ", " "))
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    return _octets(dict(part.items()), base64_lines(attached.data))


def _headers(message: NewMessage) -> dict[str, str]:
    headers = {
        "From": _mailbox(message.from_name, message.from_address, message.charset),
        "To": _mailbox(message.to_name, message.to_address, message.charset),
        "Reply-To": message.reply_to,
        "Subject": _words(message.subject, message.charset),
        "Date": format_datetime(message.date.astimezone(TOKYO)),
        "Message-ID": one_line(message.message_id),
    }
    if message.in_reply_to:
        headers["In-Reply-To"] = one_line(message.in_reply_to)
    if message.references:
        headers["References"] = "\n ".join(one_line(i) for i in _shortened(message.references))
    headers["Auto-Submitted"] = message.auto_submitted
    headers["X-Auto-Response-Suppress"] = "All"
    headers["Content-Language"] = message.language
    headers.update((name, _words(value, message.charset)) for name, value in message.extra_headers.items())
    return headers


def _shortened(references: tuple[str, ...]) -> tuple[str, ...]:
    """The first and the latest 19 when there are more than 20 (like RFC 5537 §3.4.4)."""
    return references if len(references) <= 20 else (references[0], *references[-19:])


@lru_cache(maxsize=512)  # names and subjects come again
def _words(text: str, charset: Charset) -> str:
    flat = one_line(text)
    if flat.isascii():
        return flat
    used = charset if jis.encodable(flat) else Charset.UTF_8
    return Header(flat, used.value, header_name="X" * 20, maxlinelen=75).encode()


def _mailbox(name: str, address: str, charset: Charset) -> str:
    flat = one_line(name)
    if not flat:
        return address
    if flat.isascii():
        quoted = flat.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{_words(flat, charset)} <{address}>"


def _part(text: str, subtype: str, charset: Charset) -> bytes:
    """base64, for short lines; plain text in ISO-2022-JP as 7bit."""
    data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode(charset.value)
    fields = {"Content-Type": f'text/{subtype}; charset="{charset.value}"', "MIME-Version": "1.0"}
    if charset is Charset.ISO_2022_JP and max(map(len, data.split(b"\r\n"))) <= _LONGEST_LINE:
        return _octets(fields | {"Content-Transfer-Encoding": "7bit"}, _ANY_LINE_END.sub(b"\r\n", data))
    return _octets(fields | {"Content-Transfer-Encoding": "base64"}, base64_lines(data))


def _check(section: bytes, meant: set[str]) -> None:
    found = BytesParser(policy=compat32).parsebytes(section, headersonly=True).keys()
    if sorted(found) != sorted(meant):
        odd = set(found) ^ meant
        raise Permanent("A notice could not be written.", f"its headers came out otherwise than meant: {sorted(odd)}")
