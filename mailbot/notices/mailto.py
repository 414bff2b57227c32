"""Links that open a reply ready to send (RFC 6068)."""

from functools import lru_cache
from urllib.parse import quote

# RFC 6068 §2: what may stand unencoded in the address, beside letters and digits.  "+" may, and must stay
# legible as a plus: some clients read "%2B" back wrongly, none reads a bare plus of the address as a blank.
_IN_ADDRESS = "@.+-_~!$'*"
LONGEST = 1_900  # octets: some clients open no longer link


def mailto(address: str, *, subject: str = "", body: str = "") -> str:
    """The `mailto:` URI for a mail to `address`.

    Line breaks of `body` become %0D%0A (RFC 6068 §5); everything outside the unreserved set is percent-encoded
    UTF-8, a plus and a blank included, so that no client can take one for the other.
    """
    headers = [("subject", " ".join(subject.split())), ("body", "\r\n".join(body.split("\n")))]
    query = "&".join(f"{name}={_encoded(value)}" for name, value in headers if value)
    target = "mailto:" + quote(address, safe=_IN_ADDRESS)
    return f"{target}?{query}" if query else target


@lru_cache(maxsize=256)  # the same bodies with each notice, and the subject of one in all its links
def _encoded(value: str) -> str:
    return quote(value, safe="")


def mailto_filled(address: str, *, subject: str = "", body: str = "", filled: str = "") -> str:
    """`mailto` with `filled` behind `body`; without it when the link would be longer than clients open."""
    link = mailto(address, subject=subject, body=f"{body}{filled.strip()}\n" if filled.strip() else body)
    return link if len(link) <= LONGEST else mailto(address, subject=subject, body=body)
