"""The DNS records of a desk: MX, SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from mailbot.app.quickstart.plan import Plan

LONGEST_STRING = 255  # octets of one character-string of a TXT record (RFC 1035 §3.3)


@dataclass(frozen=True)
class Record:
    """One record.  `name`: without the dot at its end; `purpose`: the key of its explanation in the templates."""

    name: str
    kind: str
    value: str
    purpose: str

    @property
    def data(self) -> str:
        """The value as a zone file has it: TXT as quoted strings of at most 255 octets."""
        if self.kind != "TXT":
            return self.value
        parts = [self.value[at : at + LONGEST_STRING] for at in range(0, len(self.value), LONGEST_STRING)]
        return " ".join('"{}"'.format(part.replace("\\", "\\\\").replace('"', '\\"')) for part in parts)


def records_of(plan: Plan, keys: Mapping[str, str]) -> list[Record]:
    """The records to publish.  `keys`: DKIM selector → key record.

    In a domain that others have mail at, too, MX, SPF and DMARC are there already, and belong to somebody else.
    """
    domain = plan.domain
    signing = [Record(f"{selector}._domainkey.{domain}", "TXT", text, "dkim") for selector, text in keys.items()]
    if plan.shared_domain:
        return [*_of_host(plan), *signing]
    return [
        Record(domain, "MX", f"10 {plan.host}.", "mx"),
        *_of_host(plan),
        Record(domain, "TXT", "v=spf1 mx -all", "spf"),
        *signing,
        Record(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=reject; adkim=s; aspf=r{_reports(plan)}", "dmarc"),
    ]


def _reports(plan: Plan) -> str:
    """Who gets the reports: an operator, not the desk.  Another organisation would have to agree (RFC 7489 §7.1)."""
    readers = [one for one in plan.admins if _is_within(plan.domain, one.lower().rpartition("@")[2])]
    return f"; rua=mailto:{readers[0]}" if readers else ""


def _of_host(plan: Plan) -> list[Record]:
    """The addresses of the machine and of the web pages, and the SPF policy of its greeting (RFC 7208 §2.3).

    Only of names in the domain of the desk: another one has a zone of its own.
    """
    names = [name for name in dict.fromkeys((plan.host, plan.web_host)) if _is_within(name, plan.domain)]
    found = [
        Record(name, "A" if ip_address(one).version == 4 else "AAAA", one, "address")
        for name in names
        for one in plan.ip_addresses
    ]
    if plan.host in names and plan.host != plan.domain:
        found.append(Record(plan.host, "TXT", "v=spf1 a -all", "helo"))
    return found


def _is_within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")
