"""The envelope of a mail that came out of a mailbox: what the delivery wrote into its headers (RFC 5321 §4.4)."""

import re

from mailbot.mail.envelope import address_problem
from mailbot.mail.headers import HeaderField, addresses_in, split_headers
from mailbot.mail.threading import is_desk_address
from mailbot.model.queued_mail import Envelope

# Where mail servers note for whom they delivered, the most reliable first.
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "received", "to", "cc")
_FOR = re.compile(rb"\sfor\s+(<[^<>\s]{3,320}>)", re.I)  # RFC 5321 §4.4


def envelope_of(raw: bytes, desk_address: str) -> Envelope:
    """Sender and recipients as far as the headers tell; the desk itself when they name no address of its own."""
    fields, _ = split_headers(raw)
    # `Return-Path: <>` is the null reverse-path of automatic mail; without the header it is not known, and the author
    # stands in for it.
    name = "return-path" if any(f.name == "return-path" for f in fields) else "from"
    senders = [address for f in fields if f.name == name for address in addresses_in(f.value)]
    sender = senders[0] if senders and not address_problem(senders[0], smtputf8=True) else ""
    for name in _DELIVERED:
        found = [a for f in fields if f.name == name for a in addresses_in(_recipients_value(f))]
        own = [address for address in found if is_desk_address(address, desk_address)]
        if own:
            return Envelope(sender, tuple(dict.fromkeys(own)))
    return Envelope(sender, (desk_address,))


def _recipients_value(field: HeaderField) -> bytes:
    """Of a Received field its `for` clause: Dovecot's LMTP says it there alone."""
    if field.name != "received":
        return field.value
    match = _FOR.search(field.value)
    return match[1] if match else b""
