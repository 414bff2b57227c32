"""Tests of mail.dkim: signatures and key records as RFC 6376, 8301 and 8463 have them, and as they must not be."""

import base64
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailbot.mail.dkim.canonicalization import Form, canonical_body, signed_octets, without_b
from mailbot.mail.dkim.sign import SigningKey
from mailbot.mail.dkim.verify import Verified, Verifier
from mailbot.mail.name_servers import DnsUnavailable
from mailbot.mail.split import split_mail
from mailbot.model.evidence import Result
from tests.testkit.mail_domains import NOW, key_of, signed, written

HOME = "tsukan.co.jp"
COVERED = "from:to:subject:date:message-id:content-type:content-transfer-encoding:mime-version"
PLAIN = written("申込", f"taro@{HOME}", subject="申込  folded", reply_to="x@y.jp")


@lru_cache(maxsize=8)
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


ED25519 = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
ED25519_RECORD = "k=ed25519; p=" + base64.b64encode(ED25519.public_key().public_bytes_raw()).decode()


def record_of(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo
) -> str:
    return "p=" + base64.b64encode(key.public_key().public_bytes(Encoding.DER, form)).decode()


def record_of_bits(bits: int) -> str:
    """An RSA key of that size, whose private key nobody has."""
    public = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) + 1).public_key()
    return "p=" + base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def signed_with(tags: str = "", *, raw: bytes = PLAIN, key: SigningKey | None = None, **replaced: str | None) -> bytes:
    """`raw` with a signature whose tags are replaced, left out (None) or added as text."""
    key = key or SigningKey("s1", rsa_key())
    mail = split_mail(raw)
    given = {
        "v": "1",
        "a": key.algorithm.value,
        "c": "relaxed/relaxed",
        "d": HOME,
        "s": key.selector,
        "h": COVERED,
    } | replaced
    header, _, body = (given["c"] or "simple").partition("/")
    forms = [Form(one) if one in tuple(Form) else Form.SIMPLE for one in (header, body or "simple")]
    given.setdefault("bh", base64.b64encode(sha256(canonical_body(mail.body, forms[1])).digest()).decode())
    text = "; ".join(f"{name}={value}" for name, value in given.items() if value is not None)
    field = f"DKIM-Signature: {text}{tags}; b=".encode()
    names = [one.strip().lower() for one in (given["h"] or "").split(":")]
    value = key.sign(signed_octets(mail.fields, names, without_b(field + b"\r\n"), forms[0]))
    return field + base64.b64encode(value) + b"\r\n" + raw


def verified(raw: bytes, record: str | None = None, at: datetime = NOW) -> Verified:
    def key_record(domain: str, selector: str) -> bytes:
        if record == "away":
            raise DnsUnavailable(domain)
        return (record if record is not None else record_of(rsa_key())).encode()

    mail = split_mail(raw)
    field = next(one for one in mail.fields if one.name == "dkim-signature")
    return Verifier(mail, at, NOW, key_record).verify(field)


GOOD: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "relaxed/relaxed": (signed_with, None),
    "simple/simple": (lambda: signed_with(c="simple/simple"), None),
    "simple/relaxed": (lambda: signed_with(c="simple/relaxed"), None),
    "relaxed/simple": (lambda: signed_with(c="relaxed/simple"), None),
    "c=relaxed": (lambda: signed_with(c="relaxed"), None),
    "no c=": (lambda: signed_with(c=None), None),
    "i= of the domain": (lambda: signed_with(i=f"taro@{HOME}"), None),
    "i= of a subdomain": (lambda: signed_with(i=f"@mail.{HOME}"), None),
    "i= of the domain, t=s": (lambda: signed_with(i=f"@{HOME}"), record_of(rsa_key()) + "; t=s"),
    "q=": (lambda: signed_with(q="dns/txt"), None),
    "unknown tags": (lambda: signed_with(zz="x", z="From:x"), None),
    "x= ahead": (lambda: signed_with(t="1", x=str(int(NOW.timestamp()) + 1)), None),
    "field names with blanks and in upper case": (lambda: signed_with(h=COVERED.upper().replace(":", " : ")), None),
    "a full key record": (signed_with, f"v=DKIM1; h=sha1:sha256; k=rsa; s=email:x; n=note; {record_of(rsa_key())}; t=s:y2;"),
    "s=*": (signed_with, record_of(rsa_key()) + "; s=*"),
    "RSAPublicKey of PKCS #1": (signed_with, record_of(rsa_key(), PublicFormat.PKCS1)),
    "1,024 bits": (lambda: signed_with(key=SigningKey("s1", rsa_key(1024))), record_of(rsa_key(1024))),
    "ed25519": (lambda: signed_with(key=SigningKey("s1", ED25519)), ED25519_RECORD),
    "d= and a= in upper case": (lambda: signed_with(d=HOME.upper(), a="RSA-SHA256"), None),
    "LF for CRLF": (lambda: signed_with().replace(b"\r\n", b"\n"), None),
}  # fmt: skip


@pytest.mark.parametrize("case", GOOD)
def test_valid_signatures(case: str) -> None:
    make, record = GOOD[case]
    assert verified(make(), record) == Verified(HOME, "s1", Result.PASS)


BAD: dict[str, tuple[Callable[[], bytes], str | None, Result, str]] = {
    # RFC 8301
    "rsa-sha1": (lambda: signed_with(a="rsa-sha1"), None, Result.PERMERROR, "a= is not"),
    "1,023 bits": (signed_with, record_of_bits(1023), Result.PERMERROR, "1023 bits"),
    "512 bits": (signed_with, record_of_bits(512), Result.PERMERROR, "512 bits"),
    "16,384 bits": (signed_with, record_of_bits(16_384), Result.PERMERROR, "16384 bits"),
    # RFC 6376 §3.6.1
    "t=y": (signed_with, record_of(rsa_key()) + "; t=y", Result.NONE, "test mode"),
    "t=y:s": (signed_with, record_of(rsa_key()) + "; t = s : y", Result.NONE, "test mode"),
    "t=s and a subdomain in i=": (lambda: signed_with(i=f"@mail.{HOME}"), record_of(rsa_key()) + "; t=s", Result.PERMERROR, "t=s"),
    "h=sha1": (signed_with, record_of(rsa_key()) + "; h=sha1", Result.PERMERROR, "SHA-256"),
    "s=tlsrpt": (signed_with, record_of(rsa_key()) + "; s=tlsrpt", Result.PERMERROR, "e-mail"),
    "another version": (signed_with, "v=DKIM2; " + record_of(rsa_key()), Result.PERMERROR, "version"),
    "v= not first": (signed_with, record_of(rsa_key()) + "; v=DKIM1", Result.PERMERROR, "version"),
    "revoked": (signed_with, "v=DKIM1; p=", Result.PERMERROR, "revoked"),
    "no record": (signed_with, "", Result.PERMERROR, "no key record"),
    "p= is not base64": (signed_with, "p=~~~", Result.PERMERROR, "base64"),
    "p= is no key": (signed_with, "p=eA==", Result.PERMERROR, "cannot be read"),
    "a tag twice": (signed_with, record_of(rsa_key()) + "; t=s; t=s", Result.PERMERROR, "occurs twice"),
    "an ed25519 key for an RSA signature": (signed_with, ED25519_RECORD, Result.PERMERROR, "another algorithm"),
    "an RSA key for an ed25519 signature": (lambda: signed_with(key=SigningKey("s1", ED25519)), None, Result.PERMERROR, "another algorithm"),
    "an ed25519 key of 31 octets": (lambda: signed_with(key=SigningKey("s1", ED25519)), "k=ed25519; p=" + base64.b64encode(b"x" * 31).decode(), Result.PERMERROR, "cannot be read"),
    "an elliptic curve as RSA": (signed_with, record_of(ec.generate_private_key(ec.SECP256R1())), Result.PERMERROR, "another algorithm"),
    "the name servers do not answer": (signed_with, "away", Result.TEMPERROR, "name servers"),
    "another key": (signed_with, key_of("other")[1].decode(), Result.FAIL, "header fields"),
    "another ed25519 key": (lambda: signed_with(key=SigningKey("s1", Ed25519PrivateKey.from_private_bytes(b"2" * 32))), ED25519_RECORD, Result.FAIL, "header fields"),
    # the signature
    "expired": (lambda: signed_with(x=str(int(NOW.timestamp()) - 1)), None, Result.PERMERROR, "expired"),
    "x= before t=": (lambda: signed_with(t="1795136401", x="1795136400"), None, Result.PERMERROR, "x= is before"),
    "x= is no number": (lambda: signed_with(x="soon"), None, Result.PERMERROR, "x= is not"),
    "l=": (lambda: signed_with(l="1"), None, Result.PERMERROR, "l= leaves"),
    "l= of the whole body": (lambda: signed_with(l="9999"), None, Result.PERMERROR, "l= leaves"),
    "v=2": (lambda: signed_with(v="2"), None, Result.PERMERROR, "v= is not"),
    "q=": (lambda: signed_with(q="http"), None, Result.PERMERROR, "q= is not"),
    "c=": (lambda: signed_with(c="nowsp"), None, Result.PERMERROR, "c= is not"),
    "i= of another domain": (lambda: signed_with(i="@evil.jp"), None, Result.PERMERROR, "i= is not"),
    "i= that ends alike": (lambda: signed_with(i=f"@x{HOME}"), None, Result.PERMERROR, "i= is not"),
    "From is not signed": (lambda: signed_with(h=COVERED.removeprefix("from:")), None, Result.PERMERROR, "from is not signed"),
    "the body was changed": (lambda: signed_with()[:-6] + b"AA\r\n", None, Result.FAIL, "the body"),
    "a header field was changed": (lambda: signed_with().replace(b"Subject: ", b"Subject: x"), None, Result.FAIL, "header fields"),
    "a signed field was added that was not there": (
        lambda: b"Cc: x@y.jp\r\n" + signed_with(h=COVERED + ":cc"), None, Result.FAIL, "header fields"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_signatures_that_do_not_count(case: str) -> None:
    """T-22: and each for its reason."""
    make, record, result, reason = BAD[case]
    found = verified(make(), record)
    assert (found.result, reason in found.reason) == (result, True), found


@pytest.mark.parametrize("tag", ["v", "a", "b", "bh", "d", "h", "s"])
def test_a_tag_is_missing_empty_or_there_twice(tag: str) -> None:
    tags = {"v": "1", "a": "rsa-sha256", "b": "eA==", "bh": "eA==", "d": HOME, "h": COVERED, "s": "s1"}
    for values in (
        {**tags, tag: None},
        {**tags, tag: ""},
        {**tags, tag: f"{tags[tag]}; {tag}={tags[tag]}"},
        {**tags, tag: "~\x00"},
    ):
        text = "; ".join(f"{name}={value}" for name, value in values.items() if value is not None)
        found = verified(f"DKIM-Signature: {text}\r\n".encode() + PLAIN)
        assert found.result in (Result.PERMERROR, Result.FAIL) and found.reason


def test_hostile_signature_fields_raise_nothing() -> None:
    """T-36: octets at random, in the places where they hurt."""
    rng = random.Random(14)
    field = signed_with().partition(b"\r\nFrom")[0]
    for _ in range(2_000):
        octets = bytearray(field)
        for _ in range(rng.randint(1, 8)):
            octets[rng.randrange(16, len(octets))] = rng.choice(b"\x00\r\t ;=:\xe3\xff@.*AZ9/")
        verified(bytes(octets) + b"\r\n" + PLAIN)


# RFC 8463 Appendix A
RFC_8463 = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
RFC_8463_KEYS = {
    "brisbane": b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "test": b"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/b"
    b"yYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
}


def test_the_example_of_rfc_8463() -> None:
    mail = split_mail(RFC_8463)
    sent = datetime(2003, 7, 12, 4, 0, 37, tzinfo=UTC)
    verifier = Verifier(mail, sent + timedelta(minutes=1), sent, lambda _, selector: RFC_8463_KEYS[selector])
    found = [verifier.verify(one) for one in mail.fields if one.name == "dkim-signature"]
    assert [(one.selector, one.result) for one in found] == [("brisbane", Result.PASS), ("test", Result.PASS)]


@pytest.mark.parametrize("header", ["simple", "relaxed"])
@pytest.mark.parametrize("body", ["simple", "relaxed"])
def test_what_dkimpy_signs_verifies_and_the_other_way(header: str, body: str) -> None:
    """Generated mails with blanks, folds and empty lines in odd places; each changed by one octet as well."""
    rng = random.Random(f"{header}{body}")
    pieces = (b"a", b"bc", b" ", b"  ", b"\t", b"\r\n", b".", "語".encode())
    for _ in range(60):
        text = b"".join(rng.choice(pieces) for _ in range(rng.randint(0, 40))) + b"\r\n"
        folded = rng.choice((b"x", b"x \r\n  y", b"\tx\t \r\n\ty ", b""))
        raw = b"X-Odd:" + folded + b"\r\n" + PLAIN.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + text
        names = [one.encode() for one in (*COVERED.split(":"), "x-odd", "x-odd")]
        theirs = signed(
            raw, HOME, include_headers=names, canonicalize=(header.encode(), body.encode()), key=key_of(HOME)[0]
        )
        assert verified(theirs, key_of(HOME)[1].decode()).result is Result.PASS, raw
        ours = signed_with(raw=raw, h=f"{COVERED}:x-odd:x-odd", c=f"{header}/{body}")
        assert dkim.verify(ours, dnsfunc=lambda *_, **__: record_of(rsa_key()).encode()), raw
        at = rng.randrange(ours.index(b"MIME-Version"), len(ours) - 2)
        if ours[at : at + 1].isalpha():
            changed = ours[:at] + bytes([ours[at] ^ 3]) + ours[at + 1 :]
            assert verified(changed).result is not Result.PASS
            assert not dkim.verify(changed, dnsfunc=lambda *_, **__: record_of(rsa_key()).encode())
