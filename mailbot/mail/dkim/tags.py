"""Tag lists (RFC 6376 §3.2), the syntax of DKIM-Signature fields and key records."""

import base64
import binascii
import re

_WHITE_SPACE = b" \t\r\n"
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_]*")
_DOMAIN = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
LONGEST_DOMAIN = 253  # characters


class InvalidTags(Exception):
    """A signature or a key record that cannot be used; the text says why."""


def read_tags(octets: bytes) -> dict[str, bytes]:
    """Name → value of each tag, without white space around it.  Raises InvalidTags."""
    parts = octets.split(b";")
    if not parts[-1].strip(_WHITE_SPACE):
        parts.pop()  # the last semicolon may end the list
    tags: dict[str, bytes] = {}
    for part in parts:
        name, equals, value = part.partition(b"=")
        name = name.strip(_WHITE_SPACE)
        if not equals or not _NAME.fullmatch(name):
            raise InvalidTags("a tag has no name or no value")
        if name.decode("ascii") in tags:
            raise InvalidTags(f"{name.decode('ascii')}= occurs twice")
        tags[name.decode("ascii")] = value.strip(_WHITE_SPACE)
    return tags


def without_white_space(value: bytes) -> bytes:
    """`value` without spaces, tabs and line ends anywhere."""
    return b"".join(value.split())


def as_words(value: bytes) -> tuple[str, ...]:
    """The elements of a colon-separated list, in lower case."""
    return tuple(one.strip(_WHITE_SPACE).decode("ascii", "replace").lower() for one in value.split(b":"))


def as_domain(value: bytes, tag: str) -> str:
    """A domain name or a selector, in lower case.  Raises InvalidTags."""
    text = value.decode("ascii", "replace").lower()
    if len(text) > LONGEST_DOMAIN or not _DOMAIN.fullmatch(text):
        raise InvalidTags(f"{tag}= is not a domain name")
    return text


def as_octets(value: bytes, tag: str) -> bytes:
    """Base64 with white space anywhere.  Raises InvalidTags."""
    flat = without_white_space(value)
    try:
        if not flat or not _BASE64.fullmatch(flat):
            raise binascii.Error
        return base64.b64decode(flat)
    except binascii.Error:
        raise InvalidTags(f"{tag}= is not base64") from None


def as_seconds(value: bytes | None, tag: str) -> int | None:
    """Seconds since 1970.  Raises InvalidTags."""
    if value is None:
        return None
    if not value.isdigit() or len(value) > 12:
        raise InvalidTags(f"{tag}= is not a number of seconds")
    return int(value)
