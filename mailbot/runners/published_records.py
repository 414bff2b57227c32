"""Compares a zone file with what the name servers answer."""

from dataclasses import dataclass

import dns.exception
import dns.rdatatype
import dns.tokenizer
import dns.zonefile
from dns.name import root
from dns.rdataclass import IN
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.txtbase import TXTBase

from mailbot.errors import Permanent
from mailbot.mail.name_servers import DnsUnavailable
from mailbot.runners.nameservers import NameServers

CHECK_SECONDS = 20.0  # for all queries of one comparison


@dataclass(frozen=True)
class Published:
    """A record of the file.  `answers`: what the name servers have of that name and type; None: no server answered."""

    name: str
    kind: str
    value: str  # TXT without quotation marks, MX as `10 mx.agency.example`
    answers: tuple[str, ...] | None

    @property
    def is_there(self) -> bool:
        return self.answers is not None and _plain(self.value) in map(_plain, self.answers)


def compare(zone: str, servers: NameServers) -> list[Published]:
    """Each record of the zone file `zone` with the answers for it.  Raises Permanent when it is not a zone file."""
    try:
        sets = dns.zonefile.read_rrsets(
            zone, rdclass=None, default_rdclass=IN, default_ttl=3600, origin=root, relativize=False
        )
    except (dns.exception.DNSException, ValueError) as error:
        raise Permanent(f"not readable as a zone file: {error}") from error
    with servers.budget(CHECK_SECONDS):
        return [
            _published(str(one.name).rstrip("."), one.rdtype, record, servers)
            for one in sets
            if one.rdclass == IN
            for record in one
        ]


def _published(name: str, kind: int, record: object, servers: NameServers) -> Published:
    type_name = dns.rdatatype.to_text(dns.rdatatype.RdataType.make(kind))
    try:
        answers = tuple(_text(answer) for answer in servers.lookup(name, type_name))
    except DnsUnavailable:
        answers = None
    match record:
        case MX():
            value = f"{record.preference} {record.exchange}"
        case TXTBase():
            value = b"".join(record.strings).decode("utf-8", "replace")
        case _:
            value = str(record)
    return Published(name, type_name, value.rstrip("."), answers)


def _text(answer: object) -> str:
    """An answer of `NameServers.lookup`."""
    if isinstance(answer, tuple) and answer and isinstance(answer[0], bytes):
        return b"".join(answer).decode("utf-8", "replace")
    return " ".join(map(str, answer)).rstrip(".") if isinstance(answer, tuple) else str(answer).rstrip(".")


def _plain(value: str) -> str:
    """Without what makes no difference: white space around semicolons, and the case of names."""
    parts = [part.strip() for part in value.split(";")]
    return ";".join(parts if "=" in value else [part.lower() for part in parts]).rstrip(";")
