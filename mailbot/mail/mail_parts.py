"""A stored mail for people who look at it: its header section, its HTML, and its attached files one by one."""

import re
from dataclasses import dataclass, field
from email.message import Message as MimePart

from mailbot.mail.body_parts import BodyParts, body_parts
from mailbot.mail.charsets import cut_octets, decode, decode_header
from mailbot.mail.mime_limits import too_much
from mailbot.mail.split import encoded_payload, parse_mime, split_mail, with_line_feeds

LONGEST_HEADER = 30_000  # octets of the header section that are shown
_LONGEST_TEXT = 500_000  # characters of a part that is shown


@dataclass(frozen=True)
class MailPart:
    """An attached file.  `number`: from 0; `name`: as its sender has named it, for a file system; `size`: octets."""

    number: int
    name: str
    content_type: str  # as the mail says
    size: int
    data: bytes = field(default=b"", repr=False)

    @property
    def is_mail(self) -> bool:
        """Whether it is a mail, which may contain reply addresses."""
        return self.content_type.startswith("message/") or self.name.lower().endswith((".eml", ".msg"))


@dataclass(frozen=True)
class MailParts:
    """What a mail consists of; without its parts when it exceeds a limit, or its MIME structure cannot be parsed."""

    header: str
    size: int  # octets of the mail
    html: str = field(default="", repr=False)  # of all its pages, as they were written
    files: tuple[MailPart, ...] = ()
    problem: str = ""  # code of model.reasons, or parse-error


def mail_parts(raw: bytes) -> MailParts:
    """Take a mail (RFC 5322 octets) apart.  Never raises, except MemoryError."""
    mail = split_mail(raw)
    section = re.split(rb"\r?\n\r?\n", raw[:LONGEST_HEADER].lstrip(b"\r\n"), maxsplit=1)[0]
    header = section.replace(b"\r\n", b"\n").decode("utf-8", "replace")
    problem = mail.unreadable or too_much(with_line_feeds(raw))
    if problem:
        return MailParts(header, len(raw), problem=problem)
    try:
        found = body_parts(parse_mime(mail), _text)
        html = "\n<hr>\n".join(_text(part) for part in _pages(found))
        files = tuple(_file(number, part) for number, part in enumerate(found.attachments))
    except MemoryError:
        raise
    except (Exception, RecursionError):  # as `message.read`: the parser raises several kinds
        return MailParts(header, len(raw), problem="parse-error")
    return MailParts(header, len(raw), html, files)


def _pages(found: BodyParts) -> list[MimePart]:
    return [part for one in found.texts for part in ((one.part,) if one.is_html else one.alternative)]


def _file(number: int, part: MimePart) -> MailPart:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):  # a mail that is attached
        inner = encoded_payload(part)
        data = (
            b"".join(one.as_bytes() for one in inner if isinstance(one, MimePart)) if isinstance(inner, list) else b""
        )
    kind = part.get_content_type()
    name = decode_header(str(part.get_filename() or "").encode("utf-8", "surrogateescape")).text
    name = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]", "_", name).strip(". ")[:120]
    return MailPart(
        number, name or f"{number + 1}.{'eml' if kind == 'message/rfc822' else 'bin'}", kind, len(data), data
    )


def _text(part: MimePart) -> str:
    payload = part.get_payload(decode=True)
    charset = part.get_param("charset")
    data = cut_octets(payload if isinstance(payload, bytes) else b"", _LONGEST_TEXT * 4)
    return decode(data, charset if isinstance(charset, str) else None).text[:_LONGEST_TEXT]
