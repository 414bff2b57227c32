"""DNS, for what senders' domains have published (dnspython)."""

from collections.abc import Sequence
from typing import Any

import dns.exception
import dns.name
import dns.resolver

from mailbot.mail.dkim_verify import DnsUnavailable

PATIENCE_SECONDS = 5.0
PORT = 53


class NameServers:
    """Asks the servers (`host` or `host:port`), else those of the machine; answers are kept for their TTL."""

    def __init__(self, servers: Sequence[str] = ()) -> None:
        """Raises ValueError when a server is no address."""
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            places = [one.rpartition(":") if one.count(":") == 1 else (one, "", "") for one in servers]
            self._resolver.nameservers = [host for host, _, _ in places]
            self._resolver.nameserver_ports = {host: int(port) for host, _, port in places if port}
        self._resolver.cache = dns.resolver.LRUCache()
        self._resolver.lifetime = PATIENCE_SECONDS

    def lookup(self, name: str, kind: str) -> list[Any]:
        """The records: TXT as tuples of bytes, A and AAAA as text, MX as (preference, name), PTR as text.

        [] when there are none.  Raises DnsUnavailable when no server answers.
        """
        try:
            answer = self._resolver.resolve(name, kind, raise_on_no_answer=False, search=False)
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong, UnicodeError):
            return []
        except (dns.exception.Timeout, dns.resolver.NoNameservers, OSError) as error:
            raise DnsUnavailable(f"{name} {kind}: {type(error).__name__}") from error
        except dns.exception.DNSException:  # a name or a record that is none
            return []
        return [_data(record, kind) for record in answer.rrset or ()]


def _data(record: Any, kind: str) -> Any:
    if kind in ("A", "AAAA"):
        return record.address
    if kind == "MX":
        return record.preference, record.exchange.to_text(omit_final_dot=True)
    if kind == "PTR":
        return record.target.to_text(omit_final_dot=True)
    return record.strings
