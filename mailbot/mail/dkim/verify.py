"""DKIM verification (RFC 6376 §6), with further conditions.

A valid signature counts only if it covers everything that a reader sees: with `l=`, or with an unsigned Subject, text
could have been added after signing (T-21, T-22).  Content-Type and Content-Transfer-Encoding need not be signed where
the body can be read in one way alone (`content_fields`).  A signature of neither To nor Cc, as those of Microsoft 365,
proves who wrote the mail and not to whom: `Verified.addressed`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from mailbot.mail.dkim import content_fields
from mailbot.mail.dkim.canonicalization import Form, canonical_body, signed_octets, without_b
from mailbot.mail.dkim.keys import DkimKey, read_key
from mailbot.mail.dkim.signature import DkimSignature, domain_of, read_signature
from mailbot.mail.dkim.tags import InvalidTags
from mailbot.mail.name_servers import DnsUnavailable
from mailbot.mail.split import HeaderField, SplitMail
from mailbot.model.evidence import Result

OLDEST, NEWEST = timedelta(days=7), timedelta(days=1)  # how far Date may be before and after the arrival (T-24)
_REQUIRED = ("from", "subject", "date")
_ADDRESSING = ("to", "cc")
UNADDRESSED = "To and Cc are not signed"
_SINGLE = ("from", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type",
           "content-transfer-encoding", "in-reply-to", "references", "reply-to")  # fmt: skip

# (domain, selector) → the key record, b"" when there is none.  Raises DnsUnavailable.
KeyRecord = Callable[[str, str], bytes]


@dataclass(frozen=True)
class Verified:
    """The result for one DKIM-Signature field.  NONE: the key is in test mode, the mail counts as not signed."""

    domain: str  # d=
    selector: str  # s=
    result: Result
    reason: str = ""  # why the result is not PASS, or what a PASS leaves open
    addressed: bool = True  # whether To and Cc are signed, as far as the mail has them


class Verifier:
    """Verifies the signatures of one mail; the body is hashed once for each canonical form."""

    def __init__(self, mail: SplitMail, received_at: datetime, sent_at: datetime | None, key_record: KeyRecord) -> None:
        """`received_at`, `sent_at`: arrival, and Date of the mail (None without a valid one)."""
        self._mail = mail
        self._received_at = received_at
        self._key_record = key_record
        self._problem = _problem_of_mail(mail.fields, received_at, sent_at)
        self._body_hashes: dict[Form, bytes] = {}

    def verify(self, field: HeaderField) -> Verified:
        """The result for one of the mail's DKIM-Signature fields.  Never raises."""
        try:
            signature = read_signature(field)
        except InvalidTags as error:
            return Verified(domain_of(field), "", Result.PERMERROR, str(error))
        result, reason = self._verify(signature)
        if result is Result.PASS and self._unsigned_addressing(signature):
            return Verified(signature.domain, signature.selector, result, UNADDRESSED, addressed=False)
        return Verified(signature.domain, signature.selector, result, reason)

    def problem_of(self, field: HeaderField) -> str:
        """Why a signature does not count although a relay has found it valid; "" when it counts.  Never raises.

        UNADDRESSED when nothing is missing but To and Cc.
        """
        try:
            signature = read_signature(field)
        except InvalidTags as error:
            return str(error)
        problem = self._problem_before_key(signature) or self._with_content_fields(signature)[1]
        return problem or (UNADDRESSED if self._unsigned_addressing(signature) else "")

    def _problem_before_key(self, signature: DkimSignature) -> str:
        problem = self._problem or self._not_covered(signature)
        return "it has expired (x=)" if not problem and self._has_expired(signature) else problem

    def _verify(self, signature: DkimSignature) -> tuple[Result, str]:
        problem = self._problem_before_key(signature)
        if problem:
            return Result.PERMERROR, problem
        try:
            record = self._key_record(signature.domain, signature.selector)
        except DnsUnavailable:
            return Result.TEMPERROR, "the name servers do not answer"
        if not record:
            return Result.PERMERROR, "there is no key record"
        try:
            key = read_key(record, signature.algorithm)
        except InvalidTags as error:
            return Result.PERMERROR, str(error)
        return self._with_key(signature, key)

    def _with_key(self, signature: DkimSignature, key: DkimKey) -> tuple[Result, str]:
        if key.testing:
            return Result.NONE, "the key is in test mode (t=y)"
        if key.exact and signature.identity_domain != signature.domain:
            return Result.PERMERROR, "i= is a subdomain, which the key does not allow (t=s)"
        if self._body_hash(signature.body_form) != signature.body_hash:
            return Result.FAIL, "the body was changed"
        octets = signed_octets(self._mail.fields, signature.signed, without_b(signature.octets), signature.header_form)
        if not key.verifies(signature.value, octets):
            return Result.FAIL, "the signature does not fit the header fields"
        return self._with_content_fields(signature)

    def _with_content_fields(self, signature: DkimSignature) -> tuple[Result, str]:
        """Whether unsigned ones could have been changed, or removed: last, because the body is looked through."""
        unsigned = next((name for name in content_fields.NAMES if name not in signature.signed), "")
        if not unsigned:
            return Result.PASS, ""
        problem = content_fields.other_reading(self._mail, signature.signed)
        return (Result.PERMERROR, f"{unsigned} is not signed, and {problem}") if problem else (Result.PASS, "")

    def _body_hash(self, form: Form) -> bytes:
        if form not in self._body_hashes:
            self._body_hashes[form] = sha256(canonical_body(self._mail.body, form)).digest()
        return self._body_hashes[form]

    def _not_covered(self, signature: DkimSignature) -> str:
        if signature.has_length:
            return "l= leaves the end of the text unsigned"
        missing = [name for name in _REQUIRED if name not in signature.signed]
        if any(name in signature.signed for name in _ADDRESSING):  # it names its recipients: another one was added
            missing += self._unsigned_addressing(signature)
        return f"{missing[0]} is not signed" if missing else ""

    def _unsigned_addressing(self, signature: DkimSignature) -> list[str]:
        present = {one.name for one in self._mail.fields}
        return [name for name in _ADDRESSING if name in present and name not in signature.signed]

    def _has_expired(self, signature: DkimSignature) -> bool:
        return signature.expires_at is not None and signature.expires_at < self._received_at.timestamp()


def _problem_of_mail(fields: Sequence[HeaderField], received_at: datetime, sent_at: datetime | None) -> str:
    """Why no signature of this mail counts, or ""."""
    names = [one.name for one in fields]
    twice = next((name for name in _SINGLE if names.count(name) > 1), "")
    return f"two {twice} headers" if twice else _date_problem(received_at, sent_at)


def _date_problem(received_at: datetime, sent_at: datetime | None) -> str:
    """Why the Date is not plausible, or "": an old signed mail may be replayed (T-23, T-24)."""
    if sent_at is None or sent_at.tzinfo is None:
        return "no Date with a time zone"
    if sent_at < received_at - OLDEST:
        return "its Date is more than 7 days old"
    return "its Date is more than a day ahead" if sent_at > received_at + NEWEST else ""
