"""The DNS client of sender authentication (dnspython), with a time limit for each mail and a cache of failed names."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import dns.exception
import dns.resolver

from mailbot.mail.name_servers import DnsUnavailable

QUERY_SECONDS = 5.0  # for one query
MAIL_SECONDS = 8.0  # for all queries of one mail
FAILURE_TTL_SECONDS = 60.0  # how long a name for which no server answered is not queried again (RFC 9520 §3.2)
MAX_FAILURES = 10_000  # names in that cache

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)  # on the clock of the NameServers


class NameServers:
    """Queries `servers` (`host` or `host:port`; none: those of the machine); answers are cached for their TTL.

    Safe for several threads at once.
    """

    def __init__(self, servers: Sequence[str] = (), elapsed: Callable[[], float] = time.monotonic) -> None:
        """`elapsed`: seconds of a monotonic clock.  Raises ValueError when a server is not an IP address."""
        self._elapsed = elapsed
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            addresses = [one.rpartition(":") if one.count(":") == 1 else (one, "", "") for one in servers]
            self._resolver.nameservers = [host for host, _, _ in addresses]
            self._resolver.nameserver_ports = {host: int(port) for host, _, port in addresses if port}
        self._resolver.cache = dns.resolver.LRUCache()
        self._failures: dict[str, float] = {}  # lower-case name → until when it is not queried
        self._failures_lock = threading.Lock()

    @contextmanager
    def budget(self, seconds: float = MAIL_SECONDS) -> Iterator[None]:
        """All queries of this thread inside the block take at most `seconds` together."""
        token = _deadline.set(self._elapsed() + seconds)
        try:
            yield
        finally:
            _deadline.reset(token)

    def lookup(self, name: str, kind: str) -> list[Any]:
        """The records of type `kind`: TXT as tuples of bytes, A, AAAA and PTR as text, MX as (preference, name).

        [] when there are none.  Raises DnsUnavailable when no server answers, or the budget is used up.
        """
        try:
            answer = self._answer(name, kind)
        except dns.resolver.NXDOMAIN:
            return []
        return [_data(record, kind) for record in answer.rrset or ()] if answer is not None else []

    def exists(self, name: str) -> bool:
        """Whether the answer for `name` is another one than NXDOMAIN (RFC 8020).  Raises DnsUnavailable."""
        try:
            return self._answer(name, "A") is not None
        except dns.resolver.NXDOMAIN:
            return False

    def _answer(self, name: str, kind: str) -> dns.resolver.Answer | None:
        """The answer; None when it is not a valid name or record.  Raises DnsUnavailable, dns.resolver.NXDOMAIN."""
        lifetime = self._lifetime(name, kind)
        try:
            return self._resolver.resolve(name, kind, raise_on_no_answer=False, search=False, lifetime=lifetime)
        except dns.resolver.NXDOMAIN:
            raise
        except (dns.exception.Timeout, dns.resolver.NoNameservers, OSError) as error:
            self._record_failure(name)
            raise DnsUnavailable(f"{name} {kind}: {type(error).__name__}") from error
        except (dns.exception.DNSException, UnicodeError):  # not a valid name or record
            return None

    def _lifetime(self, name: str, kind: str) -> float:
        """The time limit of a query, in seconds.  Raises DnsUnavailable when the name is not to be queried now."""
        now, deadline = self._elapsed(), _deadline.get()
        with self._failures_lock:
            not_before = self._failures.get(name.lower(), now)
        if not_before > now:
            raise DnsUnavailable(f"{name} {kind}: no server answered within the last {FAILURE_TTL_SECONDS:g} s")
        left = QUERY_SECONDS if deadline is None else min(QUERY_SECONDS, deadline - now)
        if left <= 0:
            raise DnsUnavailable(f"{name} {kind}: the time limit for one mail is used up")
        return left

    def _record_failure(self, name: str) -> None:
        with self._failures_lock:
            if len(self._failures) >= MAX_FAILURES:
                self._failures.clear()
            self._failures[name.lower()] = self._elapsed() + FAILURE_TTL_SECONDS


def _data(record: Any, kind: str) -> Any:
    if kind in ("A", "AAAA"):
        return record.address
    if kind == "MX":
        return record.preference, record.exchange.to_text(omit_final_dot=True)
    if kind == "PTR":
        return record.target.to_text(omit_final_dot=True)
    return record.strings
