"""What sender authentication asks the name servers; the client is `runners/nameservers.py`."""

from typing import Any, Protocol


class DnsUnavailable(Exception):
    """No name server answers; the result is temperror."""


class Dns(Protocol):
    """A DNS client.  Both methods raise DnsUnavailable when no name server answers."""

    def lookup(self, name: str, kind: str) -> list[Any]:
        """The records of type `kind` as pyspf takes them: TXT as a tuple of bytes, MX as (preference, name), else text.

        [] when there are none.
        """
        ...

    def exists(self, name: str) -> bool:
        """Whether the answer for `name` is another one than NXDOMAIN (RFC 8020)."""
        ...


def texts_at(name: str, dns: Dns) -> list[bytes]:
    """The TXT records of a name, each with its strings joined (RFC 7208 §3.3).  Raises DnsUnavailable."""
    return [b"".join(one) if isinstance(one, (tuple, list)) else bytes(one) for one in dns.lookup(name, "TXT")]
