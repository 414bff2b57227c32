"""Known browsers: those from which an office has logged in.  Wrong passwords of others do not lock them out.

The cookie is `<id>.<expiry>.<mac>`; the MAC binds it to one office.  It authorises nothing: the password is still
needed, and failed attempts with the same id are counted together, so that it allows no more guesses than an address.
"""

import hashlib
import hmac
import re
from base64 import b32encode
from datetime import datetime

_SHAPE = re.compile(r"([a-z2-7]{16,40})\.([0-9]{1,12})\.([a-z2-7]{32})")
_MAC_BYTES = 20  # 160 bits


def browser_cookie(key: bytes, office: str, browser_id: str, expires_at: datetime) -> str:
    """The value of the cookie.  `browser_id`: random base32, 16 to 40 characters."""
    expiry = str(int(expires_at.timestamp()))
    return f"{browser_id}.{expiry}.{_mac(key, office, browser_id, expiry)}"


def browser_id_in(cookie: str, office: str, now: datetime, *keys: bytes) -> str:
    """The id of the browser in a genuine `cookie` of `office` that has not expired; else ""."""
    match = _SHAPE.fullmatch(cookie)
    if match is None or int(match[2]) <= now.timestamp():
        return ""
    genuine = any([hmac.compare_digest(match[3], _mac(key, office, match[1], match[2])) for key in keys])
    return match[1] if genuine else ""


def _mac(key: bytes, office: str, browser_id: str, expiry: str) -> str:
    digest = hmac.new(key, f"browser:{office}:{browser_id}.{expiry}".encode(), hashlib.sha256).digest()
    return b32encode(digest[:_MAC_BYTES]).decode("ascii").lower()
