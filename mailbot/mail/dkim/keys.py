"""DKIM key records (RFC 6376 §3.6.1, RFC 8301, RFC 8463) and the verification of one signature value."""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailbot.mail.dkim.signature import Algorithm
from mailbot.mail.dkim.tags import InvalidTags, as_octets, as_words, read_tags, without_white_space

SMALLEST_KEY = 1024  # bits (RFC 8301 §3.2)
LARGEST_KEY = 8192  # bits; 4096 are required (RFC 8301 §3.2)
_KIND = {Algorithm.RSA: b"rsa", Algorithm.ED25519: b"ed25519"}


@dataclass(frozen=True)
class DkimKey:
    """A public key.  `testing`: t=y, signatures count as absent; `exact`: t=s, the domain of i= must be that of d=."""

    public: RSAPublicKey | Ed25519PublicKey
    testing: bool = False
    exact: bool = False

    def verifies(self, value: bytes, octets: bytes) -> bool:
        """Whether `value` is the signature of `octets`."""
        try:
            if isinstance(self.public, RSAPublicKey):
                self.public.verify(value, octets, PKCS1v15(), SHA256())
            else:
                self.public.verify(value, sha256(octets).digest())  # RFC 8463 §3
        except InvalidSignature:
            return False
        return True


def is_key_record(text: bytes) -> bool:
    """Whether a TXT record may be a key record: other ones can stand at the same name."""
    try:
        return "p" in read_tags(text)
    except InvalidTags:
        return False


def read_key(text: bytes, algorithm: Algorithm) -> DkimKey:
    """The key for signatures of `algorithm`.  Raises InvalidTags."""
    tags = read_tags(text)
    if tags.get("v", b"DKIM1") != b"DKIM1" or ("v" in tags and next(iter(tags)) != "v"):
        raise InvalidTags("the key record is of another version")
    if tags.get("k", b"rsa").lower() != _KIND[algorithm]:
        raise InvalidTags("the key is of another algorithm")
    if "h" in tags and "sha256" not in as_words(tags["h"]):
        raise InvalidTags("the key is not for SHA-256")
    if not {"*", "email"} & set(as_words(tags.get("s", b"*"))):
        raise InvalidTags("the key is not for e-mail")
    if "p" not in tags or not without_white_space(tags["p"]):
        raise InvalidTags("the key is revoked")
    flags = as_words(tags.get("t", b""))
    return DkimKey(_public_key(as_octets(tags["p"], "p"), algorithm), "y" in flags, "s" in flags)


def _public_key(octets: bytes, algorithm: Algorithm) -> RSAPublicKey | Ed25519PublicKey:
    try:
        if algorithm is Algorithm.ED25519:
            return Ed25519PublicKey.from_public_bytes(octets)
        key = load_der_public_key(octets)
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidTags("the key cannot be read") from None
    if not isinstance(key, RSAPublicKey):
        raise InvalidTags("the key is of another algorithm")
    if not SMALLEST_KEY <= key.key_size <= LARGEST_KEY:
        raise InvalidTags(f"the key has {key.key_size} bits, not {SMALLEST_KEY} to {LARGEST_KEY}")
    return key
