"""Tests of mail.dmarc.discovery: the DNS tree walk of RFC 9989 §4.10, also compared with checkdmarc's."""

import random
from collections.abc import Mapping
from typing import Any

import dns.resolver
import pytest

from mailbot.mail.dmarc.discovery import MOST_QUERIES, Discovery, walk_names
from mailbot.mail.name_servers import DnsUnavailable

NONE, REJECT, PSD, ORG = "v=DMARC1; p=none", "v=DMARC1; p=reject", "v=DMARC1; p=none; psd=y", "v=DMARC1; p=none; psd=n"


class Names:
    """DNS with these DMARC records; `missing` names do not exist, `away` ones are not answered."""

    def __init__(self, records: Mapping[str, str | list[str]], missing: tuple[str, ...] = (), away: str = "") -> None:
        self.records = {name: [text] if isinstance(text, str) else text for name, text in records.items()}
        self.missing, self.away = missing, away
        self.queries: list[str] = []

    def lookup(self, name: str, kind: str) -> list[Any]:
        assert kind == "TXT"
        self.queries.append(name)
        if self.away and name.endswith(self.away):
            raise DnsUnavailable(name)
        return [(text.encode(),) for text in self.records.get(name.removeprefix("_dmarc."), [])]

    def exists(self, name: str) -> bool:
        self.queries.append(name)
        return name not in self.missing


@pytest.mark.parametrize(
    ("domain", "shortened"),
    [
        ("jp", []),
        ("example.com", ["com"]),
        ("a.b.c.d.e.f.g.h", ["b.c.d.e.f.g.h", "c.d.e.f.g.h", "d.e.f.g.h", "e.f.g.h", "f.g.h", "g.h", "h"]),
        # RFC 9989 §4.10
        ("a.b.c.d.e.f.g.h.i.j.mail.example.com", ["g.h.i.j.mail.example.com", "h.i.j.mail.example.com", "i.j.mail.example.com",
                                                  "j.mail.example.com", "mail.example.com", "example.com", "com"]),
        # §5.1.6
        ("mail.a.b.c.d.e.f.g.example.com", ["c.d.e.f.g.example.com", "d.e.f.g.example.com", "e.f.g.example.com", "f.g.example.com",
                                            "g.example.com", "example.com", "com"]),
    ],
)  # fmt: skip
def test_the_names_of_a_walk(domain: str, shortened: list[str]) -> None:
    names = walk_names(domain)
    assert names == [domain, *shortened]
    assert len(names) <= MOST_QUERIES
    dns = Names({})
    assert Discovery(dns).organisational_domain(domain) == domain
    assert dns.queries == [f"_dmarc.{name}" for name in names]


# start of the walk, records → organisational domain, domain of the policy that applies
WALKS: dict[str, tuple[str, dict[str, str | list[str]], str, str]] = {
    # RFC 9989 §4.10.2
    "the fewest labels": ("a.mail.example.com", {"mail.example.com": NONE, "example.com": NONE}, "example.com", "example.com"),
    "psd=n": ("a.mail.example.com", {"mail.example.com": ORG, "example.com": NONE}, "mail.example.com", "mail.example.com"),
    "psd=y of the top-level domain": ("a.mail.example.com", {"com": PSD}, "example.com", "com"),
    "one label below psd=y": ("mail.example.com", {"example.com": PSD}, "mail.example.com", "example.com"),
    # §4.10.1: the author domain's own record comes first, and does not make it the organisational domain
    "its own record": ("a.mail.example.com", {"a.mail.example.com": REJECT, "example.com": NONE}, "example.com", "a.mail.example.com"),
    "its own record with psd=n": ("a.example.com", {"a.example.com": ORG, "example.com": NONE}, "a.example.com", "a.example.com"),
    "its own record with psd=y": ("example.com", {"example.com": PSD, "com": NONE}, "example.com", "example.com"),
    "a record between does not apply": ("a.b.example.gov", {"b.example.gov": REJECT, "gov": PSD}, "example.gov", "gov"),
    "the organisational domain before the PSD": ("a.example.gov", {"example.gov": REJECT, "gov": PSD}, "example.gov", "example.gov"),
    "psd=u goes on": ("a.b.example.com", {"b.example.com": f"{NONE}; psd=u", "example.com": NONE}, "example.com", "example.com"),
    "nothing": ("a.example.com", {}, "a.example.com", ""),
    "a record in the shortened part is not found": ("mail.a.b.c.d.e.f.g.example.com", {"b.c.d.e.f.g.example.com": ORG}, "mail.a.b.c.d.e.f.g.example.com", ""),
    # the walk cases of OpenDMARC's test zone (its apex has psd=y)
    "direct": ("direct.walk.example.org", {"direct.walk.example.org": REJECT, "walk.example.org": PSD}, "direct.walk.example.org", "direct.walk.example.org"),
    "psdn": ("sub.psdn.walk.example.org", {"psdn.walk.example.org": ORG, "walk.example.org": PSD}, "psdn.walk.example.org", "psdn.walk.example.org"),
    "nopsd": ("sub.nopsd.walk.example.org", {"nopsd.walk.example.org": NONE, "walk.example.org": PSD}, "nopsd.walk.example.org", "nopsd.walk.example.org"),
    "psdy": ("leaf.mid.psdy.walk.example.org", {"psdy.walk.example.org": PSD, "walk.example.org": PSD}, "mid.psdy.walk.example.org", "psdy.walk.example.org"),
    "eightlabel": ("d6.d5.d4.d3.d2.d1.eight.walk.example.org", {"d3.d2.d1.eight.walk.example.org": ORG, "walk.example.org": PSD}, "d3.d2.d1.eight.walk.example.org", "d3.d2.d1.eight.walk.example.org"),
    "multirecord": ("multi.walk.example.org", {"multi.walk.example.org": [NONE, REJECT], "walk.example.org": PSD}, "multi.walk.example.org", "walk.example.org"),
    "a record of another version beside it": ("example.com", {"example.com": ["v=DMARC2", REJECT, "x"]}, "example.com", "example.com"),
}  # fmt: skip


@pytest.mark.parametrize("case", WALKS)
def test_walks(case: str) -> None:
    """T-26."""
    start, records, organisational, policy = WALKS[case]
    found = Discovery(Names(records))
    assert (found.organisational_domain(start), found.policy(start).found_at) == (organisational, policy)


# author, identifier, records → relaxed alignment
ALIGNMENTS: dict[str, tuple[str, str, dict[str, str | list[str]], bool]] = {
    "the same domain": ("example.com", "example.com", {"example.com": NONE}, True),
    "a subdomain signs": ("example.com", "news.example.com", {"example.com": NONE}, True),
    "a parent signs": ("news.example.com", "example.com", {"example.com": NONE}, True),
    "sisters": ("news.example.com", "mail.example.com", {"example.com": NONE}, True),
    "a parent without a record": ("news.example.com", "example.com", {"news.example.com": NONE}, False),
    "a subdomain with psd=n": ("example.com", "dept.example.com", {"example.com": NONE, "dept.example.com": ORG}, False),
    "its parent signs for it": ("dept.example.com", "example.com", {"example.com": NONE, "dept.example.com": ORG}, False),
    "below psd=n": ("a.dept.example.com", "b.dept.example.com", {"example.com": NONE, "dept.example.com": ORG}, True),
    "two customers of a public suffix": ("a.co.jp", "b.co.jp", {"co.jp": PSD, "a.co.jp": REJECT, "b.co.jp": REJECT}, False),
    "two customers of a suffix without a record": ("a.co.jp", "b.co.jp", {"a.co.jp": REJECT, "b.co.jp": REJECT}, False),
    "the public suffix itself": ("a.co.jp", "co.jp", {"co.jp": PSD, "a.co.jp": REJECT}, False),
    "a name that ends alike": ("kyoto-u.ac.jp", "u.ac.jp", {"kyoto-u.ac.jp": REJECT, "u.ac.jp": REJECT}, False),
    "a name that ends alike, the other way": ("u.ac.jp", "kyoto-u.ac.jp", {"kyoto-u.ac.jp": REJECT, "u.ac.jp": REJECT}, False),
    "a name below the attacker": ("example.com", "example.com.evil.net", {"example.com": NONE, "evil.net": NONE}, False),
}  # fmt: skip


@pytest.mark.parametrize("case", ALIGNMENTS)
def test_alignment(case: str) -> None:
    """T-26."""
    author, identifier, records, aligned = ALIGNMENTS[case]
    found = Discovery(Names(records))
    assert found.aligned(identifier, author, strict=False) is aligned
    assert found.aligned(identifier, author, strict=True) is (identifier == author)


@pytest.mark.parametrize(
    ("author", "records", "missing", "requested"),
    [
        ("example.com", {"example.com": "v=DMARC1; p=none; sp=quarantine; np=reject"}, ("example.com",), "none"),
        ("a.example.com", {"example.com": "v=DMARC1; p=none; sp=quarantine; np=reject"}, (), "quarantine"),
        ("a.example.com", {"example.com": "v=DMARC1; p=none; sp=quarantine; np=reject"}, ("a.example.com",), "reject"),
        ("a.example.com", {"example.com": "v=DMARC1; p=reject; np=none; t=y"}, (), "quarantine"),
        ("a.example.com", {"example.com": "v=DMARC1; p=reject; np=none; t=y"}, ("a.example.com",), "none"),
        ("b.example.gov", {"gov": "v=DMARC1; p=none; np=reject; psd=y"}, ("b.example.gov",), "reject"),
        ("example.com", {"example.com": "v=DMARC1; p=refuse", "com": PSD}, (), ""),
    ],
)
def test_policies(author: str, records: dict[str, str | list[str]], missing: tuple[str, ...], requested: str) -> None:
    assert Discovery(Names(records, missing)).policy(author).requested == requested


def test_an_identifier_of_another_organisation_is_not_asked_about() -> None:
    """T-17: its name servers cannot make a temporary error."""
    dns = Names({"example.com": NONE}, away="evil.net")
    found = Discovery(dns)
    for identifier in ("a.evil.net", "example.com.evil.net", "xexample.com", "com"):
        assert (
            found.may_align(identifier, "example.com")
            is found.aligned(identifier, "example.com", strict=False)
            is False
        )
    assert not any("evil" in name for name in dns.queries)
    with pytest.raises(DnsUnavailable):
        found.policy("evil.net")


def test_each_name_is_queried_once() -> None:
    dns = Names({"example.com": "v=DMARC1; p=none; sp=reject; np=reject"})
    found = Discovery(dns)
    found.policy("a.example.com")
    found.aligned("b.example.com", "a.example.com", strict=False)
    assert dns.queries == ["_dmarc.a.example.com", "_dmarc.example.com", "_dmarc.com", "_dmarc.b.example.com"]


LABELS = ("a", "b", "mail", "example", "co", "jp")
TAGS = ("", "", "; sp=none", "; psd=u", "; psd=n", "; psd=y", "; t=y; adkim=s", ";psd = y ; np=reject", "; PSD=N")
ZONES = 400


def generated_zone(seed: int) -> tuple[str, dict[str, str | list[str]]]:
    """A domain of up to twelve labels, and records at some of the names above it and beside it."""
    rng = random.Random(seed)
    labels = [rng.choice(LABELS) for _ in range(rng.randint(1, 12))]
    ancestors = [".".join(labels[at:]) for at in range(len(labels))]
    names = [*ancestors, *(f"{rng.choice(LABELS)}.{name}" for name in ancestors)]
    records: dict[str, str | list[str]] = {
        name: f"v=DMARC1; p={rng.choice(('none', 'quarantine', 'reject'))}{rng.choice(TAGS)}"
        for name in names
        if rng.random() < 0.35
    }
    return ancestors[0], records


def located_by_checkdmarc(domain: str, records: Mapping[str, str | list[str]], patch: pytest.MonkeyPatch) -> str:
    import checkdmarc.dmarc  # it takes half a second, which each process that collects the tests would spend

    def query(name: str, kind: str, **_: object) -> list[str]:
        text = records.get(name.removeprefix("_dmarc."))
        if kind != "TXT" or text is None or not name.startswith("_dmarc."):
            raise dns.resolver.NoAnswer
        assert isinstance(text, str)
        return [text]

    patch.setattr(checkdmarc.dmarc, "query_dns", query)
    try:
        return str(checkdmarc.dmarc.query_dmarc_record(domain)["location"])
    except checkdmarc.dmarc.DMARCRecordNotFound:
        return ""


def test_discovery_is_that_of_checkdmarc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record that applies is found at the same name, in every generated zone."""
    zones = [generated_zone(seed) for seed in range(ZONES)]
    ours = [Discovery(Names(records)).policy(domain).found_at for domain, records in zones]
    theirs = [located_by_checkdmarc(domain, records, monkeypatch) for domain, records in zones]
    different = [(zone, a, b) for zone, a, b in zip(zones, ours, theirs, strict=True) if a != b]
    assert different == []
    assert len({*theirs}) > 100 and sum(a not in ("", domain) for a, (domain, _) in zip(ours, zones, strict=True)) > 100
