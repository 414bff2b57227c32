"""DNS queries: a time limit for each mail, and no repeated queries for a name without an answer."""

import contextlib
from collections.abc import Iterator

import pytest

from mailbot.mail.name_servers import DnsUnavailable
from mailbot.runners import nameservers
from mailbot.runners.nameservers import FAILURE_TTL_SECONDS, NameServers
from tests.testkit.mail_domains import NameServer, Zones


class Stopwatch:
    """A monotonic clock that the test sets."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def zones() -> Zones:
    zones = Zones()
    zones.publishes("good.example")
    zones.away.add("dead.example")
    return zones


@pytest.fixture
def servers(zones: Zones, watch: Stopwatch, monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServers]:
    monkeypatch.setattr(nameservers, "QUERY_SECONDS", 0.05)
    with contextlib.closing(NameServer(zones)) as server:
        yield NameServers([server.address], watch)


def test_a_dead_name_is_asked_once_a_minute(servers: NameServers, zones: Zones, watch: Stopwatch) -> None:
    with pytest.raises(DnsUnavailable, match=r"Lifetime|Timeout"):
        servers.lookup("dead.example", "TXT")
    with pytest.raises(DnsUnavailable, match="no server answered"):
        servers.lookup("DEAD.example", "A")
    assert servers.lookup("_dmarc.good.example", "TXT")
    zones.away.clear()
    watch.seconds += FAILURE_TTL_SECONDS
    assert servers.lookup("dead.example", "TXT") == []


def test_the_budget_of_a_mail(servers: NameServers, watch: Stopwatch) -> None:
    with servers.budget(8.0):
        assert servers.lookup("_dmarc.good.example", "TXT")
        watch.seconds += 8.0
        with pytest.raises(DnsUnavailable, match="used up"):
            servers.lookup("_dmarc.good.example", "A")
    assert servers.lookup("_dmarc.good.example", "TXT")  # the next mail has its own


def test_names_that_do_not_exist(servers: NameServers, zones: Zones) -> None:
    """RFC 8020: NXDOMAIN, not the absence of one type of record."""
    zones.records["only-text.example", "TXT"] = ["x"]
    assert [servers.exists(name) for name in ("only-text.example", "nothing.example", "x" * 64 + ".example")] == [
        True,
        False,
        False,
    ]
    assert servers.lookup("nothing.example", "TXT") == servers.lookup("x" * 64 + ".example", "TXT") == []
    with pytest.raises(DnsUnavailable):
        servers.exists("dead.example")
