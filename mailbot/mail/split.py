"""`split_mail`: a mail as header fields and body (RFC 5322 §2.1), so that every reader sees the same fields.

A line of the header section that is not a field (no colon, a space inside the name, `>From …`) is left out with its
continuation lines, and the section does not end there.  Empty lines in front of the first field are left out as well.
"""

import email.policy
import re
from dataclasses import dataclass, field
from email.message import Message as MimePart
from email.parser import BytesFeedParser

LARGEST_SECTION = 128 * 1024  # octets of the header section
MOST_FIELDS = 1_000

_NAME = re.compile(rb"([!-9;-~]+)([ \t]*):(.*)", re.S)
_LEADING_EMPTY_LINES = re.compile(rb"\A(?:\r?\n)*")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_CHUNK = 64 * 1024  # octets that the MIME parser gets at a time


@dataclass(frozen=True)
class HeaderField:
    """One header field; `value` is unfolded, without leading and trailing white space."""

    name: str  # lower case
    value: bytes
    spaced: bool = False  # white space before the colon, which RFC 5322 does not allow
    octets: bytes = field(default=b"", repr=False)  # the field as received, its lines ended by CRLF


@dataclass(frozen=True)
class SplitMail:
    """The header fields, topmost first, and the body.

    `unreadable`: reason code of an exceeded limit, or "".  Then the fields within the limit are there, which may name
    the author, and nothing else of the mail is to be read.
    """

    fields: tuple[HeaderField, ...]
    body: bytes = field(repr=False)
    unreadable: str = ""


def split_mail(raw: bytes) -> SplitMail:
    """Split the octets of a mail.  Lines may end in CRLF or LF; if there is no LF at all, in CR.

    `unreadable`: header-too-large, too-many-headers.
    """
    raw = with_line_feeds(raw)
    start = _start(raw)
    end = _EMPTY_LINE.search(raw, start)
    section = raw[start : end.start() + 1] if end else raw[start:]
    body = raw[end.end() :] if end else b""
    is_too_large = len(section) > LARGEST_SECTION
    if is_too_large:
        section = section[: section.rfind(b"\n", 0, LARGEST_SECTION) + 1]
    fields: list[HeaderField] = []
    for lines in _folded_lines(section):
        match = _NAME.fullmatch(b"".join(lines))
        if match is None:
            continue
        octets = b"\r\n".join(lines) + b"\r\n"
        fields.append(HeaderField(match[1].decode("ascii").lower(), match[3].strip(), bool(match[2]), octets))
        if len(fields) > MOST_FIELDS:
            return SplitMail(tuple(fields[:-1]), body, unreadable="too-many-headers")
    if is_too_large:  # the last field may have been cut between its lines
        return SplitMail(tuple(fields[:-1]), body, unreadable="header-too-large")
    return SplitMail(tuple(fields), body)


def with_line_feeds(raw: bytes) -> bytes:
    """`raw` with CRLF for CR, when it has no LF: a mail from an old mailbox file (SMTP does not transport bare CR)."""
    return raw.replace(b"\r", b"\r\n") if b"\n" not in raw and b"\r" in raw else raw


def parse_mime(mail: SplitMail) -> MimePart:
    """The MIME structure (RFC 2045) of a mail that was split.  Raises what the email package raises.

    The parser gets each field on one line, without CR: it would begin a new field at a CR, and the body at a line
    that is not a field.
    """
    parser = BytesFeedParser(policy=email.policy.compat32)
    for one in mail.fields:
        parser.feed(one.name.encode("ascii") + b": " + one.value.replace(b"\r", b" ") + b"\r\n")
    parser.feed(b"\r\n")
    for at in range(0, len(mail.body), _CHUNK):
        parser.feed(mail.body[at : at + _CHUNK])
    return parser.close()


def encoded_payload(part: MimePart) -> object:
    """What `get_payload` of a part returns, before its transfer encoding is decoded.

    The email package decodes 8-bit text by its charset parameter, and raises for names that are codecs of Python and
    no charsets (punycode, idna, undefined): then it is the octets.
    """
    try:
        return part.get_payload()
    except UnicodeError:
        return part.get_payload(decode=True)


def _start(raw: bytes) -> int:
    match = _LEADING_EMPTY_LINES.match(raw)
    return match.end() if match else 0


def _folded_lines(section: bytes) -> list[list[bytes]]:
    """The lines of each field: continuation lines begin with white space (RFC 5322 §2.2.3)."""
    found: list[list[bytes]] = []
    for line in section.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t") and found:
            found[-1].append(line)
        else:
            found.append([line])
    return found
