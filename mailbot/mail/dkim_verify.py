"""RFC 6376: which domains have signed a mail so that it counts as proof (dkimpy verifies, the conditions are ours).

A signature proves that nothing was added only if it covers what people read, whole: with `l=`, or with a Subject or a
Content-Type that is not signed, somebody on the way may have put words into it (T-21, T-22).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import dkim

from mailbot.mail.headers import split_headers
from mailbot.model.evidence import Result

MOST_SIGNATURES = 5
SMALLEST_KEY = 1024  # bits (RFC 8301 §3.2)
OLDEST, NEWEST = timedelta(days=7), timedelta(days=1)  # how far Date may be from the arrival (T-24)
_NEEDED = (b"from", b"subject", b"date")
_NEEDED_IF_THERE = (b"to", b"content-type")
_ONCE = ("from", "to", "cc", "subject", "date", "message-id", "content-type", "in-reply-to", "references", "reply-to")

# name of a TXT record → its text, b"" when there is none; raises DnsUnavailable.
Txt = Callable[[str], bytes]


class DnsUnavailable(Exception):
    """The name servers do not answer: nothing is proven, and nothing disproven."""


@dataclass(frozen=True)
class Signature:
    """One DKIM-Signature and what it is worth."""

    domain: str  # d=
    selector: str  # s=
    result: Result
    reason: str = ""  # why it does not count


def check_signatures(
    raw: bytes, received_at: datetime, sent_at: datetime | None, txt: Txt, pinned: Mapping[tuple[str, str], bytes]
) -> list[Signature]:
    """The first few signatures of a mail.  `pinned`: (domain, selector) → key record, used in place of DNS."""
    fields, _ = split_headers(raw)
    names = [field.name for field in fields]
    twice = next((name for name in _ONCE if names.count(name) > 1), "")
    found = []
    for index in range(min(names.count("dkim-signature"), MOST_SIGNATURES)):
        one = _checked(raw, index, txt, pinned)
        if one.result is Result.PASS:
            reason = f"two {twice} headers" if twice else _stale(received_at, sent_at)
            one = Signature(one.domain, one.selector, Result.PERMERROR, reason) if reason else one
        found.append(one)
    return found


def _checked(raw: bytes, index: int, txt: Txt, pinned: Mapping[tuple[str, str], bytes]) -> Signature:
    verifier = dkim.DKIM(raw, minkey=SMALLEST_KEY)
    verifier.logger.disabled = True
    away: list[str] = []

    def key_record(name: bytes, timeout: int = 5) -> bytes:
        del timeout
        full = name.decode("ascii", "replace").rstrip(".").lower()
        selector, _, domain = full.partition("._domainkey.")
        if (domain, selector) in pinned:
            return pinned[domain, selector]
        try:
            return txt(full)
        except DnsUnavailable:
            away.append(full)
            raise dkim.DnsTimeoutError(full) from None

    try:
        genuine = verifier.verify(index, dnsfunc=key_record)
        problem = ""
    except Exception as error:  # dkimpy raises its own and others for signatures that are no signatures
        genuine, problem = False, type(error).__name__
    domain, selector = _text(verifier.domain), _text(verifier.selector)
    if away:
        return Signature(domain, selector, Result.TEMPERROR, "the name servers do not answer")
    if problem:
        return Signature(domain, selector, Result.PERMERROR, problem)
    if not genuine:
        return Signature(domain, selector, Result.FAIL, "the signature does not fit the mail")
    reason = _not_covered(verifier)
    return Signature(domain, selector, Result.PERMERROR if reason else Result.PASS, reason)


def _not_covered(verifier: dkim.DKIM) -> str:
    fields: Mapping[bytes, bytes] = verifier.signature_fields
    if b"l" in fields:
        return "l= leaves the end of the text unsigned"
    signed = {name.strip().lower() for name in fields.get(b"h", b"").split(b":")}
    there = {name.lower() for name, _ in verifier.headers}
    for name in (*_NEEDED, *(n for n in _NEEDED_IF_THERE if n in there)):
        if name not in signed:
            return f"{name.decode()} is not signed"
    return ""


def _stale(received_at: datetime, sent_at: datetime | None) -> str:
    """A mail that was signed long ago may be somebody's copy of it (T-23, T-24)."""
    if sent_at is None or sent_at.tzinfo is None:
        return "no Date with a time zone"
    if sent_at < received_at - OLDEST:
        return "its Date is more than 7 days old"
    return "its Date is more than a day ahead" if sent_at > received_at + NEWEST else ""


def _text(value: bytes | str | None) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return text.strip().rstrip(".").lower()[:253]
