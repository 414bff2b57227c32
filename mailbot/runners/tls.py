"""Certificates of the servers: read at the start, and again while connections go on."""

import ssl
from pathlib import Path

from mailbot.errors import ConfigError


def server_context(certificate: Path, key: Path | None, names: str) -> ssl.SSLContext:
    """A TLS context for servers (TLS 1.2 or newer).  `key`: None when it is in the file of the certificate.

    Raises ConfigError, which begins with `names`, the keys of the configuration, when they cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{names} cannot be used: {error}") from error
    return context


def reload_certificate(context: ssl.SSLContext, certificate: Path, key: Path | None, names: str) -> None:
    """Put the certificate into a context that is in use: handshakes from now on get it, connections go on.

    Raises ConfigError when it cannot be used; then the old one stays.
    """
    server_context(certificate, key, names)  # a pair that does not fit would leave the context without a key
    context.load_cert_chain(certificate, key)
