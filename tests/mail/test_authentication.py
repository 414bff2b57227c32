"""Tests of mail.authentication: SPF, DKIM and DMARC of genuine and forged mails (T-14 … T-26)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from mailbot.mail.authentication import Authenticator
from mailbot.mail.message import read
from mailbot.model.evidence import Evidence, Result
from mailbot.model.queued_mail import Envelope
from mailbot.runners.nameservers import NameServers
from tests.testkit.mail_domains import COVERED, NOW, DnsOf, NameServer, Zones, key_of, signed, written, zones_of

REJECT = "v=DMARC1; p=reject"
BROKER, EVIL, BARE = "tsukan.co.jp", "evil.co.jp", "keiyaku.ne.jp"
TARO = f"taro@{BROKER}"
OUTSIDE = Evidence(peer="203.0.113.9", helo="mx.tsukan.co.jp")


def zones() -> Zones:
    made = zones_of({BROKER: REJECT, EVIL: REJECT, BARE: "", "kyoto-u.ac.jp": REJECT, "u.ac.jp": REJECT})
    made.records[BROKER, "TXT"] = ["v=spf1 ip4:203.0.113.9 -all"]
    made.records[EVIL, "TXT"] = ["v=spf1 +all"]
    return made


def authenticator(of: Zones | None = None, **more: object) -> Authenticator:
    return Authenticator(DnsOf(of or zones()), "desk@desk.example", **more)  # type: ignore[arg-type]


def facts(raw: bytes, of: Authenticator | None = None, evidence: Evidence = OUTSIDE, sender: str = TARO) -> Evidence:
    envelope = Envelope(sender, ("desk@desk.example",))
    return (of or authenticator()).authenticate(raw, read(raw), envelope, evidence, NOW)


def test_a_valid_aligned_signature() -> None:
    found = facts(signed(written("申込", TARO), BROKER))
    assert (found.aligned, found.dmarc, found.spf) == (Result.PASS, Result.PASS, Result.PASS)
    assert found.signed_by == (BROKER,)


def test_over_a_real_socket() -> None:
    server = NameServer(zones())
    try:
        of = Authenticator(NameServers([server.address]), "desk@desk.example")
        assert facts(signed(written("申込", TARO), BROKER), of).aligned is Result.PASS
        assert facts(signed(written("申込", f"x@{EVIL}"), BROKER), of).aligned is Result.FAIL
        assert facts(signed(written("申込", f"x@{BARE}"), BARE), of).aligned is Result.NONE
    finally:
        server.close()


def test_spf_alone_is_no_proof() -> None:
    """T-20: every customer of a shared hosting provider passes SPF."""
    found = facts(written("申込", TARO))
    assert (found.spf, found.dmarc, found.aligned) == (Result.PASS, Result.PASS, Result.FAIL)


def test_a_domain_without_a_policy_proves_nothing() -> None:
    """T-17."""
    found = facts(signed(written("申込", f"taro@{BARE}"), BARE))
    assert (found.aligned, found.policy) == (Result.NONE, "")


@pytest.mark.parametrize("away", [f"s1._domainkey.{BROKER}", f"_dmarc.{BROKER}", BROKER])
def test_name_servers_that_do_not_answer_neither_prove_nor_disprove(away: str) -> None:
    of = zones()
    of.away.add(away)
    assert facts(signed(written("申込", TARO), BROKER), authenticator(of)).aligned is Result.TEMPERROR


def test_a_pinned_key_needs_no_dns() -> None:
    of = Zones()
    of.away.update(("jp",))
    pinned = {(BROKER, "s1"): key_of(BROKER)[1]}
    assert facts(signed(written("申込", TARO), BROKER), authenticator(of, pinned=pinned)).aligned is Result.PASS
    forged = signed(written("申込", TARO), BROKER, key=key_of(EVIL)[0])
    assert facts(forged, authenticator(of, pinned=pinned)).aligned is not Result.PASS


def prepended(header: bytes) -> Callable[[], bytes]:
    return lambda: header + b"\r\n" + signed(written("申込", TARO), BROKER)


def without(name: bytes) -> bytes:
    raw = written("申込", TARO)
    return signed(raw, BROKER, include_headers=[n for n in COVERED if n != name and n + b":" in raw.lower()])


def without_type_of_parts() -> bytes:
    """Signed by a provider that does not sign Content-Type; without it, the parts are one text."""
    body = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n"
    raw = written("", TARO).partition(b"Content-Type")[0]
    kind = b"Content-Type: multipart/mixed; boundary=b\r\n"
    return signed(raw + kind + b"\r\n" + body, BROKER, include_headers=COVERED[:5]).replace(kind, b"")


TRICKS: dict[str, Callable[[], bytes]] = {
    "signed by another domain": lambda: signed(written("申込", TARO), EVIL),
    "signed by another domain, whose subdomain is named alike": lambda: signed(written("x", f"taro@{BROKER}.{EVIL}"), EVIL)
    .replace(f"taro@{BROKER}.{EVIL}".encode(), TARO.encode()),
    "another key under our name": lambda: signed(written("申込", TARO), BROKER, key=key_of(EVIL)[0]),
    "the text changed": lambda: signed(written("申込 A", TARO), BROKER)[:-8] + b"AAAA\r\n",
    "text added after l=": lambda: signed(written("申込", TARO), BROKER, length=True) + b"QUJD\r\n",
    "l= and nothing added": lambda: signed(written("申込", TARO), BROKER, length=True),
    "a second Subject in front": prepended(b"Subject: x"),
    "a second Content-Type in front": prepended(b"Content-Type: text/html"),
    "a second From in front": prepended(b"From: eve@evil.co.jp"),
    "an unsigned Cc": prepended(b"Cc: desk@desk.example"),
    "an unsigned Cc, when To names somebody else": lambda: b"Cc: desk@desk.example\r\n" + signed(written("申込", TARO, to="x@y.co.jp"), BROKER),
    "an unsigned Content-Transfer-Encoding, changed": lambda: without(b"content-transfer-encoding").replace(b"base64", b"7bit"),
    "an unsigned Content-Transfer-Encoding, removed": lambda: without(b"content-transfer-encoding").replace(b"Content-Transfer-Encoding: base64\r\n", b""),
    "a second Content-Transfer-Encoding": prepended(b"Content-Transfer-Encoding: 7bit"),
    "a second MIME-Version": prepended(b"MIME-Version: 1.0"),
    "a second To in front": prepended(b"To: x@y.jp"),
    "a second In-Reply-To": lambda: b"In-Reply-To: <x@y>\r\n" + signed(written("x", TARO, In_Reply_To="<a@b>"), BROKER),
    "Subject not signed": lambda: without(b"subject"),
    "Date not signed": lambda: without(b"date"),
    "To not signed": lambda: without(b"to"),
    "an unsigned Content-Type, changed": lambda: without(b"content-type").replace(b"text/plain", b"text/html"),
    "an unsigned Content-Type, removed": without_type_of_parts,
    "signed long ago": lambda: signed(written("x", TARO, date=format_datetime(NOW - timedelta(days=8))), BROKER),
    "signed the day after tomorrow": lambda: signed(written("x", TARO, date=format_datetime(NOW + timedelta(days=2))), BROKER),
    "no time zone": lambda: signed(written("x", TARO, date="Fri, 20 Nov 2026 10:00:00 -0000"), BROKER),
    "written to somebody else, and sent on": lambda: signed(written("申込", TARO, to="x@y.co.jp"), BROKER),
    "a signature that is none": lambda: b"DKIM-Signature: v=1; a=rsa-sha256; d=\r\n" + written("申込", TARO),
    "a selector that is no name": lambda: signed(written("申込", TARO), BROKER).replace(b"s=s1;", b"s=" + b"x" * 300 + b";"),
    "another algorithm": lambda: signed(written("申込", TARO), BROKER).replace(b"rsa-sha256", b"rsa-sha1"),
    "not signed at all": lambda: written("申込", TARO),
}  # fmt: skip


@pytest.mark.parametrize("name", [b"content-type", b"content-transfer-encoding"])
def test_what_adds_nothing_to_the_signed_body_need_not_be_signed(name: bytes) -> None:
    """As some providers sign."""
    assert facts(without(name), authenticator(zones())).aligned is Result.PASS


@pytest.mark.parametrize("trick", TRICKS)
def test_what_only_seems_to_be_proof(trick: str) -> None:
    """T-21, T-22, T-23, T-24, and the signature attacks of espoofer (T-14)."""
    assert facts(TRICKS[trick]()).aligned is not Result.PASS


def test_the_right_signature_counts_among_others() -> None:
    raw = signed(signed(written("申込", TARO), EVIL), BROKER)
    found = facts(b"DKIM-Signature: broken\r\n" + raw)
    assert (found.aligned, found.signed_by) == (Result.PASS, (BROKER,))
    assert {f"DKIM {EVIL}: not aligned", "DKIM ?: not aligned"} <= set(found.details)


def broken(domain: str, count: int) -> bytes:
    """Signatures that do not verify."""
    field = "DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=x%d; h=from:subject:date:to:content-type:content-transfer-encoding; bh=eA==; b=eA==\r\n"
    return "".join(field % (domain, n) for n in range(count)).encode()


def test_three_aligned_signatures_are_verified() -> None:
    dns = DnsOf(zones())
    of = Authenticator(dns, "desk@desk.example")
    genuine = signed(written("申込", TARO), BROKER)
    assert facts(broken(BROKER, 2) + genuine, of).aligned is Result.PASS
    dns.asked.clear()
    assert facts(broken(BROKER, 500) + genuine, of).aligned is Result.FAIL
    assert sum("_domainkey" in name for name in dns.asked) == 3


def test_signatures_of_others_are_not_verified() -> None:
    """T-17: with dead name servers behind them they delay nothing, and make no temporary error of a forgery."""
    of = zones()
    of.away.add(EVIL)
    dns = DnsOf(of)
    strangers = broken(EVIL, 200) + b"".join(broken(f"x{n}.{EVIL}", 1) for n in range(200))
    found = facts(strangers + written("申込", TARO), Authenticator(dns, "desk@desk.example"), sender=f"x@{EVIL}")
    assert (found.aligned, found.dmarc, found.policy) == (Result.FAIL, Result.FAIL, "reject")
    assert not any("_domainkey" in name or name.startswith("_dmarc.x") for name in dns.asked)
    dns.asked.clear()
    many = b"".join(broken(f"x{n}.{BROKER}", 1) for n in range(200))
    facts(many + written("申込", TARO), Authenticator(dns, "desk@desk.example"))
    assert len(dns.asked) < 30


def test_the_author_is_asked_about_first() -> None:
    """The names of the envelope may be slow on purpose, and use up the time for one mail."""
    dns = DnsOf(zones())
    facts(signed(written("申込", TARO), BROKER), Authenticator(dns, "desk@desk.example"), sender=f"x@{EVIL}")
    assert dns.asked[:2] == [f"_dmarc.{BROKER}", f"s1._domainkey.{BROKER}"]


@pytest.mark.parametrize(
    ("policy", "domain", "result"),
    [
        ("v=DMARC1; p=none", BROKER, Result.PASS),
        ("v=DMARC1; p=none", f"mail.{BROKER}", Result.PASS),
        ("v=DMARC1; p=none; pct=0", f"mail.{BROKER}", Result.PASS),
        ("v=DMARC1; p=reject; adkim=s", f"mail.{BROKER}", Result.FAIL),
        ("v=DMARC1; p=reject; adkim=s", BROKER, Result.PASS),
        ("v=DMARC1", BROKER, Result.PASS),
        ("v=DMARC2; p=none", BROKER, Result.NONE),
    ],
)
def test_alignment(policy: str, domain: str, result: Result) -> None:
    of = zones()
    of.records[f"_dmarc.{BROKER}", "TXT"] = [policy]
    of.publishes(domain, dmarc=policy if domain == BROKER else "")
    of.records[f"s1._domainkey.{domain}", "TXT"] = [key_of(domain)[1].decode()]
    assert facts(signed(written("申込", TARO), domain), authenticator(of)).aligned is result


def test_a_hyphen_does_not_end_a_domain() -> None:
    """T-26: some libraries query `_dmarc.kyoto`."""
    assert facts(signed(written("x", "a@kyoto-u.ac.jp"), "kyoto-u.ac.jp")).aligned is Result.PASS
    assert facts(signed(written("x", "a@kyoto-u.ac.jp"), "u.ac.jp")).aligned is Result.FAIL


RELAY = "mx.desk.example"
GOOD = f"{RELAY}; dkim=pass header.d={BROKER}; spf=pass smtp.mailfrom={BROKER}; dmarc=pass header.from={BROKER}"
BEHIND = Evidence(peer="127.0.0.1")


def told(*results: str, raw: bytes | None = None, evidence: Evidence = BEHIND, mailbox: bool = False) -> Evidence:
    """The evidence of a mail with these Authentication-Results fields, topmost first."""
    head = b"".join(b"Authentication-Results: " + one.encode() + b"\r\n" for one in results)
    of = authenticator(Zones(), trusted=frozenset({RELAY}), relays=frozenset({"127.0.0.1"}))
    return facts(
        head + (raw or signed(written("申込", TARO), BROKER)), of, replace(evidence, peer="") if mailbox else evidence
    )


@pytest.mark.parametrize("mailbox", [True, False])
def test_results_of_the_trusted_relay(mailbox: bool) -> None:
    found = told(GOOD, "other.example; dmarc=fail", mailbox=mailbox)
    assert (found.aligned, found.signed_by) == (Result.PASS, (BROKER,))
    assert told(GOOD.replace(f"{RELAY};", f"{RELAY} 1;")).aligned is Result.PASS
    assert told(GOOD.replace(RELAY, RELAY.upper())).aligned is Result.PASS


def test_signatures_of_a_mail_from_the_trusted_relay() -> None:
    """T-23: they act once as well."""
    raw = signed(signed(written("申込", TARO), EVIL), BROKER)
    found = told(GOOD, raw=raw)
    assert [one.domain for one in found.signatures] == [BROKER]
    assert found.signatures == facts(raw).signatures
    assert told(GOOD.replace("dmarc=pass", "dmarc=fail"), raw=raw).signatures == ()


NOT_COVERED = (
    "text added after l=", "l= and nothing added", "a second Subject in front", "a second Content-Type in front", "an unsigned Cc",
    "an unsigned Cc, when To names somebody else", "an unsigned Content-Transfer-Encoding, changed", "Subject not signed", "Date not signed",
    "To not signed", "an unsigned Content-Type, removed", "signed long ago", "written to somebody else, and sent on", "not signed at all",
)  # fmt: skip


@pytest.mark.parametrize("trick", NOT_COVERED)
def test_what_a_relay_calls_valid_must_cover_the_mail(trick: str) -> None:
    """T-21, T-22, T-23, T-24: a relay says dkim=pass for each of them."""
    assert told(GOOD, raw=TRICKS[trick]()).aligned is not Result.PASS


FORGERIES = {
    "another server's": GOOD.replace(RELAY, "mx.evil.example"),
    "a name that begins alike": GOOD.replace(RELAY, f"{RELAY}.evil.example"),
    "no DMARC": f"{RELAY}; dkim=pass header.d={BROKER}",
    "two DMARC results": f"{GOOD}; dmarc=fail header.from={BROKER}",
    "DMARC in a comment": f"{RELAY}; dkim=pass header.d={BROKER} (dmarc=pass header.from={BROKER})",
    "an open comment": f"{RELAY} (; {GOOD}",
    "a quoted string": f'{RELAY}; dkim=pass reason="; dmarc=pass header.from={BROKER}" header.d={BROKER}',
    "two joined by a comma": f"{RELAY}; dmarc=fail header.from={BROKER}, {GOOD}",
    "of another From": GOOD.replace(f"header.from={BROKER}", f"header.from={EVIL}"),
    "DMARC by SPF alone": f"{RELAY}; dkim=none; spf=pass; dmarc=pass header.from={BROKER}",
    "DKIM of another domain": GOOD.replace(f"header.d={BROKER}", f"header.d={EVIL}"),
    "DKIM failed": GOOD.replace("dkim=pass", "dkim=fail"),
    "DMARC failed": GOOD.replace("dmarc=pass", "dmarc=fail"),
    "DMARC could not be asked": GOOD.replace("dmarc=pass", "dmarc=temperror"),
    "best guess": GOOD.replace("dmarc=pass", "dmarc=bestguesspass"),
    "no identity": GOOD.partition(";")[2],
    "none": f"{RELAY}; none",
    "two From values": f"{GOOD} header.from={EVIL}",
    "a folded line": GOOD.replace("; dmarc", f"\r\n\tx={EVIL}; dmarc").replace("dmarc=pass", "dmarc=fail"),
    "version 2": GOOD.replace(f"{RELAY};", f"{RELAY} 2 x;"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_authentication_results_that_are_not_used(forgery: str) -> None:
    """T-18."""
    assert told(FORGERIES[forgery]).aligned is not Result.PASS


def test_only_the_topmost_one_and_only_one() -> None:
    """T-18: the relay adds its field on top; fields below may come from the sender."""
    assert told("other.example; dmarc=pass", GOOD).aligned is not Result.PASS
    assert told(GOOD, GOOD).aligned is not Result.PASS
    assert told(f"{RELAY}; dmarc=fail header.from={BROKER}", GOOD).aligned is not Result.PASS
    assert (
        told(GOOD, raw=b"Authentication-Results : x\r\n" + signed(written("申込", TARO), BROKER)).aligned is Result.PASS
    )


def test_only_from_the_relay_itself() -> None:
    """T-19: the same field in a mail that another client delivered."""
    assert told(GOOD, evidence=OUTSIDE).aligned is not Result.PASS


def test_a_mail_whose_author_is_not_known_is_not_asked_about() -> None:
    raw = b"From: a@b.jp\r\n" + signed(written("申込", TARO), BROKER)
    assert facts(raw) == OUTSIDE


def test_the_time_of_arrival_counts_not_the_present() -> None:
    raw = signed(written("申込", TARO, date=format_datetime(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))), BROKER)
    assert facts(raw).aligned is Result.PASS


@pytest.mark.parametrize("seal", ["arc=pass", "arc=fail"])
def test_arc_seals_are_not_used(seal: str) -> None:
    """T-25: ARC results of a mailing list or forwarder are not used (RFC 8617)."""
    chain = (
        f"ARC-Seal: i=1; a=rsa-sha256; d={EVIL}; s=s1; cv=none; b=x\r\n"
        f"ARC-Authentication-Results: i=1; {RELAY}; dkim=pass header.d={BROKER}; dmarc=pass header.from={BROKER}; {seal}\r\n"
    )
    found = facts(chain.encode() + written("申込", TARO))
    assert found.aligned is not Result.PASS and "ARC: there, and not counted" in found.details
    rewritten = written("申込", f'"通関 via List" <list@{EVIL}>')
    assert facts(chain.encode() + signed(rewritten, EVIL)).signed_by == (EVIL,)
