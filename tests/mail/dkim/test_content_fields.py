"""Tests of mail.dkim.content_fields: unsigned Content-Type and Content-Transfer-Encoding fields (T-22)."""

from base64 import encodebytes

import pytest

from mailbot.mail.dkim.content_fields import other_reading
from mailbot.mail.split import split_mail

PLAIN, HTML = 'text/plain; charset="utf-8"', 'text/html; charset="utf-8"'
MIXED, ALTERNATIVE = 'multipart/mixed; boundary="b"', 'multipart/alternative; boundary="b"'
PARTS = (
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nx\r\n"
    b"--b\r\nContent-Type: multipart/related; boundary=c\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--c--\r\n--b--\r\n"
)
QUOTED = b"=E6=89=8B=\r\n=E7=B6=9A\r\n"
SHIFT_JIS = "手続：パスワード初期化のお願いです。よろしくお願いいたします。".encode("cp932")

# Content-Type, Content-Transfer-Encoding ("" without the field), the body, and which of both are signed.
ONE_READING: dict[str, tuple[str, str, bytes, tuple[str, ...]]] = {
    "ASCII": (PLAIN, "7bit", b"approve\r\n", ()),
    "no fields": ("", "", b"approve\r\n", ()),
    "ASCII as quoted-printable": (PLAIN, "quoted-printable", b"approve\r\n", ()),
    "8-bit text": (PLAIN, "8bit", "承認\r\n".encode(), ()),
    "8-bit text with equals signs": (PLAIN, "8bit", "承認\r\n======\r\n=E3\r\n".encode(), ()),
    "ASCII text with equals signs": (PLAIN, "7bit", b"a = b\r\n=====\r\n", ()),
    "base64": (PLAIN, "base64", encodebytes("承認\r\n".encode()), ()),
    "quoted-printable": (PLAIN, "quoted-printable", QUOTED, ()),
    "ISO-2022-JP": ("text/plain; charset=iso-2022-jp", "7bit", "承認\r\n".encode("iso2022_jp"), ()),
    "Shift_JIS": ("text/plain; charset=shift_jis", "8bit", SHIFT_JIS, ()),
    "a page": (HTML, "7bit", b"<!DOCTYPE html>\r\n<p>approve</p>\r\n", ()),
    "the mark above a signature": (PLAIN, "7bit", b"approve\r\n\r\n-- \r\nx\r\n", ("content-transfer-encoding",)),
    "alternatives": (ALTERNATIVE, "", PARTS, ()),
    "parts below a preamble": (MIXED, "7bit", b"This is a multi-part message in MIME format.\r\n" + PARTS, ()),
    "parts, the type signed": (MIXED, "", PARTS, ("content-type",)),
    "a page, the type signed": (HTML, "7bit", b"approve\r\n", ("content-type",)),
}

SEVERAL: dict[str, tuple[str, str, bytes, tuple[str, ...]]] = {
    "text as a page: lines are joined": (HTML, "7bit", b"a\r\napprove\r\n", ()),
    "a page as text": (PLAIN, "7bit", b"<html><!--\r\napprove\r\n-->\r\n", ()),
    "text as a file": ("application/pdf", "7bit", b"approve\r\n", ()),
    "text as a mail": ("message/rfc822", "7bit", b"Subject: x\r\n\r\napprove\r\n", ()),
    "parts as text: attached lines are the writer's": (PLAIN, "8bit", PARTS, ()),
    "parts without the fields": ("", "", PARTS, ()),
    "the inner boundary": ('multipart/mixed; boundary="c"', "", PARTS, ()),
    "a boundary that is none": ('multipart/mixed; boundary="d"', "", PARTS, ()),
    "text between dashes as a part": ('multipart/mixed; boundary="x"', "", b"a\r\n--x\r\n\r\napprove\r\n--x--\r\n", ()),
    "a first part as a preamble": (MIXED, "", b"--x\r\n\r\nnot approved\r\n" + PARTS, ()),
    "a last part as an epilogue": (MIXED, "", PARTS + b"but not today\r\n", ()),
    "parts as a report": ('multipart/report; boundary="b"', "", PARTS, ()),
    "parts as base64": (MIXED, "base64", PARTS, ()),
    "base64 as text": (PLAIN, "7bit", encodebytes("承認\r\n".encode()), ()),
    "quoted-printable as text: lines are cut": (PLAIN, "7bit", b"do not =\r\napprove\r\n=E6\r\n", ()),
    "quoted-printable as text, the type signed": (PLAIN, "7bit", b"=E6\r\n", ("content-type",)),
    "text as quoted-printable: lines are joined": (PLAIN, "quoted-printable", "承認 =\r\nしません\r\n".encode(), ()),
    "either": (PLAIN, "7bit", b"do not =\r\napprove\r\n", ()),
    "either, declared": (PLAIN, "quoted-printable", b"do not =\r\napprove\r\n", ()),
    "blanks at the ends of lines, which quoted-printable drops": (PLAIN, "quoted-printable", b"a \r\nb\r\n", ()),
    "joined lines": ("text/plain; charset=utf-8; format=flowed", "7bit", b"a \r\napprove\r\n", ()),
    "lines that were joined": (PLAIN, "7bit", b"not \r\napprove\r\n", ()),
    "UTF-7": ("text/plain; charset=utf-7", "7bit", b"+aX6LjQ-\r\n", ()),
    "another charset": ("text/plain; charset=gb18030", "8bit", SHIFT_JIS, ()),
    "an unknown encoding": (PLAIN, "x-uuencode", b"approve\r\n", ()),
    "a long text": (PLAIN, "7bit", b"approve\r\n" * 200_000, ()),
}  # fmt: skip


def reading(content_type: str, encoding: str, body: bytes, signed: tuple[str, ...]) -> str:
    fields = f"Content-Type: {content_type}\r\n" if content_type else ""
    fields += f"Content-Transfer-Encoding: {encoding}\r\n" if encoding else ""
    return other_reading(split_mail(f"From: a@b.jp\r\n{fields}\r\n".encode() + body), signed)


@pytest.mark.parametrize("case", ONE_READING)
def test_bodies_that_can_be_read_in_one_way(case: str) -> None:
    assert reading(*ONE_READING[case]) == ""


@pytest.mark.parametrize("case", SEVERAL)
def test_bodies_that_could_have_been_read_in_another_way(case: str) -> None:
    assert reading(*SEVERAL[case])
