"""The values of header fields (RFC 5322 §3.6): strict parsing of From; addresses and message identifiers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.mail.charsets import decode, decode_header
from mailbot.mail.envelope import address_problem
from mailbot.mail.split import HeaderField
from mailbot.text import nfkc

LARGEST_FIELD = 8 * 1024  # octets of one field; longer ones are not parsed (T-70)
MOST_SEMICOLONS = 100

_ADDRESS = r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\]{1,255}"
_LOCAL_IN_QUOTES = r"\"[^\s\"\\@<>]{1,62}\"@[^\s@<>()\[\],;:\"\\]{1,255}"
_ANGLE = re.compile(rf"([^<>]*)<\s*({_ADDRESS}|{_LOCAL_IN_QUOTES})\s*>")
_BARE = re.compile(rf"(?:{_ADDRESS}|{_LOCAL_IN_QUOTES})")
_COMMENT = re.compile(r"\([^()<>@]*\)")
# An address as a reader may take a display name for one: with a dot in its domain.
_LOOKS_LIKE_ADDRESS = re.compile(r"[^\s@<>(),;:\"]+@[^\s@<>(),;:\"]*[^\s@<>(),;:\".]\.[^\s@<>(),;:\".]+")
_ANY_ADDRESS = re.compile(_ADDRESS)


@dataclass(frozen=True)
class Author:
    """The author of a mail (From).  `address` is "" when From is not exactly one unambiguous mailbox.

    `display_name` is "" when it contains another address, which a reader could take for the author's.
    """

    address: str = ""
    display_name: str = ""


NO_AUTHOR = Author()


def read_author(fields: Sequence[HeaderField]) -> tuple[Author, str]:
    """The author and "", or the reason code and what is known of the author (T-15, T-16).

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
    """Exactly one addr-spec; around it whatever programs write as a display name, if it is no other address.

    RFC 5322 §3.4 asks for quotes around a comma, a bracket or a dot in a display name; real programs leave them out.
    """
    bare = _COMMENT.sub(" ", value).strip()
    match = _ANGLE.fullmatch(bare)
    spec, phrase = (match[2], match[1].strip()) if match else (bare, "")
    if not match and not _BARE.fullmatch(bare):
        several = len(_ANY_ADDRESS.findall(bare)) > 1
        return Author(), "two-from-addresses" if several else "from-syntax"
    local, _, domain = spec.rpartition("@")
    address = f"{local.strip(chr(34))}@{domain.removesuffix('.')}"
    if not address.isascii() or address_problem(address) or phrase.endswith(":"):
        return Author(), "from-syntax"
    name = decode_header(phrase.encode("utf-8", "surrogateescape")).text.strip().strip('"').replace('\\"', '"').strip()
    others = [found for found in _LOOKS_LIKE_ADDRESS.findall(nfkc(name)) if found.casefold() != address.casefold()]
    if others:
        return Author(address), "at-in-display-name"
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
