"""Tests of mail.split: one splitting into fields and body, which the MIME parser sees as well."""

import pytest

from mailbot.mail.message import read
from mailbot.mail.split import MOST_FIELDS, parse_mime, split_mail

HEAD = b"From: taro@tsukan.co.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
TYPE = b"Content-Type: text/html; charset=utf-8\r\n"
BODY = b"<p>one</p>\r\n"
NAMES = ["from", "subject", "mime-version", "content-type"]

# What stands in the header section, and the fields that every reader sees.
SECTIONS: dict[str, tuple[bytes, list[str]]] = {
    "well-formed": (HEAD + TYPE, NAMES),
    "line ends LF": ((HEAD + TYPE).replace(b"\r\n", b"\n"), NAMES),
    "a leading empty line": (b"\r\n" + HEAD + TYPE, NAMES),
    "two leading empty lines, LF": (b"\n\n" + HEAD + TYPE, NAMES),
    "a space in a name": (HEAD + b"X-Virus Status: clean\r\n" + TYPE, NAMES),
    "a space in a name, folded": (HEAD + b"X-Virus Status: clean\r\n\tvery\r\n" + TYPE, NAMES),
    "no colon": (HEAD + b"just words\r\n" + TYPE, NAMES),
    "no name": (HEAD + b": nothing\r\n" + TYPE, NAMES),
    "8-bit octets in a name": (HEAD + "件名: x\r\n".encode() + TYPE, NAMES),
    "a From line of a mailbox file": (b"From taro Fri Nov 20 10:00:00 2026\r\n" + HEAD + TYPE, NAMES),
    "… in the middle": (HEAD + b"From taro Fri Nov 20 10:00:00 2026\r\n" + TYPE, NAMES),
    "… quoted": (HEAD + b">From taro Fri Nov 20 10:00:00 2026\r\n" + TYPE, NAMES),
    "a continuation line first": (b" lost\r\n" + HEAD + TYPE, NAMES),
    "a space before the colon": (HEAD + TYPE.replace(b":", b" :", 1), NAMES),
    "a line of blanks": (HEAD + b" \r\n" + TYPE, NAMES),
    "a bare CR": (HEAD.replace(b": x", b": x\rContent-Type: text/plain") + TYPE, NAMES),
}


@pytest.mark.parametrize("case", SECTIONS)
def test_every_reader_sees_the_same_fields(case: str) -> None:
    """T-36: the MIME parser would end the header section at the first line that is not a field."""
    section, names = SECTIONS[case]
    end = b"\n" if b"\r\n" not in section else b"\r\n"
    raw = section + end + BODY
    mail = split_mail(raw)
    assert ([one.name for one in mail.fields], mail.body, mail.unreadable) == (names, BODY, "")
    assert all(one.octets.endswith(b"\r\n") for one in mail.fields)
    assert [name for name, _ in parse_mime(mail).items()] == names
    message = read(raw)
    found = (message.author.address, message.content_type, message.text.strip())
    assert found == ("taro@tsukan.co.jp", "text/html", "one")


def test_the_octets_of_a_field_are_those_received() -> None:
    field = split_mail(b"Subject : a\n  b \nTo: x\n\n").fields[0]
    assert (field.octets, field.value, field.spaced) == (b"Subject : a\r\n  b \r\n", b"a  b", True)


@pytest.mark.parametrize(
    ("raw", "fields", "body"),
    [
        (b"", 0, b""),
        (b"\r\n\r\n", 0, b""),
        (b"A: b", 1, b""),
        (b"A: b\r\n", 1, b""),
        (b"A: b\n\r\nbody", 1, b"body"),
        (b"A: b\r\n\nbody\n", 1, b"body\n"),
        (b"A: b\r\rbody\r", 1, b"body\r\n"),
        (b"A: b\r\n\r\n\r\nbody", 1, b"\r\nbody"),
    ],
)
def test_where_the_body_begins(raw: bytes, fields: int, body: bytes) -> None:
    mail = split_mail(raw)
    assert (len(mail.fields), mail.body) == (fields, body)


def test_limits() -> None:
    """T-70."""
    many = split_mail(b"A: b\r\n" * (MOST_FIELDS + 1) + b"\r\nbody")
    assert (many.unreadable, len(many.fields)) == ("too-many-headers", MOST_FIELDS)
    large = split_mail(b"A: " + b"b" * 200_000 + b"\r\n\r\nbody")
    assert (large.unreadable, large.fields, large.body) == ("header-too-large", (), b"body")
    cut = split_mail(b"From: a@x.example\r\nTo: b@x.example,\r\n" + b" c@x.example,\r\n" * 20_000 + b"\r\nbody")
    assert (cut.unreadable, [one.name for one in cut.fields]) == ("header-too-large", ["from"])
