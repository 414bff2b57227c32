"""More mails that are made to exhaust their reader: characters, styles, reports, addresses, values, signatures.

As in `bomb_mails`: `BOMBS[kind]()` yields (name, the mail without its From), at least sixty of every kind.
"""

import base64
from collections.abc import Callable

from tests.testkit.bomb_mails import HEAD, MAILS, Mails, each, plain
from tests.testkit.mail_domains import Zones

_SHAPES = Callable[[int], bytes]
SIZES = (10, 300, 2_000, 8_000, 30_000)


def charsets() -> Mails:
    labels = ("zlib_codec", "unicode_escape", "punycode", "idna", "utf-7", "iso-2022-jp", "iso-2022-jp-ext", "hz", "undefined",
              "x" * 5_000, "shift_jis", "utf-16", "euc-jp")  # fmt: skip
    pieces = (b"\x1b$B", b"\x1b$B\x1b(B", b"\x83", b"+AGE-", b"\\x0d\\x0a", "あ".encode())
    for label in labels:
        for piece in pieces:
            head = HEAD + f"Content-Type: text/plain; charset={label}\r\n".encode()
            yield (
                f"{label[:20]} with {piece!r}",
                head + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + piece * 30_000 + b"\r\n",
            )


def base64_bodies() -> Mails:
    head = HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    line = base64.b64encode("手続：パスワード初期化".encode())
    shapes: dict[str, _SHAPES] = {
        "one line": lambda n: line * n,
        "a letter in a line": lambda n: b"QQ\r\n" * n,
        "padding": lambda n: b"=" * n * 4,
        "padding in the middle": lambda n: b"QUI=" * n,
        "no alphabet": lambda n: b"\xff\xfe!" * n,
        "blanks": lambda n: b" \r\n" * n,
        "not complete": lambda n: line * n + b"Q",
        "in base64 again": lambda n: base64.encodebytes(base64.encodebytes(line * n)),
        "carriage returns": lambda n: b"QUJD\r\r\n" * n,
        "NUL": lambda n: base64.encodebytes(b"\0" * n * 4),
        "line breaks inside": lambda n: base64.encodebytes(b"\r\n" * n * 2),
        "URL-safe letters": lambda n: b"-_" * n,
    }
    for name, body in each(shapes, SIZES):
        yield name, head + body + b"\r\n"


def styles() -> Mails:
    shapes: dict[str, _SHAPES] = {
        "braces": lambda n: b"<style>" + b"{" * n * 5 + b"</style>x",
        "closing braces": lambda n: b"<style>" + b"}" * n * 5 + b"</style>x",
        "comments": lambda n: b"<style>" + b"/*" * n * 3 + b"</style>x",
        "classes": lambda n: b"<style>" + b"".join(b".c%d{color:#%06x}" % (i, i) for i in range(n)) + b"</style><p class=c1>x",
        "classes of one element": lambda n: b"<style>.a{color:red}</style><p class='" + b"a " * n + b"'>x",
        "selectors": lambda n: b"<style>" + b"a>b~c+d .e#f[g]:not(h)," * n + b"{display:none}</style>x",
        "media in media": lambda n: b"<style>" + b"@media all{" * n + b".x{display:none}" + b"}" * n + b"</style>x",
        "style attributes": lambda n: b"".join(b"<i style='color:#%06x;font:%dpx a'>x</i>" % (i, i) for i in range(n)),
        "declarations": lambda n: b"<p style='" + b"color:red;" * n + b"'>x",
        "functions": lambda n: b"<p style='transform:" + b"translate(" * n + b"'>x" + b"<p style='color:rgb(" + b"1," * n + b")'>x",
        "escapes": lambda n: b"<style>" + rb"\64" * n + b"{}</style><p style='" + rb"\6e " * n + b"'>x",
        "inherited sizes": lambda n: b"<div style='font-size:90%;color:white'>" * min(n, 140) + b"x" * n,
        "closed details": lambda n: b"<details><summary>x</summary>" * n,
        "hidden pieces": lambda n: b"<b hidden>x</b>y" * n,
    }  # fmt: skip
    for name, page in each(shapes, (10, 300, 2_000, 8_000, 20_000)):
        yield name, plain(page, "html")


def unicode_texts() -> Mails:
    pieces = {
        "combining marks": "が\u0301\u0302\u0303",
        "combining marks alone": "\u0301",
        "of descending class": "a\u0315\u0300\u0328\u0334",
        "zero-width spaces": "承\u200b認",
        "joiners": "\u200d",
        "bidi": "\u202eabc\u202c",
        "isolates": "\u2066",
        "long under NFKC": "\ufdfa",
        "hangul": "\u1100\u1161\u11a8",
        "variation selectors": "葛\U000e0100",
        "tags": "\U000e0041",
        "half-width kana": "ﾊﾟｽﾜｰﾄﾞ",
        "lone surrogates": "\ufffd",
        "private use": "\ue0f0\ue0f1\ue0f2",
        "line separators": "\u2028\x0b\x0c\x85",
        "full-width": "＝＋－＠：",
    }
    for name, piece in pieces.items():
        for length in (100, 3_000, 20_000, 60_000):
            text = piece * (length // len(piece))
            yield f"{name}, {length}", plain(f"手続：{text}\n{text}\n")


def values() -> Mails:
    shapes: dict[str, _SHAPES] = {
        "digits": lambda n: b"9" * n,
        "full-width digits": lambda n: "９".encode() * n,
        "a year": lambda n: b"2026" + b"0" * n + "年1月1日".encode(),
        "days": lambda n: "令和8年11月30日、".encode() * n,
        "slashes": lambda n: b"2026/11/" * n,
        "weekdays": lambda n: "来週の金曜日".encode() * n,
        "times": lambda n: b"10:00" * n,
        "identifiers": lambda n: b"A0A" * n,
        "ranges": lambda n: "A01～A99、".encode() * n,
        "receipt numbers": lambda n: b"2600001C " * n,
        "tokens": lambda n: b"desk+aaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccc@desk.example " * n,
        "mail addresses": lambda n: b"a@b.c@d.e" * n,
    }
    for (name, value), label in (
        (one, f"項目{i}") for i, one in enumerate(each(shapes, (10, 200, 1_000, 3_000, 10_000)))
    ):
        labels = ("利用開始希望日：", "識別番号：", f"{label}：", "")
        lines = [one.encode() + value for one in labels]
        yield name, plain(b"\n".join(lines))


def reports() -> Mails:
    def report(fields: bytes, text: bytes = b"x") -> bytes:
        head = HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        parts = b"--b\r\n\r\n" + text + b"\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + fields
        return head + parts + b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n--b--\r\n"

    group = b"Final-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    shapes: dict[str, _SHAPES] = {
        "groups": lambda n: report(b"Reporting-MTA: dns; x\r\n\r\n" + (group + b"\r\n") * n),
        "fields": lambda n: report(group + b"X-Y: z\r\n" * n),
        "one field again": lambda n: report(b"Status: 5.1.1\r\n" * n),
        "a long diagnosis": lambda n: report(group + b"Diagnostic-Code: smtp; " + b"5" * n + b"\r\n"),
        "a folded diagnosis": lambda n: report(group + b"Diagnostic-Code: smtp;" + b"\r\n x" * n + b"\r\n"),
        "a long recipient": lambda n: report(b"Final-Recipient: rfc822; " + b"a" * n + b"@b.c\r\nAction: failed\r\n"),
        "angle brackets": lambda n: report(group, b"<" * n),
        "addresses in words": lambda n: report(group, b"<a@b.c>: host x said: 550 5.1.1 no\r\n" * n),
        "colons": lambda n: report(b":" * n),
        "status digits": lambda n: report(b"Final-Recipient: rfc822; a@b.c\r\nStatus: " + b"5." * n + b"\r\n"),
        "a report in words": lambda n: HEAD.replace(b": x", b": Undelivered Mail Returned to Sender") + b"\r\n"
        + b"<a@b.c>: 550 5.1.1 User unknown in virtual mailbox table\r\n" * n,
        "only blank lines": lambda n: report(b"\r\n" * n),
    }  # fmt: skip
    yield from each(shapes, (10, 300, 2_000, 6_000, 20_000))


def addresses() -> Mails:
    shapes: dict[str, _SHAPES] = {
        "recipients": lambda n: b"To: " + b"a@b.c, " * n,
        "fields": lambda n: b"Cc: a@b.c\r\n" * n + b"Bcc: x@y.z",
        "groups": lambda n: b"To: " + b"g: a@b.c;, " * n,
        "open groups": lambda n: b"To: " + b"g:" * n,
        "comments": lambda n: b"To: " + b"(" * n + b")" * n + b" a@b.c",
        "quotes": lambda n: b'To: "' + b'\\"' * n + b'" <a@b.c>',
        "routes": lambda n: b"To: <" + b"@x," * n + b":a@b.c>",
        "at signs": lambda n: b"To: " + b"@" * n,
        "dots": lambda n: b"To: a" + b"." * n + b"@b.c",
        "commas": lambda n: b"To: " + b"," * n,
        "a long domain": lambda n: b"To: a@" + b"x." * n + b"c",
        "tags": lambda n: b"To: desk" + b"+x" * n + b"@desk.example",
    }
    for name, field in each(shapes, (10, 300, 1_000, 4_000, 12_000)):
        folded = b"\r\n ".join(field[i : i + 900] for i in range(0, len(field), 900)) if b"\r\n" not in field else field
        yield name, folded + b"\r\nSubject: x\r\nContent-Type: text/plain\r\n\r\nx\r\n"


def signatures() -> Mails:
    """For `zones`: many names to ask for, and fields that cost much to read."""

    def field(tags: bytes, name: bytes = b"DKIM-Signature") -> bytes:
        return name + b": v=1; a=rsa-sha256; bh=eA==; b=eA==; " + tags + b"\r\n"

    h = b"h=from:to:subject:date; "
    shapes: dict[str, _SHAPES] = {
        "selectors": lambda n: b"".join(field(h + b"d=naxtrade.example; s=x%d" % i) for i in range(min(n, 900))),
        "domains": lambda n: b"".join(field(h + b"s=s; d=d%d.example" % i) for i in range(min(n, 900))),
        "subdomains": lambda n: b"".join(field(h + b"s=s; d=d%d.naxtrade.example" % i) for i in range(min(n, 900))),
        "names in h=": lambda n: field(b"d=naxtrade.example; s=s1; h=" + b"from:" * n + b"subject:date:to"),
        "tags": lambda n: field(h + b"d=naxtrade.example; s=s1; " + b"".join(b"z%d=; " % i for i in range(n))),
        "a long b=": lambda n: field(h + b"d=naxtrade.example; s=s1").replace(b"b=eA==", b"b=" + b"eA " * n),
        "a large key": lambda n: field(h + b"d=naxtrade.example; s=large"),
        "an alias of an alias": lambda n: field(h + b"d=naxtrade.example; s=alias"),
        "a deep domain": lambda n: field(h + b"s=s; d=" + b"x." * min(n, 110) + b"naxtrade.example"),
        "ARC sets": lambda n: b"".join(
            field(h + b"i=%d; cv=pass; d=a.example; s=s" % i, b"ARC-Seal") for i in range(min(n, 900))
        ),
        "results": lambda n: (
            b"Authentication-Results: mx.desk.example; dmarc=pass header.from=naxtrade.example\r\n" * min(n, 900)
        ),
        "signed fields that are there often": lambda n: (
            field(b"d=naxtrade.example; s=s1; h=" + b"x:" * n) + b"X: y\r\n" * min(n, 900)
        ),
    }
    for name, fields in each(shapes, (1, 10, 100, 1_000, 8_000)):
        lines = b"".join(line if len(line) < 900 else _folded(line) for line in fields.splitlines(keepends=True))
        yield name, lines + HEAD + b"Date: Fri, 20 Nov 2026 10:00:00 +0900\r\n\r\nx\r\n"


def _folded(line: bytes) -> bytes:
    return b"\r\n ".join(line[i : i + 900] for i in range(0, len(line.rstrip()), 900)) + b"\r\n"


def zones() -> Zones:
    """What `signatures` makes the desk ask for: keys of 60 kB, policies that include one another, names without end."""
    found = Zones()
    found.publishes("naxtrade.example", dmarc="v=DMARC1; p=none", spf="v=spf1 include:a.example include:b.example -all")
    found.publishes(
        "attack.co.jp", spf="v=spf1 " + " ".join(f"exists:%{{i}}.x{i}.attack.co.jp" for i in range(40)) + " -all"
    )
    for one, other in (("a.example", "b.example"), ("b.example", "a.example")):
        found.records[one, "TXT"] = [f"v=spf1 include:{other} redirect={one} mx ptr ?all"]
    found.records["large._domainkey.naxtrade.example", "TXT"] = ["v=DKIM1; p=" + "A" * 40_000]
    found.records["alias._domainkey.naxtrade.example", "CNAME"] = ["alias._domainkey.naxtrade.example."]
    return found


SIGNATURES = "signatures"  # the kind whose mails are authenticated too
BOMBS: dict[str, Callable[[], Mails]] = {
    **MAILS,
    **{"charsets": charsets, "base64": base64_bodies, "CSS": styles, "Unicode": unicode_texts, "values": values},
    **{"delivery reports": reports, "addresses": addresses, SIGNATURES: signatures},
}
