"""RFC 6376: the desk's own signature on what it sends (dkimpy)."""

from collections.abc import Callable

import dkim

from mailbot.errors import Permanent
from mailbot.mail.headers import split_headers

# What a reader sees, and what threads and sorts a notice; each is signed once more often than it occurs, so that none
# can be added (RFC 6376 §8.15).
_SIGNED = (
    *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "auto-submitted", "x-mailbot-notice", "x-mailbot-receipt"),
)

Sign = Callable[[bytes], bytes]


def unsigned(raw: bytes) -> bytes:
    """The mail as it is: no key is configured."""
    return raw


def make_signer(domain: str, selector: str, key: bytes) -> Sign:
    """A function that puts a DKIM-Signature (rsa-sha256, relaxed/relaxed) on top of a mail.

    `key`: an RSA private key as PEM.  Raises Permanent when it is none.
    """

    def sign(raw: bytes) -> bytes:
        there = [field.name for field in split_headers(raw)[0]]
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
    except Exception as error:  # dkimpy raises its own and the parsers' exceptions for what is no key
        raise Permanent("relay.dkim_key: not an RSA private key in PEM", repr(error)) from error
    return sign
