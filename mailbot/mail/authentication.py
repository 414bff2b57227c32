"""Sender authentication: evaluates SPF, DKIM and DMARC of a mail (RFC 7208, 6376, 7489) into `Evidence`.

What the sender may do on that evidence is decided in `desk/incoming/authorization.py`.  DNS queries go through the
`Lookup` of the Authenticator.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import spf
from publicsuffixlist import PublicSuffixList

from mailbot.mail.dkim_verify import DnsUnavailable, Signature, check_signatures
from mailbot.mail.envelope import split_address
from mailbot.mail.message import Message
from mailbot.mail.split import split_mail
from mailbot.mail.tagged_addresses import is_desk_address
from mailbot.mail.trusted_results import TrustedResults, trusted_results
from mailbot.model.evidence import Evidence, Result
from mailbot.model.queued_mail import Envelope

# (name, type) → record data as pyspf takes them: text, address or (preference, exchange).  Raises DnsUnavailable.
Lookup = Callable[[str, str], list[Any]]
_SPF_SECONDS = 20

_current_lookup: ContextVar[Lookup] = ContextVar("lookup")


@dataclass(frozen=True)
class Authenticator:
    """The configuration of sender authentication.

    `trusted`: authserv-ids (RFC 8601 §2.5) whose results are used when the mail comes from one of `relays` (IP
    addresses) or out of a mailbox; `pinned`: (domain, selector) → DKIM key record, used in place of DNS.
    """

    lookup: Lookup
    desk_address: str
    trusted: frozenset[str] = frozenset()
    relays: frozenset[str] = frozenset()
    pinned: Mapping[tuple[str, str], bytes] = field(default_factory=dict)

    def authenticate(
        self, raw: bytes, message: Message, envelope: Envelope, evidence: Evidence, at: datetime
    ) -> Evidence:
        """`evidence` with the results of SPF, DKIM and DMARC.  Never raises."""
        if message.unreadable or not message.author.address:
            return evidence
        domain = split_address(message.author.address)[1].lower().rstrip(".")
        trusted = self._trusted(raw, evidence)
        if isinstance(trusted, TrustedResults):
            return _from_relay_results(trusted, domain, evidence)
        notes: tuple[str, ...] = (trusted,) if trusted else ()
        signatures = check_signatures(raw, at, message.date, self._txt, self.pinned)
        sender_policy, spf_domain = self._spf(envelope, evidence)
        if "arc-seal" in message.headers:
            notes += (
                "ARC: there, and not counted",
            )  # RFC 8617; a forwarder's word about a mail that it may have changed
        for_us = any(is_desk_address(one, self.desk_address) for one in message.to)
        if not for_us:
            notes += ("its To and Cc do not name the desk",)  # a signed mail to another recipient, resent (T-23)
        policy = self._policy(domain)
        aligned = [s for s in signatures if s.result is Result.PASS and _aligned(s.domain, domain, policy.strict_dkim)]
        pinned = [s for s in aligned if (s.domain, s.selector) in self.pinned]
        dkim_result = _dkim_result(signatures, aligned) if for_us else Result.NONE
        by_spf = sender_policy is Result.PASS and _aligned(spf_domain, domain, policy.strict_spf)
        return replace(
            evidence,
            spf=sender_policy,
            dmarc=_dmarc(policy, dkim_result, by_spf=by_spf),
            policy=policy.requested,
            aligned=Result.PASS if pinned and for_us else _proof(policy, dkim_result),
            signed_by=tuple(dict.fromkeys(s.domain for s in signatures if s.result is Result.PASS)),
            details=(
                *evidence.details,
                *notes,
                *map(_signature_description, signatures),
                f"DMARC policy: {policy.description}",
            ),
        )

    def _trusted(self, raw: bytes, evidence: Evidence) -> TrustedResults | str | None:
        if not self.trusted or (evidence.peer and evidence.peer not in self.relays):
            return None
        return trusted_results(split_mail(raw).fields, self.trusted)

    def _txt(self, name: str) -> bytes:
        return b"".join(_joined(one) for one in self.lookup(name, "TXT")[:1])

    def _spf(self, envelope: Envelope, evidence: Evidence) -> tuple[Result, str]:
        """(SPF result, checked domain), RFC 7208; NONE when the client is a configured relay or unknown."""
        try:
            address = ipaddress.ip_address(evidence.peer)
        except ValueError:
            return Result.NONE, ""
        if address.is_loopback or evidence.peer in self.relays:
            return Result.NONE, ""
        token = _current_lookup.set(self.lookup)
        try:
            asked = spf.query(
                i=evidence.peer, s=envelope.sender, h=evidence.helo or "unknown", querytime=_SPF_SECONDS, timeout=5
            )
            word = asked.check()[0]
        except Exception:  # pyspf raises several kinds for a malformed record or name
            return Result.PERMERROR, ""
        finally:
            _current_lookup.reset(token)
        domain = split_address(envelope.sender)[1] if envelope.sender else evidence.helo
        softer = {"softfail": Result.FAIL, "neutral": Result.NONE}
        return softer.get(word) or Result(word), domain.lower()

    def _policy(self, domain: str) -> "Policy":
        """The DMARC record of the From domain, else of its organisational domain (RFC 7489 §6.6.3)."""
        try:
            for name in dict.fromkeys((domain, organisational_domain(domain))):
                texts = [_joined(one) for one in self.lookup(f"_dmarc.{name}", "TXT")]
                found = [text for text in texts if re.match(rb"v\s*=\s*DMARC1\s*(?:;|$)", text)]
                if found:  # several records count as none (RFC 7489 §6.6.3)
                    text = found[0].decode("ascii", "replace")
                    return _read_policy(text, of_parent=name != domain) if len(found) == 1 else Policy()
        except DnsUnavailable:
            return Policy(dns_unavailable=True)
        return Policy()


@dataclass(frozen=True)
class Policy:
    """A DMARC record.  `requested`: none | quarantine | reject, "" when the domain has no record."""

    requested: str = ""
    strict_dkim: bool = False
    strict_spf: bool = False
    dns_unavailable: bool = False

    @property
    def description(self) -> str:
        """The policy as a text for the log."""
        return "the name servers do not answer" if self.dns_unavailable else self.requested or "no record"


def _read_policy(text: str, *, of_parent: bool) -> Policy:
    tags = {key.strip().lower(): value.strip().lower() for key, _, value in (t.partition("=") for t in text.split(";"))}
    requested = tags.get("sp", tags.get("p", "")) if of_parent else tags.get("p", "")
    known = requested if requested in ("none", "quarantine", "reject") else "none"
    return Policy(known, tags.get("adkim") == "s", tags.get("aspf") == "s")


def _dkim_result(signatures: list[Signature], aligned: list[Signature]) -> Result:
    """PASS for one valid aligned signature; TEMPERROR when a key could not be looked up; else FAIL or NONE."""
    if aligned:
        return Result.PASS
    if any(s.result is Result.TEMPERROR for s in signatures):
        return Result.TEMPERROR
    return Result.FAIL if signatures else Result.NONE


def _proof(policy: Policy, dkim_result: Result) -> Result:
    """The DMARC result with DKIM alone; NONE for a domain without a DMARC record (T-17)."""
    if policy.dns_unavailable or dkim_result is Result.TEMPERROR:
        return Result.TEMPERROR
    if not policy.requested:
        return Result.NONE
    return Result.PASS if dkim_result is Result.PASS else Result.FAIL


def _dmarc(policy: Policy, dkim_result: Result, *, by_spf: bool) -> Result:
    """The DMARC result with DKIM or SPF (RFC 7489 §4.2)."""
    proof = _proof(policy, dkim_result)
    return Result.PASS if by_spf and policy.requested else proof


def _from_relay_results(found: TrustedResults, domain: str, evidence: Evidence) -> Evidence:
    """The results of a trusted relay; `aligned` needs the same From domain and an aligned dkim=pass."""
    note = f"{found.authserv_id} says: dmarc={found.dmarc.value} signed by {', '.join(found.signed_by) or 'nobody'}"
    same = found.from_domain == domain
    by_dkim = any(_aligned(one, domain, strict=False) for one in found.signed_by)
    proven = found.dmarc if found.dmarc is not Result.PASS or (same and by_dkim) else Result.NONE
    return replace(
        evidence,
        spf=found.spf,
        dmarc=found.dmarc if same else Result.NONE,
        aligned=proven,
        signed_by=found.signed_by,
        details=(
            *evidence.details,
            note,
            *(() if same else (f"… of {found.from_domain or 'nobody'}, not of {domain}",)),
        ),
    )


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def organisational_domain(domain: str) -> str:
    """The organisational domain (RFC 7489 §3.2) by the public suffix list; `domain` itself when there is none."""
    return _suffixes().privatesuffix(domain.lower().rstrip(".")) or domain.lower()


def _aligned(one: str, other: str, strict: bool) -> bool:
    """Identifier alignment (RFC 7489 §3.1)."""
    if not one or not other:
        return False
    return one == other if strict else organisational_domain(one) == organisational_domain(other)


def _joined(record: Any) -> bytes:
    return b"".join(record) if isinstance(record, (tuple, list)) else bytes(record)


def _signature_description(signature: Signature) -> str:
    why = f" ({signature.reason})" if signature.reason else ""
    return f"DKIM {signature.domain or '?'}: {signature.result.value}{why}"


def _pyspf_lookup(name: str, kind: str, _strict: bool = True, timeout: int = 30) -> list[tuple[tuple[str, str], Any]]:
    """The DNS function of pyspf, which calls the lookup of the current mail.  Raises spf.TempError."""
    del timeout
    try:
        return [((name, kind), data) for data in _current_lookup.get()(name, kind)]
    except DnsUnavailable as error:
        raise spf.TempError(f"DNS {error}") from error


spf.DNSLookup = _pyspf_lookup
