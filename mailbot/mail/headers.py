"""The values of header fields (RFC 5322 §3.6): strict parsing of From; addresses and message identifiers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.mail.charsets import decode, decode_header
from mailbot.mail.envelope import address_problem
from mailbot.mail.split import HeaderField

LARGEST_FIELD = 8 * 1024  # octets of one field; longer ones are not parsed (T-70)
MOST_SEMICOLONS = 100

_ADDRESS = r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\]{1,255}"
_AUTHOR = re.compile(
    rf"(?:(\"[^\"\\]*(?:\\.[^\"\\]*)*\"|[^\"<>@,;:()\\]*|[^\"<>,;()\\]*@[^\"<>,;()\\]*)[ ]*<({_ADDRESS})>|({_ADDRESS}))"
)
_COMMENT = re.compile(r"\s*\([^()<>@]*\)\s*$")
_ANY_ADDRESS = re.compile(_ADDRESS)


@dataclass(frozen=True)
class Author:
    """The author of a mail (From).  `address` is "" when From is not exactly one unambiguous mailbox."""

    address: str = ""
    display_name: str = ""


NO_AUTHOR = Author()


def read_author(fields: Sequence[HeaderField]) -> tuple[Author, str]:
    """The author and "", or NO_AUTHOR and the reason code (T-15, T-16).

    Codes: no-from, two-from-headers, from-syntax, two-from-addresses, at-in-display-name.
    """
    authors = [f for f in fields if f.name == "from"]
    if not authors:
        return Author(), "no-from"
    if len(authors) > 1:
        return Author(), "two-from-headers"
    value = authors[0].value
    if (
        authors[0].spaced
        or len(value) > LARGEST_FIELD
        or re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", value.replace(b"\x1b", b""))
    ):
        return Author(), "from-syntax"
    return _one_author(decode_structured(value))


def _one_author(value: str) -> tuple[Author, str]:
    bare = _COMMENT.sub("", value).strip()
    match = _AUTHOR.fullmatch(bare)
    if match is None:
        several = len(_ANY_ADDRESS.findall(bare)) > 1
        return Author(), "two-from-addresses" if several else "from-syntax"
    address = match[2] or match[3]
    name = (
        decode_header((match[1] or "").strip().encode("utf-8", "surrogateescape")).text.strip('"').replace('\\"', '"')
    )
    if not address.isascii() or address_problem(address):
        return Author(), "from-syntax"
    if "@" in name and name.strip().casefold() != address.casefold():
        return Author(), "at-in-display-name"
    return Author(address, name), ""


def decode_structured(value: bytes) -> str:
    """A structured value as text: raw 8-bit octets are decoded, encoded words are not."""
    return decode(value, None).text


def addresses_in(value: bytes) -> tuple[str, ...]:
    """Every addr-spec in a To or Cc field, at most 100."""
    return tuple(_ANY_ADDRESS.findall(decode_structured(value[:LARGEST_FIELD])))[:100]


def message_ids_in(value: bytes) -> tuple[str, ...]:
    """Every msg-id `<…>` in a References or In-Reply-To field, at most 200."""
    return tuple(m.decode("ascii", "replace") for m in re.findall(rb"<[^<>\s]{1,250}>", value)[:200])
