"""Limits of the MIME structure, checked before it is parsed, as that costs more than in proportion (T-70, T-71)."""

import re

from mailbot.mail.body_parts import DEEPEST, MOST_PARTS
from mailbot.mail.headers import LARGEST_FIELD, MOST_SEMICOLONS

MOST_LINES = 500_000  # 25 MB of base64 have 340,000; the parser needs about 60 octets of memory for each (T-70)
LONGEST_BOUNDARY = 250  # RFC 2046 §5.1.1 allows 70; real mailers make longer ones
_CONTENT_HEADER = re.compile(rb"^content-[a-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)
_BOUNDARY = re.compile(rb"boundary\s*=\s*(?:\"([^\"\n]*)\"|([^\s;\"]+))", re.I)


def too_much(raw: bytes) -> str:
    """The code of the limit that a mail exceeds, or ""."""
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
