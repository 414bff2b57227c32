"""The second factor of a log-in: a time-based one-time password (RFC 6238) of six digits, from an app."""

import re
from base64 import b32encode
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

KEY_OCTETS = 20  # RFC 4226 §4, R6
DIGITS = 6
STEP_SECONDS = 30
_SLACK = 1  # steps that a clock may be ahead or behind (RFC 6238 §5.2)


def accepted_step(key: bytes, code: str, seconds: float, last_step: int) -> int | None:
    """The time step that `code` is of, None when it is wrong, too old, or of no later step than `last_step`.

    `seconds`: since the epoch; `last_step`: of the code that was accepted last, so that each code counts once
    (RFC 6238 §5.2).  Blanks within the code are ignored.
    """
    digits = re.sub(r"\s", "", code)
    if not key or not re.fullmatch(rf"[0-9]{{{DIGITS}}}", digits):
        return None
    totp, now = _totp(key), time_step(seconds)
    for step in range(now - _SLACK, now + _SLACK + 1):
        try:
            totp.verify(digits.encode(), step * STEP_SECONDS)
        except InvalidToken:
            continue
        return step if step > last_step else None
    return None


def time_step(seconds: float) -> int:
    """The time step at that time, in seconds since the epoch (RFC 6238 §4.2)."""
    return int(seconds // STEP_SECONDS)


def code_at(key: bytes, seconds: float) -> str:
    """The code that an app shows at that time, in seconds since the epoch."""
    return _totp(key).generate(int(seconds)).decode("ascii")


def key_text(key: bytes) -> str:
    """The key as people type it into an app: base32 in groups of four."""
    text = b32encode(key).decode("ascii")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def key_uri(key: bytes, account: str, issuer: str) -> str:
    """The `otpauth:` URI of the key, which apps read from a QR code."""
    query = urlencode({"secret": b32encode(key).decode("ascii"), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"


def _totp(key: bytes) -> TOTP:
    # SHA-1 is what apps understand; HMAC does not need it to be free of collisions (RFC 6238 §1.2).
    return TOTP(key, DIGITS, SHA1(), STEP_SECONDS, enforce_key_length=False)  # noqa: S303
