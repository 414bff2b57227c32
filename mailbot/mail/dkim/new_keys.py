"""New DKIM keys (RFC 6376, RFC 8463)."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mailbot.mail.dkim.signature import Algorithm

RSA_BITS = 2048  # RFC 8301 §3.2; a longer key does not fit into a DNS answer over UDP


def new_signing_key(algorithm: Algorithm) -> bytes:
    """A new private key in PEM (PKCS #8, without a passphrase)."""
    rsa = algorithm is Algorithm.RSA
    key = generate_private_key(65537, RSA_BITS) if rsa else Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
