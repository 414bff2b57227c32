"""DKIM signing of outgoing mail (RFC 6376), by dkimpy."""

from collections.abc import Callable

import dkim

from mailbot.errors import Permanent
from mailbot.mail.split import split_mail

# Signed header fields; each is listed once more than it occurs, so that no further one can be added (RFC 6376 §8.15).
_SIGNED = (
    *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "auto-submitted", "x-mailbot-notice", "x-mailbot-receipt"),
)

Sign = Callable[[bytes], bytes]


def unsigned(raw: bytes) -> bytes:
    """`raw` unchanged, for a configuration without a key."""
    return raw


def make_signer(domain: str, selector: str, key: bytes) -> Sign:
    """A function that prepends a DKIM-Signature (rsa-sha256, relaxed/relaxed) to a mail.

    `key`: an RSA private key in PEM.  Raises Permanent when it is invalid.
    """

    def sign(raw: bytes) -> bytes:
        there = [field.name for field in split_mail(raw).fields]
        wanted = [name.encode() for name in _SIGNED for _ in range(there.count(name) + 1)]
        header: bytes = dkim.sign(
            raw,
            selector.encode(),
            domain.encode(),
            key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=wanted,
        )
        return header + raw

    try:
        sign(b"From: a@example.jp\r\n\r\n\r\n")
    except Exception as error:  # dkimpy raises several kinds for an invalid key
        raise Permanent("relay.dkim_key: not an RSA private key in PEM", repr(error)) from error
    return sign
