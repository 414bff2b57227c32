"""DKIM signing of outgoing mail (RFC 6376, 8463)."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mailbot.errors import Permanent
from mailbot.mail.dkim.canonicalization import Form, canonical_body, signed_octets
from mailbot.mail.dkim.keys import SMALLEST_KEY
from mailbot.mail.dkim.signature import Algorithm
from mailbot.mail.split import SplitMail, split_mail

# Signed header fields; each is listed once more than it occurs, so that no further one can be added (RFC 6376 §8.15).
SIGNED = (
    *("from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version"),
    *("content-type", "content-transfer-encoding", "auto-submitted", "x-mailbot-notice", "x-mailbot-receipt"),
)
_NAME = b"DKIM-Signature"
_FIRST_LINE, _NEXT_LINES = 72 - len(_NAME), 71  # octets of the value in a folded line, as dkimpy folds

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True)
class SigningKey:
    """A private key, and the selector of its key record."""

    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> Algorithm:
        return Algorithm.RSA if isinstance(self.private, RSAPrivateKey) else Algorithm.ED25519

    def sign(self, octets: bytes) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(octets, PKCS1v15(), SHA256())
        return self.private.sign(sha256(octets).digest())  # RFC 8463 §3


def unsigned(raw: bytes) -> bytes:
    """`raw` unchanged, for a configuration without a key."""
    return raw


def read_signing_key(selector: str, pem: bytes, algorithm: Algorithm) -> SigningKey:
    """A private key in PEM, without a passphrase.  Raises Permanent."""
    try:
        private = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Permanent("The DKIM key is not a private key in PEM without a passphrase.", str(error)) from error
    if algorithm is Algorithm.ED25519 and isinstance(private, Ed25519PrivateKey):
        return SigningKey(selector, private)
    if algorithm is Algorithm.RSA and isinstance(private, RSAPrivateKey) and private.key_size >= SMALLEST_KEY:
        return SigningKey(selector, private)
    expected = "an Ed25519 key" if algorithm is Algorithm.ED25519 else f"an RSA key of {SMALLEST_KEY} bits or more"
    raise Permanent(f"The DKIM key is not {expected}.", type(private).__name__)


def make_signer(domain: str, keys: Sequence[SigningKey], now: Callable[[], datetime]) -> Sign:
    """A function that prepends one DKIM-Signature (relaxed/relaxed) for each key to a mail."""

    def sign(raw: bytes) -> bytes:
        mail, at = split_mail(raw), int(now().timestamp())
        return b"".join(_signature(mail, domain, key, at) for key in keys) + raw

    return sign


def _signature(mail: SplitMail, domain: str, key: SigningKey, at: int) -> bytes:
    there = [one.name for one in mail.fields]
    names = [name for name in SIGNED for _ in range(there.count(name) + 1)]
    body_hash = sha256(canonical_body(mail.body, Form.RELAXED)).digest()
    tags = (
        f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={domain}; i=@{domain}; q=dns/txt; s={key.selector}; t={at};"
        f" h={' : '.join(names)}; bh={base64.b64encode(body_hash).decode()}; b="
    ).encode()
    # RFC 6376 §3.7: b= is signed as an empty tag, folded as it will be.
    empty = _NAME + b": " + _folded(tags + b"0" * 60).removesuffix(b"0" * 60) + b"\r\n"
    value = key.sign(signed_octets(mail.fields, names, empty, Form.RELAXED))
    return _NAME + b": " + _folded(tags + base64.b64encode(value) + b"\r\n")


def _folded(value: bytes) -> bytes:
    """`value` in lines of at most 72 octets, folded at blanks, and inside of words that are longer."""
    lines, longest = [], _FIRST_LINE
    while len(value) > longest:
        blank = value.rfind(b" ", 0, longest)
        lines.append(value[: blank if blank >= 0 else longest])
        value = value[blank + 1 if blank >= 0 else longest :]
        longest = _NEXT_LINES
    return b"\r\n ".join([*lines, value])
