"""Domains with keys and records of their own, and a private DNS server on loopback that publishes them.

`python -m tests.testkit.mail_domains` is one on port 53, with the zone file that it reads, until it is ended.
"""

import base64
import socketserver
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Any

import dkim
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailbot.mail.name_servers import DnsUnavailable

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
COVERED = [b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"content-type", b"content-transfer-encoding",
           b"mime-version", b"in-reply-to", b"references", b"reply-to"]  # fmt: skip


@cache
def key_of(name: str) -> tuple[bytes, bytes]:
    """A private key (PEM) and its DNS record, made once for each name: as short as is accepted, as dkimpy signs slowly."""
    key = rsa.generate_private_key(65537, 1024)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


class Zones:
    """What DNS says: (name, type) → texts.  A name in `away` is never answered."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.away: set[str] = set()

    def publishes(self, domain: str, *, dmarc: str = "v=DMARC1; p=reject", spf: str = "", selector: str = "s1") -> None:
        """A domain with a DKIM key, a DMARC record and an SPF policy."""
        if selector:
            self.records[f"{selector}._domainkey.{domain}", "TXT"] = [key_of(domain)[1].decode()]
        if dmarc:
            self.records[f"_dmarc.{domain}", "TXT"] = [dmarc]
        if spf:
            self.records[domain, "TXT"] = [spf]

    def answer(self, wire: bytes) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        if any(name == one or name.endswith(f".{one}") for one in self.away):
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        found = self.records.get((name, kind), [])
        if found:
            texts = [_quoted(one) if kind == "TXT" else one for one in found]
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *texts))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire(max_size=65535)


def _quoted(text: str) -> str:
    return " ".join(f'"{text[i : i + 250]}"' for i in range(0, len(text), 250))


class NameServer:
    """Answers over UDP on loopback."""

    def __init__(self, zones: Zones, port: int = 0) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                wire, socket = self.request
                answer = zones.answer(wire)
                if answer is not None:
                    socket.sendto(answer, self.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", port), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        # `close` waits for the end of a poll.
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def written(text: str, sender: str, to: str = "desk@desk.example", **headers: str) -> bytes:
    """A mail as a mail program writes it, not signed."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = headers.pop("subject", "申込")
    mail["Date"] = headers.pop("date", format_datetime(NOW))
    mail["Message-ID"] = headers.pop("message_id", f"<1@{sender.rpartition('@')[2].rstrip('>')}>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text, charset="utf-8", cte="base64")
    return mail.as_bytes(policy=SMTP)


def signed(raw: bytes, domain: str, *, selector: str = "s1", key: bytes | None = None, **how: Any) -> bytes:
    """`raw` with a genuine signature of `domain` over all that people read."""
    there = {line.partition(b":")[0].strip().lower() for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")}
    how.setdefault("include_headers", [name for name in COVERED if name in there])
    how.setdefault("canonicalize", (b"relaxed", b"relaxed"))
    header: bytes = dkim.sign(raw, selector.encode(), domain.encode(), key or key_of(domain)[0], **how)
    return header + raw


class DnsOf:
    """The same without a socket, for tests of the rules alone; `asked` are the names in order."""

    def __init__(self, zones: Zones) -> None:
        self.zones = zones
        self.asked: list[str] = []

    def lookup(self, name: str, kind: str) -> list[Any]:
        found = self.zones.records.get((self._answered(name), kind), [])
        if kind == "TXT":
            return [(text.encode(),) for text in found]
        return [(int(m[0]), m[1].rstrip(".")) for m in (one.split() for one in found)] if kind == "MX" else list(found)

    def exists(self, name: str) -> bool:
        flat = self._answered(name)
        return any(known == flat for known, _ in self.zones.records)

    def _answered(self, name: str) -> str:
        flat = name.lower().rstrip(".")
        self.asked.append(flat)
        if any(flat == one or flat.endswith(f".{one}") for one in self.zones.away):
            raise DnsUnavailable(flat)
        return flat


def zones_of_file(text: str) -> Zones:
    """Zones with the records of a zone file whose names are complete."""
    zones = Zones()
    zone = dns.zone.from_text(text, ".", relativize=False, check_origin=False)
    for name, _, record in zone.iterate_rdatas():
        kind = dns.rdatatype.to_text(record.rdtype)
        value = b"".join(record.strings).decode() if kind == "TXT" else record.to_text()
        zones.records.setdefault((name.to_text().rstrip(".").lower(), kind), []).append(value)
    return zones


def zones_of(domains: Mapping[str, str]) -> Zones:
    """Zones with these domains, each with its DMARC record ("" for none)."""
    zones = Zones()
    for domain, dmarc in domains.items():
        zones.publishes(domain, dmarc=dmarc)
    return zones


if __name__ == "__main__":
    NameServer(zones_of_file(sys.stdin.read()), 53)
    sys.stdout.write("answers\n")
    sys.stdout.flush()
    threading.Event().wait()
