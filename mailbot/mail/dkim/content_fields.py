"""Whether a body could be read in another way, had somebody changed Content-Type and Content-Transfer-Encoding (T-22).

Many providers do not sign these fields (RFC 6376 §5.4.1 only recommends it), but every signature that counts covers the
octets of the whole body.  Where these allow a single reading, the fields add nothing that could be forged.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Collection
from dataclasses import replace
from email.message import Message as MimePart

from mailbot.mail.charsets import decode
from mailbot.mail.split import SplitMail, parse_mime

NAMES = ("content-type", "content-transfer-encoding")
LONGEST = 1_000_000  # octets of a body without parts
_KINDS = frozenset({"multipart/mixed", "multipart/alternative", "multipart/related", "multipart/signed"})
_IDENTITY = frozenset({"7bit", "8bit", "binary"})
# A line that may separate parts: it is followed by a MIME header field, as in every part that a mail program writes.
_DELIMITER = re.compile(rb"^--([^\r\n]{1,70}?)[ \t]*\r?\n(?:content-|mime-)", re.IGNORECASE | re.MULTILINE)
_DASHES = re.compile(rb"^--", re.MULTILINE)
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4,100}\r?\n)*[A-Za-z0-9+/]*={0,2}\s*")
_ESCAPE = re.compile(rb"=(?:[0-9A-F]{2}|[ \t]*\r?\n)")
_LETTER = re.compile(rb"=[0-9A-F]{2}")
_PAGE = re.compile(
    r"\s*<(?:!doctype|!--|\?xml|html|head|body|meta|style|title|div|p|br|span|font|table|center|a|b)\b", re.I
)
_FLOWED = re.compile(r"^(?!>|-- $).* $", re.MULTILINE)


def other_reading(mail: SplitMail, signed: Collection[str]) -> str:
    """Why the body could be read otherwise under other values of those of the two fields that are not in `signed`.

    "" when it could not.  A field that is not there could have been removed.
    """
    head = parse_mime(replace(mail, body=b""))
    if any(len(head.get_all(name, [])) > 1 for name in NAMES):
        return "it occurs twice"
    encoding = str(head.get("content-transfer-encoding", "7bit")).strip().lower()
    if NAMES[0] in signed:
        return "" if head.get_content_maintype() == "multipart" else _encoding(encoding, mail.body)
    delimiter = _DELIMITER.search(mail.body)
    if delimiter is not None:
        return _parts(head, encoding, delimiter, mail.body)
    if head.get_content_maintype() == "multipart":
        return "the body has no parts"
    if len(mail.body) > LONGEST:
        return "the body is long"
    problem = "" if NAMES[1] in signed else _encoding(encoding, mail.body)
    return problem or _text(parse_mime(mail))


def _parts(head: MimePart, encoding: str, delimiter: re.Match[bytes], body: bytes) -> str:
    """Only the outermost boundary begins the body and ends it; the parts have fields of their own, which are signed."""
    boundary = delimiter[1]
    if head.get_content_type() not in _KINDS or encoding not in _IDENTITY:
        return "the body has parts"
    if str(head.get_boundary("")).encode("utf-8", "surrogateescape") != boundary or boundary.endswith(b"--"):
        return "the body begins with another boundary"
    if _DASHES.search(body, 0, delimiter.start()) or not body.rstrip().endswith(b"\n--" + boundary + b"--"):
        return "there is text outside of the parts"
    return ""


def _encoding(encoding: str, body: bytes) -> str:
    if len(body) > LONGEST:
        return "the body is long"
    possible = _possible_encodings(body)
    if encoding in possible:
        return ""
    return "the body is in another encoding" if possible else "the body could be in another encoding"


def _text(part: MimePart) -> str:
    octets = part.get_payload(decode=True)
    if not isinstance(octets, bytes):
        return "the text is of another type"
    charset = part.get_param("charset")
    read = decode(octets, charset if isinstance(charset, str) else None)
    if read.lossy or read.text != decode(octets, None).text:
        return "the text could be in another charset"
    is_page = _PAGE.match(read.text) is not None
    if part.get_content_type() != ("text/html" if is_page else "text/plain"):
        return "the text is of another type"
    if not is_page and _FLOWED.search(read.text.replace("\r\n", "\n")):
        return "lines of the text could be joined (format=flowed)"
    return ""


def _possible_encodings(body: bytes) -> frozenset[str]:
    """The encodings that the body can be in, all with one result; none when there are several results."""
    if _is_base64(body):
        return frozenset({"base64"})
    if b"=" not in body and not re.search(rb"[ \t]+\r?$", body, re.MULTILINE):
        return _IDENTITY | {"quoted-printable"}
    if not body.isascii() or len(_ESCAPE.findall(body)) < body.count(b"="):
        return _IDENTITY  # no encoder of quoted-printable writes such octets
    return frozenset({"quoted-printable"}) if _LETTER.search(body) else frozenset()


def _is_base64(body: bytes) -> bool:
    if len(body.split(None, 1)) == 0 or not _BASE64.fullmatch(body):
        return False
    try:
        b64decode(b"".join(body.split()), validate=True)
    except Base64Error:
        return False
    return True
