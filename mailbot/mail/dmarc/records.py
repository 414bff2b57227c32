"""The DMARC policy record (RFC 9989 §4.7, §4.8)."""

import re
from dataclasses import dataclass
from enum import StrEnum

_VERSION = re.compile(r"v[ \t]*=[ \t]*(?-i:DMARC1)[ \t]*(?:;|\Z)", re.I)
_POLICIES = ("none", "quarantine", "reject")
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s,!]+", re.I)  # RFC 3986 §3.1


class Psd(StrEnum):
    """What the domain of a record is."""

    PUBLIC_SUFFIX = "y"
    ORGANISATIONAL = "n"
    UNKNOWN = "u"


class Subject(StrEnum):
    """How an author domain relates to the domain of the record that applies to it."""

    ITSELF = "itself"
    SUBDOMAIN = "subdomain"
    MISSING_SUBDOMAIN = "missing subdomain"  # DNS answers NXDOMAIN for it


@dataclass(frozen=True)
class DmarcRecord:
    """A record.  `usable`: False when DMARC does not apply because of it (RFC 9989 §4.10.1)."""

    policy: str = "none"  # p
    subdomain_policy: str = ""  # sp; "" when the record has none
    missing_subdomain_policy: str = ""  # np; "" when the record has none
    strict_dkim: bool = False
    strict_spf: bool = False
    psd: Psd = Psd.UNKNOWN
    testing: bool = False  # t=y
    usable: bool = True

    def requested(self, subject: Subject) -> str:
        """The policy for a mail that fails: none | quarantine | reject; "" when DMARC does not apply.

        With t=y it is one level below the published one (RFC 9989 §4.7).
        """
        if not self.usable:
            return ""
        found = self.policy
        if subject is not Subject.ITSELF:
            found = self.subdomain_policy or self.policy
        if subject is Subject.MISSING_SUBDOMAIN:
            found = self.missing_subdomain_policy or found
        return _POLICIES[max(0, _POLICIES.index(found) - 1)] if self.testing else found


def read_record(text: str) -> DmarcRecord | None:
    """The record in a TXT record; None when it is no DMARC record of the current version.

    A value that is not allowed counts as absent, unknown tags are ignored (so are pct, rf and ri of RFC 7489).  A
    policy that is not allowed makes the record one of p=none if it asks for reports, else unusable (§4.10.1).
    """
    if not _VERSION.match(text):
        return None
    tags: dict[str, str] = {}
    for tag in text.split(";")[1:]:
        name, _, value = tag.partition("=")
        tags.setdefault(name.strip(" \t").lower(), value.strip(" \t"))
    policies = {name: tags[name].lower() for name in ("p", "sp", "np") if name in tags}
    valid = all(value in _POLICIES for value in policies.values())
    psd = tags.get("psd", "").lower()
    return DmarcRecord(
        policy=policies.get("p", "none") if valid else "none",
        subdomain_policy=policies.get("sp", "") if valid else "",
        missing_subdomain_policy=policies.get("np", "") if valid else "",
        strict_dkim=tags.get("adkim", "").lower() == "s",
        strict_spf=tags.get("aspf", "").lower() == "s",
        psd=Psd(psd) if psd in tuple(Psd) else Psd.UNKNOWN,
        testing=tags.get("t", "").lower() == "y",
        usable=valid or _asks_for_reports(tags.get("rua", "")),
    )


def _asks_for_reports(addresses: str) -> bool:
    return any(_URI.fullmatch(one.strip(" \t")) for one in addresses.split(","))
