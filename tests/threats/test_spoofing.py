"""What a spoofing tool tries, over real sockets, against a desk that asks a private DNS (threats, T-14 and table 1b).

The victim is Taro, whose domain asks to refuse forgeries; the attacker has a domain with keys and policies of his own.
"""

import asyncio
import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mailbot.records.applications import application_store
from mailbot.records.queues import inbox, outbox
from tests.testkit.desk import FORM
from tests.testkit.mail_domains import COVERED, NameServer, key_of, signed, written, zones_of
from tests.testkit.waiting import until

VICTIM = "taro@naxtrade.example"
ATTACK = "attack.co.jp"
ANY = f"any@{ATTACK}"


@pytest.fixture
def dns() -> Iterator[str]:
    zones = zones_of({"naxtrade.example": "v=DMARC1; p=reject", ATTACK: "v=DMARC1; p=reject"})
    zones.records[ATTACK, "TXT"] = ["v=spf1 +all"]
    zones.records["naxtrade.example", "TXT"] = ["v=spf1 -all"]
    server = NameServer(zones)
    yield server.address
    server.close()


def forged(*headers: str, key: str = ATTACK) -> bytes:
    """A form under these From headers (and others), signed by the attacker's own domain."""
    plain = written(FORM, ANY, message_id="<spoof@attack.co.jp>")
    body = b"\r\n".join(line for line in plain.split(b"\r\n") if not line.startswith(b"From:"))
    head = "\r\n".join(headers).encode() + b"\r\n"
    if not key:
        return head + body
    try:
        return signed(head + body, key)
    except Exception:  # the signer knows no such header either: what can be signed is
        own = f"From: <{ANY}>\r\n".encode()
        return signed(own + body, key).replace(own, head, 1)


def mime(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def with_selector(selector: bytes) -> bytes:
    """A signature that names a selector of the attacker's, of the victim's domain."""
    raw = forged(f"From: <{VICTIM}>", key="")
    covered = [name for name in COVERED if name + b":" in raw.lower()]
    signature = signed(raw, "naxtrade.example", key=key_of(ATTACK)[0], include_headers=covered)
    return signature.replace(b"s=s1;", b"s=" + selector + b";", 1)


PLAIN = f"From: <{VICTIM}>"
# Signed when they are tested, not when the tests are collected.
CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a1 a subdomain nobody has": ("<any@mailfrom.naxtrade.example>", lambda: forged(PLAIN, key="")),
    "a2 an empty sender in a comment": (f"<(any@{VICTIM.partition('@')[2]}>", lambda: forged(PLAIN, key="")),
    "a3 a selector with a NUL": (f"<{ANY}>", lambda: with_selector(b"attack.co.jp.\x00.any")),
    "a4 a quote in d=": (f"<{ANY}>", lambda: forged(PLAIN).replace(b"d=attack.co.jp;", b"d=naxtrade.example'a.attack.co.jp;", 1)),
    "a5 a parenthesis in the sender": (f"<any@naxtrade.example(.{ATTACK}>", lambda: forged(PLAIN, key="")),
    "a6 a quote in the sender": (f"<any@naxtrade.example'@any.{ATTACK}>", lambda: forged(PLAIN, key="")),
    "a7 a source route": (f"<@naxtrade.example,@any.com:'any@{ATTACK}>", lambda: forged(PLAIN, key="")),
    "a8 two From": (f"<{ANY}>", lambda: forged(f"From: <{ANY}>", PLAIN)),
    "a8 two From, the other way": (f"<{ANY}>", lambda: forged(PLAIN, f"From: <{ANY}>")),
    "a9 a blank before From": (f"<{ANY}>", lambda: forged(f" From: <{ANY}>", PLAIN)),
    "a9 a blank before the second": (f"<{ANY}>", lambda: forged(f"From: <{ANY}>", f" From: <{VICTIM}>")),
    "a10 a blank behind From": (f"<{ANY}>", lambda: forged(f"From : <{VICTIM}>", f"From: <{ANY}>")),
    "a11 a fold behind From": (f"<{ANY}>", lambda: forged(f"From\r\n : <{VICTIM}>", f"From: <{ANY}>")),
    "a12 a broken From with a Sender": (f"<{ANY}>", lambda: forged(f"From: {VICTIM}, <", f"Sender: <{ANY}>")),
    "a13 a broken From with a Resent-From": (f"<{ANY}>", lambda: forged(f"From: {VICTIM}, <", f"Resent-From: <{ANY}>")),
    "a14 two addresses": (f"<{ANY}>", lambda: forged(f"From: <{ANY}>, <{VICTIM}>")),
    "a14 two addresses, the other way": (f"<{ANY}>", lambda: forged(f"From: <{VICTIM}>, <{ANY}>")),
    "a15 an encoded address and another": (f"<{ANY}>", lambda: forged(f"From: {mime(f'<{VICTIM}>,')}<{ANY}>")),
    "a15 an encoded address alone": (f"<{ANY}>", lambda: forged(f"From: {mime(VICTIM)}")),
    "a16 a route": (f"<{ANY}>", lambda: forged(f"From: <@{ATTACK},@any.com:{VICTIM}>")),
    "a17 a quoted pair": (f"<{ANY}>", lambda: forged(f"From: <{VICTIM}>\\,<{ANY}>")),
    "a18 a bare address and another": (f"<{ANY}>", lambda: forged(f"From: {VICTIM},<{ANY}>")),
    "a19 text behind the bracket": (f"<{ANY}>", lambda: forged(f"From: <{VICTIM}>{ANY}")),
    "client a1 two From, sent by a person of the attacker's": (f"<{ANY}>", lambda: forged(PLAIN, f"From: {ANY}")),
    "client a2 two addresses": (f"<{ANY}>", lambda: forged(f"From: {VICTIM}, {ANY}")),
    "client a3 simply another's address": (f"<{ANY}>", lambda: forged(PLAIN)),
    "the display name is the victim": (f"<{ANY}>", lambda: forged(f'From: "{VICTIM}" <{ANY}>')),
    "nothing but the From": (f"<{VICTIM}>", lambda: forged(PLAIN, key="")),
    "a look-alike domain": (f"<{ANY}>", lambda: forged("From: <taro@nахtrade.example>")),
    "a relay's verdict, written by himself": (
        f"<{ANY}>",
        lambda: b"Authentication-Results: mx.desk.example; dkim=pass header.d=naxtrade.example; dmarc=pass"
        b" header.from=naxtrade.example\r\n" + forged(PLAIN),
    ),
}  # fmt: skip


async def says(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: bytes) -> bytes:
    writer.write(line + b"\r\n")
    answer = await reader.readline()
    while answer[3:4] == b"-":
        answer = await reader.readline()
    return answer


async def smtp(port: int, sender: str, raw: bytes) -> str:
    """The dialogue, byte for byte as the attacker wants it; the first refusal, or the answer to the mail."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    await says(reader, writer, b"EHLO attack.co.jp")
    for line in (b"MAIL FROM:" + sender.encode(), b"RCPT TO:<desk@desk.example>", b"DATA"):
        answer = await says(reader, writer, line)
        if answer[:1] not in b"23":
            break
    else:
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in raw.split(b"\r\n"))
        answer = await says(reader, writer, stuffed.rstrip(b"\r\n") + b"\r\n.")
    writer.transport.abort()
    await asyncio.sleep(0)  # the abort takes its turn
    return answer.decode().strip()


@pytest.mark.parametrize("case", CASES)
async def test_a_forged_mail_changes_nothing_and_troubles_nobody(
    start: Callable[..., Any], dns: str, case: str
) -> None:
    """T-14: refused in the dialogue, or kept for an operator; no application, and not one mail."""
    running = await start(auth={"require": "dmarc", "nameservers": [dns], "trusted_authserv_ids": ["mx.desk.example"],
                                "trusted_relays": ["192.0.2.1"]})  # fmt: skip
    sender, raw = CASES[case]
    answer = await smtp(running.port, sender, raw())
    if answer.startswith("250"):
        await asyncio.to_thread(until, lambda: len(inbox.counts()) > 1, "the mail is handled")
        assert inbox.counts() == {"waiting": 0, "quarantined": 1}
    else:
        assert answer[:3] in ("501", "550", "553", "554", "500"), answer
    assert application_store.listing() == []
    assert outbox.listing() == []


async def test_the_genuine_one_is_received(start: Callable[..., Any], dns: str) -> None:
    """The same way, so that the cases above are not refused for another reason."""
    running = await start(auth={"require": "dmarc", "nameservers": [dns]})
    raw = written(FORM, VICTIM, date=_now())
    answer = await smtp(running.port, f"<{VICTIM}>", signed(raw, "naxtrade.example"))
    assert answer.startswith("250")
    await asyncio.to_thread(until, lambda: inbox.counts() == {"waiting": 0, "carried_out": 1}, "it is handled")


def _now() -> str:
    from email.utils import localtime

    return localtime().strftime("%a, %d %b %Y %H:%M:%S %z")
