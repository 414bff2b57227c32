"""The key record of a signing key, as it is published in DNS (RFC 6376 §3.6.1, RFC 8463 §4)."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailbot.mail.dkim.sign import SigningKey


def key_record(key: SigningKey) -> str:
    """The text of the TXT record at <selector>._domainkey.<domain>."""
    public = key.private.public_key()
    if isinstance(key.private, Ed25519PrivateKey):
        kind, octets = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        kind, octets = "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k={kind}; p={base64.b64encode(octets).decode('ascii')}"
