"""The DKIM signatures of a mail that are aligned with its author domain (RFC 9989 §4.10.2); no other one is verified.

A signature of another organisation proves nothing, and its name servers must not delay or decide anything (T-17).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from mailbot.mail.dkim.signature import domain_of, read_signature
from mailbot.mail.dkim.tags import InvalidTags
from mailbot.mail.dmarc.discovery import Discovery
from mailbot.mail.name_servers import DnsUnavailable
from mailbot.mail.split import HeaderField
from mailbot.model.evidence import SignatureKey

MOST_VERIFIED = 3  # aligned signatures of one mail that are verified
MOST_DOMAINS = 3  # domains other than the author domain whose alignment is looked up
MOST_REMEMBERED = 20  # aligned signatures of one mail whose keys are stored, so that none of them acts again


@dataclass(frozen=True)
class Selection:
    """`unknown`: the alignment of some signature could not be looked up; `others`: domains that are not aligned."""

    aligned: tuple[HeaderField, ...] = ()
    others: tuple[str, ...] = ()
    unknown: bool = False


def select_aligned(fields: Sequence[HeaderField], author: str, strict: bool, discovery: Discovery) -> Selection:
    """The DKIM-Signature fields whose d= is aligned with the author domain, topmost first."""
    by_domain: dict[str, list[HeaderField]] = {}
    signatures = [one for one in fields if one.name == "dkim-signature"]
    for one in signatures:
        by_domain.setdefault(domain_of(one), []).append(one)
    unreadable = ["?"] if by_domain.pop("", None) else []
    unknown, aligned, looked_up = False, {author}, 0
    for domain in () if strict else by_domain:
        try:
            if domain != author and looked_up < MOST_DOMAINS and discovery.may_align(domain, author):
                looked_up += 1
                if discovery.aligned(domain, author, strict=False):
                    aligned.add(domain)
        except DnsUnavailable:
            unknown = True
    others = (*(domain for domain in by_domain if domain not in aligned), *unreadable)
    return Selection(tuple(one for one in signatures if domain_of(one) in aligned), others, unknown)


def signature_keys(fields: Sequence[HeaderField]) -> tuple[SignatureKey, ...]:
    """What identifies each signature (T-23).  Unreadable ones, which cannot be valid, are left out."""
    keys = []
    for one in fields[:MOST_REMEMBERED]:
        try:
            signature = read_signature(one)
        except InvalidTags:
            continue
        keys.append(SignatureKey(signature.domain, sha256(signature.value).hexdigest(), signature.expires_at))
    return tuple(dict.fromkeys(keys))
