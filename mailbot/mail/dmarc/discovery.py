"""The DNS tree walk (RFC 9989 §4.10): the policy of an author domain, organisational domains, identifier alignment."""

from dataclasses import dataclass

from mailbot.mail.dmarc.records import DmarcRecord, Psd, Subject, read_record
from mailbot.mail.name_servers import Dns, texts_at

MOST_QUERIES = 8  # of one walk
_SHORTENED = MOST_QUERIES - 1  # labels of the second name that is queried, at most


@dataclass(frozen=True)
class Policy:
    """The policy for an author domain.

    `requested`: none | quarantine | reject, "" when no record applies; `found_at`: the domain of the record.
    """

    requested: str = ""
    strict_dkim: bool = False
    strict_spf: bool = False
    found_at: str = ""
    testing: bool = False
    dns_unavailable: bool = False

    @property
    def description(self) -> str:
        """The policy as a text for the log."""
        if self.dns_unavailable:
            return "the name servers do not answer"
        return f"{self.requested} of {self.found_at}{' (t=y)' * self.testing}" if self.requested else "no record"


@dataclass(frozen=True)
class Step:
    """A name of a walk that has a record."""

    domain: str
    record: DmarcRecord


def walk_names(domain: str) -> list[str]:
    """The domains whose records a walk from `domain` queries, in order; at most MOST_QUERIES."""
    labels = domain.split(".")
    count = len(labels)
    return [domain, *(".".join(labels[-n:]) for n in range(min(count - 1, _SHORTENED), 0, -1))]


class Discovery:
    """Discovery for one mail: each name is queried once.  Every method raises DnsUnavailable.

    Domains are in lower case, without a final dot.
    """

    def __init__(self, dns: Dns) -> None:
        self._dns = dns
        self._records: dict[str, DmarcRecord | None] = {}

    def policy(self, author: str) -> Policy:
        """The policy for an author domain (§4.10.1): its own, else its organisational domain's, else its PSD's."""
        own = self._record(author)
        if own is not None:
            return _policy(own, Subject.ITSELF, author)
        steps = self._walk(author)
        organisational = _organisational_domain(author, steps)
        found = next((step for step in steps if step.domain == organisational), steps[-1] if steps else None)
        if found is None:
            return Policy()
        return _policy(found.record, self._subject(author, found.record), found.domain)

    def organisational_domain(self, domain: str) -> str:
        """The organisational domain (§4.10.2); `domain` itself when no record is found."""
        return _organisational_domain(domain, self._walk(domain))

    def may_align(self, identifier: str, author: str) -> bool:
        """Whether an authenticated identifier is the author domain, or in the organisational domain of it.

        Any other one is not aligned, whatever its own name servers say.
        """
        if identifier == author:
            return True
        organisational = self.organisational_domain(author)
        return identifier == organisational or identifier.endswith(f".{organisational}")

    def aligned(self, identifier: str, author: str, *, strict: bool) -> bool:
        """Identifier alignment (§4.10.2)."""
        if strict or identifier == author:
            return identifier == author
        return self.may_align(identifier, author) and (
            self.organisational_domain(identifier) == self.organisational_domain(author)
        )

    def _subject(self, author: str, record: DmarcRecord) -> Subject:
        """np is asked for only where it would differ from sp."""
        if record.requested(Subject.SUBDOMAIN) == record.requested(Subject.MISSING_SUBDOMAIN):
            return Subject.SUBDOMAIN
        return Subject.SUBDOMAIN if self._dns.exists(author) else Subject.MISSING_SUBDOMAIN

    def _walk(self, domain: str) -> list[Step]:
        """The names that have a record, the longest first; the walk ends at psd=y or psd=n."""
        steps: list[Step] = []
        for name in walk_names(domain):
            record = self._record(name)
            if record is None:
                continue
            steps.append(Step(name, record))
            if record.psd is not Psd.UNKNOWN:
                break
        return steps

    def _record(self, domain: str) -> DmarcRecord | None:
        """The record of a domain; None without one, or with several (§4.10 step 2)."""
        if domain not in self._records:
            texts = texts_at(f"_dmarc.{domain}", self._dns)
            found = [record for text in texts if (record := read_record(text.decode("ascii", "replace"))) is not None]
            self._records[domain] = found[0] if len(found) == 1 else None
        return self._records[domain]


def _organisational_domain(start: str, steps: list[Step]) -> str:
    if not steps:
        return start
    last = steps[-1]
    if last.record.psd is Psd.PUBLIC_SUFFIX:  # one label below it; `start` when that is the public suffix itself
        return ".".join(start.split(".")[-(last.domain.count(".") + 2) :])
    return last.domain


def _policy(record: DmarcRecord, subject: Subject, domain: str) -> Policy:
    requested = record.requested(subject)
    if not requested:
        return Policy()
    return Policy(requested, record.strict_dkim, record.strict_spf, domain, record.testing)
