"""Sender authentication: evaluates SPF, DKIM and DMARC of a mail (RFC 7208, 6376, 9989) into `Evidence`.

What the sender may do on that evidence is decided in `desk/incoming/authorization.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailbot.mail.aligned_signatures import MOST_VERIFIED, Selection, select_aligned, signature_keys
from mailbot.mail.dkim.keys import is_key_record
from mailbot.mail.dkim.signature import domain_of
from mailbot.mail.dkim.verify import UNADDRESSED, Verified, Verifier
from mailbot.mail.dmarc.discovery import Discovery, Policy
from mailbot.mail.envelope import split_address
from mailbot.mail.message import Message
from mailbot.mail.name_servers import Dns, DnsUnavailable, texts_at
from mailbot.mail.spf_check import check_spf
from mailbot.mail.split import HeaderField, SplitMail, split_mail
from mailbot.mail.tagged_addresses import is_desk_address
from mailbot.mail.trusted_results import TrustedResults, trusted_results
from mailbot.model.evidence import Evidence, Result, SignatureKey
from mailbot.model.queued_mail import Envelope

FRESH = timedelta(days=1)  # between the signed Date and the arrival of a mail whose signature names no recipients
_NOT_FOR_US = "its To and Cc do not name the desk"


@dataclass(frozen=True)
class Authenticator:
    """The configuration of sender authentication.

    `trusted`: authserv-ids (RFC 8601 §2.5) whose results are used when the mail comes from one of `relays` (IP
    addresses) or out of a mailbox; `pinned`: (domain, selector) → DKIM key record, used in place of DNS.
    """

    dns: Dns
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
        mail = split_mail(raw)
        author = split_address(message.author.address)[1].lower().rstrip(".")
        trusted = self._trusted(mail.fields, evidence)
        discovery = Discovery(self.dns)
        if isinstance(trusted, TrustedResults):
            verifier = Verifier(mail, at, message.date, self._key_record)
            for_us = self._is_for_us(message)
            found = _from_relay_results(trusted, author, mail.fields, verifier, for_us, discovery, evidence)
            return replace(found, author_signed=found.author_signed and _is_fresh(message, at))
        notes: tuple[str, ...] = (trusted,) if trusted else ()
        if "arc-seal" in message.headers:
            notes += ("ARC: there, and not counted",)  # a forwarder's results for a mail that it may have changed
        return self._evaluate(mail, message, author, envelope, evidence, at, discovery, notes)

    def _evaluate(
        self,
        mail: SplitMail,
        message: Message,
        author: str,
        envelope: Envelope,
        evidence: Evidence,
        at: datetime,
        discovery: Discovery,
        notes: tuple[str, ...],
    ) -> Evidence:
        """The author's own names are queried first, the envelope's last: a forger may choose slow name servers."""
        for_us = self._is_for_us(message)
        if not for_us:
            notes += (_NOT_FOR_US,)
        policy = _policy(discovery, author)
        selected = select_aligned(mail.fields, author, policy.strict_dkim, discovery)
        verifier = Verifier(mail, at, message.date, self._key_record)
        verified = [verifier.verify(one) for one in selected.aligned[:MOST_VERIFIED]]
        valid = [one for one in verified if one.result is Result.PASS]
        pinned = any((one.domain, one.selector) in self.pinned for one in valid if one.addressed)
        dkim_result = _dkim_result(verified, selected) if for_us else Result.NONE
        spf, spf_domain = self._spf(envelope, evidence)
        by_spf = spf is Result.PASS and _aligned(discovery, spf_domain, author, policy.strict_spf)
        proof = Result.PASS if pinned and for_us else _proof(policy, dkim_result)
        by_author = for_us and bool(policy.requested) and bool(valid) and proof is not Result.PASS
        return replace(
            evidence,
            spf=spf,
            dmarc=Result.PASS if (by_spf and policy.requested) or by_author else _proof(policy, dkim_result),
            policy=policy.requested,
            aligned=proof,
            signed_by=tuple(dict.fromkeys(one.domain for one in valid)),
            signatures=signature_keys(selected.aligned),
            author_signed=by_author and _is_fresh(message, at),
            details=(
                *evidence.details,
                *notes,
                *map(_description, verified),
                *(f"DKIM {domain}: not aligned" for domain in selected.others[:MOST_VERIFIED]),
                f"DMARC policy: {policy.description}",
            ),
        )

    def _is_for_us(self, message: Message) -> bool:
        """Whether its To or Cc names the desk: otherwise it is a signed mail to another recipient, resent (T-23)."""
        return any(is_desk_address(one, self.desk_address) for one in message.to)

    def _trusted(self, fields: Sequence[HeaderField], evidence: Evidence) -> TrustedResults | str | None:
        if not self.trusted or (evidence.peer and evidence.peer not in self.relays):
            return None
        return trusted_results(fields, self.trusted)

    def _key_record(self, domain: str, selector: str) -> bytes:
        """The key record, b"" when there is none.  Raises DnsUnavailable."""
        if (domain, selector) in self.pinned:
            return self.pinned[domain, selector]
        return next(filter(is_key_record, texts_at(f"{selector}._domainkey.{domain}", self.dns)), b"")

    def _spf(self, envelope: Envelope, evidence: Evidence) -> tuple[Result, str]:
        """(SPF result, checked domain); NONE when the client is a configured relay."""
        if evidence.peer in self.relays:
            return Result.NONE, ""
        return check_spf(envelope, evidence.peer, evidence.helo, self.dns)


def _policy(discovery: Discovery, author: str) -> Policy:
    try:
        return discovery.policy(author)
    except DnsUnavailable:
        return Policy(dns_unavailable=True)


def _dkim_result(verified: Sequence[Verified], selected: Selection) -> Result:
    """PASS for one valid aligned signature; TEMPERROR when a key or an alignment could not be looked up; else FAIL or
    NONE.  One that names no recipients is not counted."""
    results = {one.result for one in verified if one.addressed} - {Result.NONE}
    if Result.PASS in results:
        return Result.PASS
    if selected.unknown or Result.TEMPERROR in results:
        return Result.TEMPERROR
    return Result.FAIL if results else Result.NONE


def _proof(policy: Policy, dkim_result: Result) -> Result:
    """The DMARC result with DKIM alone; NONE for a domain without a DMARC record (T-17)."""
    if policy.dns_unavailable:
        return Result.TEMPERROR
    if not policy.requested:
        return Result.NONE
    return dkim_result if dkim_result in (Result.PASS, Result.TEMPERROR) else Result.FAIL


def _is_fresh(message: Message, at: datetime) -> bool:
    """Whether the Date, which every signature that counts covers, is of the last day."""
    date = message.date
    return date is not None and date.tzinfo is not None and abs(at - date) <= FRESH


def _aligned(discovery: Discovery, identifier: str, author: str, strict: bool) -> bool:
    """Relaxed or strict alignment; False when it cannot be looked up."""
    try:
        return discovery.aligned(identifier, author, strict=strict)
    except DnsUnavailable:
        return False


def _from_relay_results(
    found: TrustedResults,
    author: str,
    fields: Sequence[HeaderField],
    verifier: Verifier,
    for_us: bool,
    discovery: Discovery,
    evidence: Evidence,
) -> Evidence:
    """The results of a trusted relay; `aligned` needs the same From domain and an aligned dkim=pass.

    A relay says that a signature is valid, not what it covers: that is looked at here, as for any other (T-21 to T-24).
    """
    note = f"{found.authserv_id} says: dmarc={found.dmarc.value} signed by {', '.join(found.signed_by) or 'nobody'}"
    same = found.from_domain == author
    proven = found.dmarc
    signatures: tuple[SignatureKey, ...] = ()
    problems: tuple[str, ...] = ()
    by_author = False
    if proven is Result.PASS and same:
        aligned = select_aligned(fields, author, strict=False, discovery=discovery).aligned
        valid = [one for one in aligned if domain_of(one) in found.signed_by][:MOST_VERIFIED]
        problems = tuple(verifier.problem_of(one) for one in valid) if for_us else (_NOT_FOR_US,)
        proven = Result.PASS if "" in problems else Result.NONE
        by_author = proven is not Result.PASS and UNADDRESSED in problems
        signatures = signature_keys(aligned) if proven is Result.PASS or by_author else ()
    elif proven is Result.PASS:
        proven = Result.NONE
    return replace(
        evidence,
        spf=found.spf,
        dmarc=found.dmarc if same else Result.NONE,
        aligned=proven,
        signed_by=found.signed_by,
        signatures=signatures,
        author_signed=by_author,
        details=(
            *evidence.details,
            note,
            *(f"… not counted: {one}" for one in problems if one),
            *(() if same else (f"… of {found.from_domain or 'nobody'}, not of {author}",)),
        ),
    )


def _description(signature: Verified) -> str:
    why = f" ({signature.reason})" if signature.reason else ""
    return f"DKIM {signature.domain or '?'}: {signature.result.value}{why}"
