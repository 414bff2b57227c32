"""Tests of mail.dkim.canonicalization: the examples of RFC 6376 §3.4, and the same octets as dkimpy on many mails."""

import random
from pathlib import Path

import pytest
from dkim.canonicalization import Relaxed, Simple

from mailbot.mail.dkim.canonicalization import Form, canonical_body, canonical_field, signed_octets, without_b
from mailbot.mail.split import HeaderField, split_mail

DKIMPY = {Form.SIMPLE: Simple, Form.RELAXED: Relaxed}


@pytest.mark.parametrize(
    ("form", "fields", "body"),
    [
        (Form.RELAXED, [b"a:X\r\n", b"b:Y Z\r\n"], b" C\r\nD E\r\n"),
        (Form.SIMPLE, [b"A: X\r\n", b"B : Y\t\r\n\tZ  \r\n"], b" C \r\nD \t E\r\n"),
    ],
)
def test_the_example_of_the_rfc(form: Form, fields: list[bytes], body: bytes) -> None:
    """RFC 6376 §3.4.5."""
    mail = split_mail(b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n")
    assert [canonical_field(one.octets, form) for one in mail.fields] == fields
    assert canonical_body(mail.body, form) == body


# dkimpy keeps blanks at the end of a text without a final CRLF; such a text does not come by SMTP.
BODIES = [
    b"", b"\r\n", b"\r\n\r\n", b" \r\n", b"\t\r\n \r\n", b"x", b"x\r\n", b"x\r\n\r\n\r\n", b" x\t y  \r\n \r\nz \r\n",
    b"x \r\n \r\n", b"\r\n\r\nx\r\n", b"x\ry\r\n", b"x\r\r\n", b"\r", b"\x00 \x0b \x0c\r\n", "日本語　 語\r\n".encode(),
]  # fmt: skip


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("body", BODIES)
def test_bodies_as_dkimpy_has_them(form: Form, body: bytes) -> None:
    assert canonical_body(body, form) == DKIMPY[form].canonicalize_body(body)


@pytest.mark.parametrize("form", Form)
def test_line_feeds_count_as_line_ends(form: Form) -> None:
    assert canonical_body(b"a \nb\r\n\n", form) == canonical_body(b"a \r\nb\r\n\r\n", form)
    assert canonical_body(b"x ", Form.RELAXED) == b"x\r\n"


def generated_lines(seed: int) -> bytes:
    rng = random.Random(seed)
    words = (b"x", b"yy", b" ", b"  ", b"\t", b"\r\n", b"\r\n", b"=", b";", b":", "語".encode())
    return b"".join(rng.choice(words) for _ in range(rng.randint(0, 60)))


@pytest.mark.parametrize("form", Form)
def test_generated_bodies_and_fields_as_dkimpy_has_them(form: Form) -> None:
    for seed in range(2_000):
        text = generated_lines(seed)
        body = text + b"\r\n"
        assert canonical_body(body, form) == DKIMPY[form].canonicalize_body(body), body
        octets = b"X-Y: " + text.replace(b"\r\n", b"\r\n ") + b"\r\n"
        name, _, value = octets.partition(b":")
        ((dkimpy_name, dkimpy_value),) = DKIMPY[form].canonicalize_headers([(name, value)])
        assert canonical_field(octets, form) == dkimpy_name + b":" + dkimpy_value, text


@pytest.mark.parametrize("form", Form)
def test_real_mails_as_dkimpy_has_them(form: Form, shared_mail: Path) -> None:
    """The corpus of real mails: their bodies, and each field; white space of RFC 6376 §2.8 is SP and HTAB alone."""
    seen = 0
    for path in sorted(shared_mail.rglob("*.eml")):
        mail = split_mail(path.read_bytes())
        body = mail.body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"
        assert canonical_body(body, form) == DKIMPY[form].canonicalize_body(body), path.name
        for one in mail.fields:
            name, _, value = one.octets.partition(b":")
            ((dkimpy_name, dkimpy_value),) = DKIMPY[form].canonicalize_headers([(name, value)])
            assert canonical_field(one.octets, form) == dkimpy_name + b":" + dkimpy_value, (path.name, one.octets)
        seen += 1
    assert seen > 500


@pytest.mark.parametrize(
    ("value", "emptied"),
    [
        (b" v=1; b=AAAA", b" v=1; b="),
        (b" v=1; b=AA\r\n AA; d=x", b" v=1; b=; d=x"),
        (b" b = AA ; bh=CC=; x=b=AA", b" b =; bh=CC=; x=b=AA"),
        (b"\r\n\tb=\r\n\tAA==\r\n\t;v=1;", b"\r\n\tb=;v=1;"),
        (b" bb=AA; B=CC", b" bb=AA; B=CC"),
    ],
)
def test_the_value_of_b_is_left_out(value: bytes, emptied: bytes) -> None:
    assert without_b(b"DKIM-Signature:" + value + b"\r\n") == b"DKIM-Signature:" + emptied + b"\r\n"


def test_repeated_fields_are_taken_from_the_bottom() -> None:
    """RFC 6376 §5.4.2."""
    fields = [
        HeaderField(n, v, octets=n.encode() + b": " + v + b"\r\n") for n, v in (("a", b"1"), ("b", b"2"), ("a", b"3"))
    ]
    got = signed_octets(fields, ["a", "x", "a", "a", "b"], b"DKIM-Signature: b=\r\n", Form.SIMPLE)
    assert got == b"a: 3\r\na: 1\r\nb: 2\r\nDKIM-Signature: b="


def test_a_long_run_of_blanks_costs_no_more_than_its_length() -> None:
    """T-71: an expression such as `[ \\t]+\\r\\n` takes quadratic time here, for minutes."""
    assert canonical_body(b" " * 2_000_000 + b"x", Form.RELAXED) == b" x\r\n"
