"""New DKIM keys, and the record that publishes one in DNS (RFC 6376 §3.6.1, RFC 8463 §4)."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from mailbot.mail.dkim.signature import Algorithm

RSA_BITS = 2048  # RFC 8301 §3.2; a longer key does not fit into a DNS answer over UDP


def new_signing_key(algorithm: Algorithm) -> bytes:
    """A new private key in PEM (PKCS #8, without a passphrase)."""
    rsa = algorithm is Algorithm.RSA
    key = generate_private_key(65537, RSA_BITS) if rsa else Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def key_record(pem: bytes) -> str:
    """The TXT record that publishes the public key of `pem`.  Raises ValueError or TypeError when it is not a key."""
    public = load_pem_private_key(pem, password=None).public_key()
    if isinstance(public, Ed25519PublicKey):
        kind, octets = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        kind, octets = "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k={kind}; p={base64.b64encode(octets).decode()}"
