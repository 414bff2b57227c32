"""The envelope of a mail read from a mailbox, from the header fields added at its delivery (RFC 5321 §4.4)."""

import re

from mailbot.mail.envelope import address_problem
from mailbot.mail.headers import addresses_in
from mailbot.mail.split import HeaderField, split_mail
from mailbot.mail.tagged_addresses import is_desk_address
from mailbot.model.queued_mail import Envelope

# Fields with the recipient, the most reliable first.
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "received", "to", "cc")
_FOR = re.compile(rb"\sfor\s+(<[^<>\s]{3,320}>)", re.I)  # RFC 5321 §4.4


def envelope_of(raw: bytes, desk_address: str) -> Envelope:
    """Sender and recipients; `desk_address` alone when no field has a recipient address of the desk."""
    fields = split_mail(raw).fields
    # `Return-Path: <>` is the null reverse-path; without the field From is used instead.
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
    """The value with the recipient: of Received its `for` clause, the only place where Dovecot's LMTP writes it."""
    if field.name != "received":
        return field.value
    match = _FOR.search(field.value)
    return match[1] if match else b""
