"""The address of a client as limits count it: an IPv4 address, or the /64 network of an IPv6 address.

A subscriber line usually gets a whole /64 (RFC 6177): counted by single addresses, it would have 2^64 of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPV6_PREFIX_BITS = 64


@lru_cache(maxsize=4096)
def address_prefix(address: str) -> str:
    """What limits count `address` by; an IPv4-mapped IPv6 address is its IPv4 address.

    All text that is no IP address is one client, "": a proxy may pass on an X-Forwarded-For that its client has made.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ip_network((int(ip), IPV6_PREFIX_BITS), strict=False))
    return str(ip)


def is_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Whether `address` is in one of `networks`; False when it is not an IP address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return any(ip in network for network in networks)
