"""DKIM verification (RFC 6376), by dkimpy, with further conditions.

A valid signature counts only if it covers everything that a reader sees: with `l=`, or with an unsigned Subject or
Content-Type, text could have been added after signing (T-21, T-22).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import dkim

from mailbot.mail.split import split_mail
from mailbot.model.evidence import Result

MOST_SIGNATURES = 5
SMALLEST_KEY = 1024  # bits (RFC 8301 §3.2)
OLDEST, NEWEST = timedelta(days=7), timedelta(days=1)  # how far Date may be before and after the arrival (T-24)
_REQUIRED = (b"from", b"subject", b"date")
_REQUIRED_IF_PRESENT = (b"to", b"content-type")
_SINGLE = ("from", "to", "cc", "subject", "date", "message-id", "content-type", "in-reply-to", "references", "reply-to")

# name of a TXT record → its text, b"" when there is none.  Raises DnsUnavailable.
Txt = Callable[[str], bytes]


class DnsUnavailable(Exception):
    """No name server answers; the result is temperror."""


@dataclass(frozen=True)
class Signature:
    """The result for one DKIM-Signature field."""

    domain: str  # d=
    selector: str  # s=
    result: Result
    reason: str = ""  # why the result is not PASS


def check_signatures(
    raw: bytes, received_at: datetime, sent_at: datetime | None, txt: Txt, pinned: Mapping[tuple[str, str], bytes]
) -> list[Signature]:
    """The results of the first MOST_SIGNATURES signatures.  `pinned`: (domain, selector) → key record, instead of DNS.

    `received_at`, `sent_at`: arrival, and Date of the mail (None without a valid one).
    """
    fields = split_mail(raw).fields
    names = [field.name for field in fields]
    twice = next((name for name in _SINGLE if names.count(name) > 1), "")
    found = []
    for index in range(min(names.count("dkim-signature"), MOST_SIGNATURES)):
        one = _verify(raw, index, txt, pinned)
        if one.result is Result.PASS:
            reason = f"two {twice} headers" if twice else _date_problem(received_at, sent_at)
            one = Signature(one.domain, one.selector, Result.PERMERROR, reason) if reason else one
        found.append(one)
    return found


def _verify(raw: bytes, index: int, txt: Txt, pinned: Mapping[tuple[str, str], bytes]) -> Signature:
    verifier = dkim.DKIM(raw, minkey=SMALLEST_KEY)
    verifier.logger.disabled = True
    unresolved: list[str] = []

    def key_record(name: bytes, timeout: int = 5) -> bytes:
        del timeout
        full = name.decode("ascii", "replace").rstrip(".").lower()
        selector, _, domain = full.partition("._domainkey.")
        if (domain, selector) in pinned:
            return pinned[domain, selector]
        try:
            return txt(full)
        except DnsUnavailable:
            unresolved.append(full)
            raise dkim.DnsTimeoutError(full) from None

    try:
        valid = verifier.verify(index, dnsfunc=key_record)
        problem = ""
    except Exception as error:  # dkimpy raises several kinds for a malformed signature
        valid, problem = False, type(error).__name__
    domain, selector = _text(verifier.domain), _text(verifier.selector)
    if unresolved:
        return Signature(domain, selector, Result.TEMPERROR, "the name servers do not answer")
    if problem:
        return Signature(domain, selector, Result.PERMERROR, problem)
    if not valid:
        return Signature(domain, selector, Result.FAIL, "the signature does not fit the mail")
    reason = _not_covered(verifier)
    return Signature(domain, selector, Result.PERMERROR if reason else Result.PASS, reason)


def _not_covered(verifier: dkim.DKIM) -> str:
    fields: Mapping[bytes, bytes] = verifier.signature_fields
    if b"l" in fields:
        return "l= leaves the end of the text unsigned"
    signed = {name.strip().lower() for name in fields.get(b"h", b"").split(b":")}
    present = {name.lower() for name, _ in verifier.headers}
    for name in (*_REQUIRED, *(n for n in _REQUIRED_IF_PRESENT if n in present)):
        if name not in signed:
            return f"{name.decode()} is not signed"
    return ""


def _date_problem(received_at: datetime, sent_at: datetime | None) -> str:
    """Why the Date is not plausible, or "": an old signed mail may be replayed (T-23, T-24)."""
    if sent_at is None or sent_at.tzinfo is None:
        return "no Date with a time zone"
    if sent_at < received_at - OLDEST:
        return "its Date is more than 7 days old"
    return "its Date is more than a day ahead" if sent_at > received_at + NEWEST else ""


def _text(value: bytes | str | None) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return text.strip().rstrip(".").lower()[:253]
