"""Syntax of envelope addresses (RFC 5321 §4.1.2, RFC 6531)."""

import re

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+"  # atext, dots anywhere: docomo has `a..b.@docomo.ne.jp`
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ASCII_ADDRESS = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})*")
_UTF8_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]\\\x00-\x20\x7f]+@[^\s@<>(),;:\"\[\]\\\x00-\x20\x7f]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST_LOCAL = 64  # octets, RFC 5321 §4.5.3.1.1
LONGEST_DOMAIN = 255  # octets, RFC 5321 §4.5.3.1.2


def address_problem(address: str, *, smtputf8: bool = False) -> str:
    """The reason code why `address` (without angle brackets) is invalid, "" when it is valid (T-8, T-84).

    Codes: control-character, 8bit-without-smtputf8, no-domain, source-route, too-long, syntax.
    """
    if _CONTROL.search(address):
        return "control-character"
    if not address.isascii() and not smtputf8:
        return "8bit-without-smtputf8"
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        return "no-domain"
    if address.startswith("@") or ":" in address:
        return "source-route"
    if len(local.encode("utf-8", "replace")) > LONGEST_LOCAL or len(domain.encode("utf-8", "replace")) > LONGEST_DOMAIN:
        return "too-long"
    right = _ASCII_ADDRESS.fullmatch(address) if address.isascii() else _UTF8_ADDRESS.fullmatch(address)
    return "" if right else "syntax"


def split_address(address: str) -> tuple[str, str]:
    """(local part, domain), split at the last @."""
    local, _, domain = address.rpartition("@")
    return local, domain
