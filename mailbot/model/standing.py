"""How far the evidence of a mail proves that its author wrote it.  What is done, read and answered depends on it."""

from enum import StrEnum

from mailbot.model.evidence import Evidence, Result

_REFUSING = frozenset(("quarantine", "reject"))  # policies of a DMARC record


class Standing(StrEnum):
    """The standings, the best first.  Answers and challenges are counted for each of them apart."""

    PROVEN = "proven"  # DMARC pass by aligned DKIM, confirmed by a reply to a challenge, or no proof is required
    VOUCHED = "vouched"  # SPF, or DKIM of a domain without a DMARC record: a hosting provider's word, no person's
    UNPROVEN = "unproven"  # anybody may have written it
    FORGED = "forged"  # DMARC fails, and the domain asks to quarantine or reject such mail


def standing_of(evidence: Evidence, author: str, *, proof_required: bool, replies: bool = False) -> Standing:
    """The standing of a mail.

    `author`: the address in From, "" without a usable one; `proof_required`: whether it must be proven to be believed;
    `replies`: whether its signed words name what its reply address, known to the author alone, is for.
    """
    if not proof_required or evidence.confirmed or evidence.aligned is Result.PASS:
        return Standing.PROVEN
    if evidence.author_signed and replies:
        return Standing.PROVEN
    if evidence.dmarc is Result.FAIL and evidence.policy in _REFUSING:
        return Standing.FORGED
    domain = author.rpartition("@")[2].lower().rstrip(".")
    signed = any(_same_or_below(domain, one) for one in evidence.signed_by)
    if evidence.dmarc is Result.PASS or (signed and not evidence.policy):
        return Standing.VOUCHED
    return Standing.UNPROVEN


def _same_or_below(domain: str, signer: str) -> bool:
    signer = signer.lower().rstrip(".")
    return bool(signer) and (domain == signer or domain.endswith(f".{signer}"))
