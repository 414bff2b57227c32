"""The id of a session, which is its cookie: random, with a MAC, so that an invented one is refused without a query."""

import hashlib
import hmac
import re
from base64 import b32encode

_SHAPE = re.compile(r"([a-z2-7]{32})([a-z2-7]{32})")
_MAC_BYTES = 20  # 160 bits


def session_id(key: bytes, secret: str) -> str:
    """`secret`: random base32 of 32 characters."""
    return secret + _mac(key, secret)


def is_genuine(text: str, *keys: bytes) -> bool:
    """Whether the desk has made this id; its session may have ended."""
    match = _SHAPE.fullmatch(text)
    # A list: each key is compared, so that the time does not tell which fits.
    return match is not None and any([hmac.compare_digest(match[2], _mac(key, match[1])) for key in keys])


def _mac(key: bytes, secret: str) -> str:
    digest = hmac.new(key, f"session:{secret}".encode(), hashlib.sha256).digest()
    return b32encode(digest[:_MAC_BYTES]).decode("ascii").lower()
