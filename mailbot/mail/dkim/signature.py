"""One DKIM-Signature field (RFC 6376 §3.5, §6.1.1), read strictly."""

from dataclasses import dataclass, field
from enum import StrEnum

from mailbot.mail.dkim.canonicalization import Form
from mailbot.mail.dkim.tags import InvalidTags, as_domain, as_octets, as_seconds, as_words, read_tags
from mailbot.mail.split import HeaderField


class Algorithm(StrEnum):
    """The algorithms that are accepted; rsa-sha1 is not (RFC 8301 §3.1)."""

    RSA = "rsa-sha256"
    ED25519 = "ed25519-sha256"  # RFC 8463


@dataclass(frozen=True)
class DkimSignature:
    """The tags of a signature."""

    algorithm: Algorithm  # a
    domain: str  # d
    selector: str  # s
    identity_domain: str  # the domain of i
    header_form: Form  # c
    body_form: Form
    signed: tuple[str, ...]  # h: names of header fields in lower case, one may occur several times
    body_hash: bytes  # bh
    value: bytes  # b
    signed_at: int | None  # t, seconds since 1970
    expires_at: int | None  # x, seconds since 1970
    has_length: bool  # l
    octets: bytes = field(repr=False)  # of the field


def domain_of(header: HeaderField) -> str:
    """The d= of a DKIM-Signature field that need not be valid; "" when it has none."""
    try:
        return as_domain(read_tags(header.value).get("d", b""), "d")
    except InvalidTags:
        return ""


def read_signature(header: HeaderField) -> DkimSignature:
    """The signature in a DKIM-Signature field.  Raises InvalidTags."""
    tags = read_tags(header.value)
    for name in ("v", "a", "b", "bh", "d", "h", "s"):
        if not tags.get(name):
            raise InvalidTags(f"{name}= is missing")
    if tags["v"] != b"1":
        raise InvalidTags("v= is not 1")
    if "dns/txt" not in as_words(tags.get("q", b"dns/txt")):
        raise InvalidTags("q= is not dns/txt")
    domain = as_domain(tags["d"], "d")
    header_form, body_form = _forms(tags.get("c", b"simple"))
    signed_at, expires_at = as_seconds(tags.get("t"), "t"), as_seconds(tags.get("x"), "x")
    if signed_at is not None and expires_at is not None and expires_at < signed_at:
        raise InvalidTags("x= is before t=")
    return DkimSignature(
        algorithm=_algorithm(tags["a"]),
        domain=domain,
        selector=as_domain(tags["s"], "s"),
        identity_domain=_identity_domain(tags.get("i"), domain),
        header_form=header_form,
        body_form=body_form,
        signed=as_words(tags["h"]),
        body_hash=as_octets(tags["bh"], "bh"),
        value=as_octets(tags["b"], "b"),
        signed_at=signed_at,
        expires_at=expires_at,
        has_length="l" in tags,
        octets=header.octets,
    )


def _algorithm(value: bytes) -> Algorithm:
    try:
        return Algorithm(value.decode("ascii", "replace").lower())
    except ValueError:
        raise InvalidTags("a= is not rsa-sha256 or ed25519-sha256") from None


def _forms(value: bytes) -> tuple[Form, Form]:
    header, _, body = value.decode("ascii", "replace").lower().partition("/")
    try:
        return Form(header), Form(body or "simple")
    except ValueError:
        raise InvalidTags("c= is not simple or relaxed") from None


def _identity_domain(value: bytes | None, domain: str) -> str:
    if value is None:
        return domain
    found = as_domain(value.rpartition(b"@")[2], "i")
    if found != domain and not found.endswith(f".{domain}"):
        raise InvalidTags("i= is not in d=")
    return found
