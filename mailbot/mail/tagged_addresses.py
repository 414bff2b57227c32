"""Tagged addresses (RFC 5233 subaddresses) of the desk: Reply-To with a reply token, Return-Path for bounces (VERP)."""

import re
from collections.abc import Iterable

from mailbot.mail.envelope import split_address

POSTMASTER = "postmaster"
_BOUNCES = "-bounces"
_DELIMITER = re.compile(r"\+|-|=2b", re.I)  # some mail systems change the plus sign (T-48)
_BOUNCE = re.compile(rf"bounces(?:{_DELIMITER.pattern})?", re.I)


def reply_address(desk_address: str, tag: str) -> str:
    """The Reply-To address `local+tag@domain`."""
    local, domain = split_address(desk_address)
    return f"{local}+{tag}@{domain}"


def bounce_address(desk_address: str, tag: str) -> str:
    """The Return-Path `local-bounces+tag@domain`, unique for each notice (VERP)."""
    local, domain = split_address(desk_address)
    return f"{local}{_BOUNCES}+{tag}@{domain}"


def message_id(random_octets: bytes, domain: str) -> str:
    """The Message-ID of a notice (RFC 5322 §3.6.4): random, so that it tells nothing and authorises nothing (T-44)."""
    return f"<{random_octets.hex()}@{domain}>"


def tags_in(recipients: Iterable[str], desk_address: str) -> list[str]:
    """The tags of those recipients that are reply addresses of the desk, in lower case."""
    return [tag for r in recipients if (tag := _tag(r, desk_address)) and not _is_bounce(r, desk_address)]


def bounce_tags_in(recipients: Iterable[str], desk_address: str) -> list[str]:
    """The tags of those recipients that are Return-Path addresses of the desk, in lower case."""
    return [_BOUNCE.sub("", _tag(r, desk_address), count=1) for r in recipients if _is_bounce(r, desk_address)]


def is_desk_address(recipient: str, desk_address: str) -> bool:
    """Whether a recipient is the address of the desk, a reply address or a Return-Path of it."""
    return _bare(recipient) == _bare(desk_address) or bool(_tag(recipient, desk_address))


def is_postmaster(recipient: str, desk_address: str) -> bool:
    """Whether a recipient is `postmaster`, alone or of the desk's domain, in any case (RFC 5321 §4.5.1)."""
    return _bare(recipient) in (POSTMASTER, f"{POSTMASTER}@{split_address(_bare(desk_address))[1]}")


def _bare(address: str) -> str:
    return address.strip("<> ").lower()


def _tag(recipient: str, desk_address: str) -> str:
    """The text after the desk's local part and a delimiter, "" for another address."""
    local, domain = split_address(_bare(recipient))
    desk_local, desk_domain = split_address(_bare(desk_address))
    if domain != desk_domain or not local.startswith(desk_local):
        return ""
    rest = local[len(desk_local) :]
    match = _DELIMITER.match(rest)
    return rest[match.end() :] if match else ""


def _is_bounce(recipient: str, desk_address: str) -> bool:
    return _BOUNCE.match(_tag(recipient, desk_address)) is not None
