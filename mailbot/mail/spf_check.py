"""SPF (RFC 7208), by pyspf."""

import ipaddress
from contextvars import ContextVar
from typing import Any

import spf

from mailbot.mail.envelope import split_address
from mailbot.mail.name_servers import Dns, DnsUnavailable
from mailbot.model.evidence import Result
from mailbot.model.queued_mail import Envelope

_SECONDS = 20  # for one check; the time limit for a mail is shorter

_current_dns: ContextVar[Dns] = ContextVar("dns")


def check_spf(envelope: Envelope, peer: str, helo: str, dns: Dns) -> tuple[Result, str]:
    """(SPF result, checked domain) for the SMTP client at the IP address `peer`; NONE for loopback or no address."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return Result.NONE, ""
    if address.is_loopback:
        return Result.NONE, ""
    token = _current_dns.set(dns)
    try:
        asked = spf.query(i=peer, s=envelope.sender, h=helo or "unknown", querytime=_SECONDS, timeout=5)
        word = asked.check()[0]
    except Exception:  # pyspf raises several kinds for a malformed record or name
        return Result.PERMERROR, ""
    finally:
        _current_dns.reset(token)
    domain = split_address(envelope.sender)[1] if envelope.sender else helo
    softer = {"softfail": Result.FAIL, "neutral": Result.NONE}
    return softer.get(word) or Result(word), domain.lower().rstrip(".")


def _pyspf_lookup(name: str, kind: str, _strict: bool = True, timeout: int = 30) -> list[tuple[tuple[str, str], Any]]:
    """The DNS function of pyspf, which calls the DNS client of the current mail.  Raises spf.TempError."""
    del timeout
    try:
        return [((name, kind), data) for data in _current_dns.get().lookup(name, kind)]
    except DnsUnavailable as error:
        raise spf.TempError(f"DNS {error}") from error


spf.DNSLookup = _pyspf_lookup
