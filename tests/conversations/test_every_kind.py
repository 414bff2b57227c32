"""Every kind of mail that the reading must cope with, with what comes of it and the reason in the log.

(Specification of mail handling, «Reading» and «No loops».)
"""

import base64
import quopri

import pytest

from mailbot.desk.inquiries.of_known_people import WITHOUT_PROOF
from mailbot.model.reasons import NOT_READ
from mailbot.records.log import mail_log
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice

CRLF = FORM.replace("\n", "\r\n")
HEAD = "From: taro@naxtrade.example\r\nTo: desk@desk.example\r\nMessage-ID: <1@naxtrade.example>\r\n"


def mail(body: bytes, *more: str, subject: str = "申込", head: str = HEAD) -> bytes:
    headers = head.encode() + f"Subject: {subject}\r\n".encode()
    return headers + "".join(f"{one}\r\n" for one in more).encode() + b"\r\n" + body


def text(charset: str, body: bytes | None = None, label: str | None = None, encoding: str = "8bit") -> bytes:
    label = charset if label is None else label
    kind = f'Content-Type: text/plain; charset="{label}"' if label else "X-No-Type: x"
    return mail(CRLF.encode(charset) if body is None else body, kind, f"Content-Transfer-Encoding: {encoding}")


def multipart(*parts: bytes, end: bool = True, kind: str = "mixed") -> bytes:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + (b"--b--\r\n" if end else b"")
    return mail(body, f"Content-Type: multipart/{kind}; boundary=b", "MIME-Version: 1.0")


PLAIN = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + CRLF.encode()
ROWS = "".join(
    f"<tr><td>{k}</td><td>{v}</td></tr>" for k, _, v in (line.partition("：") for line in FORM.split("\n")) if v
)
HTML = f"<html><body><p>お願いします。</p><table>{ROWS}</table></body></html>".encode()


def cp50221(words: str) -> bytes:
    """ISO-2022-JP as Japanese mail programs really write it: half-width kana, NEC's and IBM's characters."""
    out = b""
    for c in words:
        pair = {"髙": b"\xee\xe0", "﨑": b"\xed\x95"}.get(c) or c.encode("cp932")
        if len(pair) == 1:
            out += c.encode() if c.isascii() else b"\x1b(I" + bytes([pair[0] & 0x7F]) + b"\x1b(B"
            continue
        row, cell = pair[0] - (0x81 if pair[0] < 0xA0 else 0xC1), pair[1] - (0x40 if pair[1] < 0x7F else 0x41)
        out += b"\x1b$B" + bytes([0x21 + 2 * row + (cell >= 94), 0x21 + cell % 94]) + b"\x1b(B"
    return out


HALF_KANA = CRLF.replace("ツウカン　タロウ", "ﾂｳｶﾝ ﾀﾛｳ").replace("失念", "①㈱髙﨑～－失念")
ISO_MS = b"".join(
    b"\x1b$B" + bytes(b & 0x7F for b in c.encode("euc_jp")) + b"\x1b(B" if ord(c) > 127 else c.encode() for c in CRLF
)
CSV = "\r\n".join(f"{k},{v}" for k, _, v in (line.partition("：") for line in FORM.split("\n")) if v).encode("cp932")
FILE = base64.b64encode(CSV)
SPLIT = base64.b64encode("状況".encode())
REPORT = (
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    b"Final-Recipient: rfc822; x@y.jp\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)

TAKEN = [
    ("UTF-8", text("utf-8")),
    ("ISO-2022-JP", text("iso2022_jp", ISO_MS, "iso-2022-jp", "7bit")),
    ("ISO-2022-JP, half-width kana and vendor characters", text("", cp50221(HALF_KANA), "iso-2022-jp", "7bit")),
    ("Shift_JIS", text("cp932", label="shift_jis")),
    ("EUC-JP", text("euc_jp", label="euc-jp")),
    ("a label that lies: UTF-8 called Shift_JIS", text("utf-8", label="shift_jis")),
    ("a label that lies: Shift_JIS called UTF-8", text("cp932", label="utf-8")),
    ("a label that lies: ISO-2022-JP called us-ascii", text("iso2022_jp", ISO_MS, "us-ascii", "7bit")),
    ("no label at all", text("utf-8", label="")),
    ("an unknown charset", text("utf-8", label="x-unheard-of")),
    ("a charset that is a codec of another kind", text("utf-8", label="unicode_escape")),
    ("UTF-16", text("utf-16", label="utf-16", body=base64.b64encode(CRLF.encode("utf-16")), encoding="base64")),
    ("base64", text("utf-8", base64.encodebytes(CRLF.encode()), encoding="base64")),
    ("truncated base64", text("utf-8", base64.encodebytes((CRLF + "x").encode()).rstrip(b"=\n")[:-1], encoding="base64")),
    ("quoted-printable", text("utf-8", quopri.encodestring(CRLF.encode()), encoding="quoted-printable")),
    ("an unknown transfer encoding", text("utf-8", encoding="x-own")),
    ("lines that end in LF", text("utf-8").replace(b"\r\n", b"\n")),
    ("lines that end in CR", text("utf-8").replace(b"\r\n", b"\r")),
    ("raw 8-bit names in the header", mail(CRLF.encode(), "Content-Type: text/plain; charset=utf-8",
        head=HEAD.replace("taro@naxtrade.example\r\nTo", "通関 太郎 <taro@naxtrade.example>\r\nTo"))),
    ("two Subjects", mail(CRLF.encode(), "Subject: x", "Content-Type: text/plain; charset=utf-8")),
    ("a byte order mark and NULs", text("utf-8", b"\xef\xbb\xbf" + CRLF.encode().replace(b"\r\n\r\n", b"\r\n\0\r\n"))),
    ("broken MIME: no end", multipart(PLAIN, end=False)),
    ("broken MIME: no boundary parameter", mail(CRLF.encode(), "Content-Type: multipart/mixed")),
    ("text beside HTML", multipart(PLAIN, b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>x</p>", kind="alternative")),
    ("HTML alone, a table", mail(HTML, "Content-Type: text/html; charset=utf-8")),
    ("an empty text part beside HTML", multipart(b"Content-Type: text/plain\r\n\r\n  ",
        b"Content-Type: text/html; charset=utf-8\r\n\r\n" + HTML, kind="alternative")),
    ("signed (S/MIME)", multipart(PLAIN, b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx", kind="signed")),
    ("a winmail.dat beside the text", multipart(PLAIN, b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx")),
    ("a table under an RFC 2231 name in pieces", multipart(b"Content-Type: text/plain; charset=utf-8\r\n\r\nsee the table",
        b"Content-Type: text/csv; name*0*=utf-8''%E7%94%B3%E8; name*1*=%BE%BC; name*2=.csv\r\n"
        b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n" + FILE)),
    ("Reply-To somebody else", mail(CRLF.encode(), "Reply-To: evil@evil.example", "Content-Type: text/plain; charset=utf-8")),
]  # fmt: skip

OTHERS = [
    ("a Subject split inside a character", "answered status",
     mail(b"x", subject=f"=?utf-8?B?{SPLIT[:4].decode()}?= =?utf-8?B?{SPLIT[4:].decode()}?=")),
    ("no From", "quarantined no-from", mail(CRLF.encode(), head="To: desk@desk.example\r\n")),
    ("two From headers", "quarantined two-from-headers", mail(CRLF.encode(), "From: x@y.jp")),
    ("two addresses in From", "quarantined two-from-addresses",
     mail(CRLF.encode(), head=HEAD.replace("example\r\nTo", "example, x@y.jp\r\nTo"))),
    ("nothing at all", "quarantined no-from", b""),
    ("no header, no end", "quarantined no-from", b"\xff" * 5000),
    ("an unknown sender", "quarantined newcomer", text("utf-8").replace(b"taro@", b"eve@")),
    ("100,000 parts", "quarantined too-many-parts", multipart(*[b"\r\nx"] * 100_000)),
    ("nested fifty deep", "quarantined too-deep", mail(b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(50)),
        "Content-Type: multipart/mixed; boundary=b0")),
    ("a header line of 10 MB", "quarantined header-too-large", mail(b"x", "X-Long: " + "x" * 10_000_000)),
    ("a boundary of 1 MB", "quarantined header-too-large",
     mail(b"x", "Content-Type: multipart/mixed; boundary=" + "b" * 1_000_000)),
    ("a boundary of 300 octets", "quarantined boundary-too-long",
     mail(b"x", "Content-Type: multipart/mixed; boundary=" + "b" * 300)),
    ("5,000 header fields", "quarantined too-many-headers", mail(b"x", *["X: y"] * 5_000)),
    ("100 kB of semicolons", "quarantined header-too-complex", mail(b"x", "Content-Type: text/plain" + ";" * 100_000)),
    ("a million lines", "quarantined too-many-lines", mail(b"a\r\n" * 1_000_000)),
    ("no words at all", "answered no-text", mail(b" \r\n\r\n", subject="")),
    ("encrypted (S/MIME)", "passed_on passed-on",
     mail(base64.b64encode(b"x" * 99), "Content-Type: application/pkcs7-mime; smime-type=enveloped-data", subject="")),
    ("a form in a forwarded message only", "passed_on passed-on",
     multipart(b"Content-Type: message/rfc822\r\n\r\n" + text("utf-8")).replace("申込".encode(), b"x", 1)),
    ("Auto-Submitted", "quarantined auto-submitted", mail(CRLF.encode(), "Auto-Submitted: auto-replied")),
    ("Precedence: bulk", "quarantined precedence", mail(CRLF.encode(), "Precedence: bulk")),
    ("X-Autoreply", "quarantined autoreply-header", mail(CRLF.encode(), "X-Autoreply: yes")),
    ("a mailing list", "quarantined list-header", mail(CRLF.encode(), "List-Id: <x.y.jp>")),
    ("a null return path", "quarantined null-return-path", mail(CRLF.encode(), "Return-Path: <>")),
    ("a report of a mail that is not ours", "quarantined delivery-report", multipart(REPORT, kind="report")),
    ("a vacation notice by its subject", "quarantined absence-subject", mail(b"x", subject="【自動応答】不在のため")),
    ("a vacation notice by its words", "quarantined absence-text",
     mail("本日より11月30日まで休暇をいただいております。".encode(), "Content-Type: text/plain; charset=utf-8", subject="Re: x")),
    ("a server's words without a sign", "quarantined bounce-subject", mail(b"x", subject="Undeliverable: x")),
    ("a robot's address", "quarantined robot-address", text("utf-8").replace(b"taro@", b"MAILER-DAEMON@")),
    ("sixty hops", "quarantined too-many-hops", mail(CRLF.encode(), *["Received: by x; Fri, 20 Nov 2026 10:00:00 +0900"] * 60)),
    ("our own notice", "quarantined own-notice", mail(CRLF.encode(), "X-Mailbot-Notice: received")),
    ("X-Loop", "quarantined x-loop", mail(CRLF.encode(), "X-Loop: desk@desk.example")),
]  # fmt: skip


def quarantine_answer(desk: DeskUnderTest) -> ReceivedNotice:
    return desk.person("", "taro@naxtrade.example").gets("answer")


def last_row() -> mail_log.LogRow:
    return next(row for row in mail_log.listing(100) if row.direction == "in")


@pytest.mark.parametrize("raw", [raw for _, raw in TAKEN], ids=[name for name, _ in TAKEN])
def test_what_is_understood(desk: DeskUnderTest, taro: Person, raw: bytes) -> None:
    outcome = desk.receives(raw, "taro@naxtrade.example")
    assert (outcome.disposition.value, outcome.reason) == ("carried_out", "submitted"), (
        taro.mails and taro.mails[0].text
    )
    application = desk.application("2600001C")
    assert application.revision.filled.text("reason").endswith(("、失念したため", "、①㈱髙﨑～－失念したため"))
    taro.gets("received")
    assert last_row().reason == "submitted"


@pytest.mark.parametrize(("expected", "raw"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS])
def test_what_is_answered_or_quarantined(desk: DeskUnderTest, expected: str, raw: bytes) -> None:
    outcome = desk.receives(raw, "taro@naxtrade.example")
    assert f"{outcome.disposition.value} {outcome.reason}" == expected
    row = last_row()
    assert f"{row.disposition} {row.reason}" == expected
    if outcome.reason in NOT_READ:  # a registered person is told what to send instead
        assert quarantine_answer(desk).subject.startswith("【ご確認】")
    if outcome.reason == "newcomer":
        desk.person("", "operator@desk.example").gets("alert")
    if expected.startswith("quarantined") and outcome.reason not in WITHOUT_PROOF:
        assert desk.silent()
