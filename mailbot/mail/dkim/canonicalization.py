"""The canonical forms that are hashed (RFC 6376 §3.4, §3.7).  Linear in the length of the mail."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from mailbot.mail.split import HeaderField

_BLANKS = re.compile(rb"[ \t]+")
_CRLF = b"\r\n"


class Form(StrEnum):
    """A canonicalization algorithm."""

    SIMPLE = "simple"
    RELAXED = "relaxed"


def canonical_field(octets: bytes, form: Form) -> bytes:
    """A header field, from its octets to the CRLF at its end (§3.4.1, §3.4.2)."""
    if form is Form.SIMPLE:
        return octets
    name, _, value = octets.partition(b":")
    unfolded = _BLANKS.sub(b" ", value.replace(_CRLF, b"")).strip(b" ")
    return name.rstrip(b" \t").lower() + b":" + unfolded + _CRLF


def canonical_body(body: bytes, form: Form) -> bytes:
    """A body (§3.4.3, §3.4.4); LF counts as CRLF."""
    if body.count(b"\n") != body.count(_CRLF):
        body = body.replace(_CRLF, b"\n").replace(b"\n", _CRLF)
    if form is Form.RELAXED:
        body = _BLANKS.sub(b" ", body).replace(b" \r\n", _CRLF).removesuffix(b" ")
    end = len(body)
    while body.endswith(_CRLF, 0, end):
        end -= 2
    if end == 0:
        return _CRLF if form is Form.SIMPLE else b""
    return body[:end] + _CRLF


def signed_octets(fields: Sequence[HeaderField], names: Sequence[str], signature: bytes, form: Form) -> bytes:
    """What b= signs: the fields in `names`, and the DKIM-Signature field with an empty b= (`without_b`) (§3.7)."""
    parts = [canonical_field(one.octets, form) for one in _selected(fields, names)]
    return b"".join(parts) + canonical_field(signature, form).removesuffix(_CRLF)


def without_b(octets: bytes) -> bytes:
    """A DKIM-Signature field whose b= is empty, and the white space around it is deleted (§3.7)."""
    name, _, value = octets.partition(b":")
    tags = value.removesuffix(_CRLF).split(b";")
    emptied = [tag[: tag.index(b"=") + 1] if tag.partition(b"=")[0].strip() == b"b" else tag for tag in tags]
    return name + b":" + b";".join(emptied) + _CRLF


def _selected(fields: Sequence[HeaderField], names: Sequence[str]) -> Iterator[HeaderField]:
    """For each name the next field of it from the bottom up; nothing for one that is not there (§5.4.2)."""
    left: dict[str, list[HeaderField]] = {}
    for one in fields:
        left.setdefault(one.name, []).append(one)
    for name in names:
        if left.get(name):
            yield left[name].pop()
