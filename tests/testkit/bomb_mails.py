"""Whole mails that are made to exhaust their reader: at least sixty of every kind, each a few hundred kilobytes at most.

A kind is a product of shapes and sizes.  `MAILS[kind]()` yields (name, the mail without its From).
"""

import base64
import itertools
import zipfile
from collections.abc import Callable, Iterable, Iterator

from tests.testkit.bombs import LABEL, merged, workbook, zipped
from tests.testkit.desk import FORM

Mails = Iterator[tuple[str, bytes]]
HEAD = b"To: desk@desk.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
WORDS = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + "手続：パスワード初期化\r\n".encode()
_SHAPES = Callable[[int], bytes]


def plain(text: str | bytes, kind: str = "plain", *headers: bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    lines = (HEAD, *(h + b"\r\n" for h in headers), f"Content-Type: text/{kind}; charset=utf-8\r\n".encode())
    return b"".join((*lines, b"Content-Transfer-Encoding: base64\r\n\r\n", base64.encodebytes(data)))


def attached(name: str, data: bytes, *, copies: int = 1) -> bytes:
    part = f'--b\r\nContent-Type: application/octet-stream; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    file = part.encode() + base64.encodebytes(data) + b"\r\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + WORDS + file * copies + b"--b--\r\n"


def each(shapes: dict[str, _SHAPES], sizes: Iterable[int]) -> Mails:
    """The products of shapes and sizes."""
    for (name, make), size in itertools.product(shapes.items(), sizes):
        yield f"{name}, {size}", make(size)


def xlsx() -> Mails:
    cell, row = "<c><v>1</v></c>", "<row><c><v>1</v></c></row>"
    shapes: dict[str, Callable[[int], bytes]] = {
        "merged area": lambda n: workbook(after=merged(f"A1:XFD{n}")),
        "merged rows": lambda n: workbook(after=merged(*(f"A{r}:XFD{r}" for r in range(2, 2 + n)))),
        "merged column": lambda n: workbook(after=merged(f"A1:A{n * 100}")),
        "overlapping ranges": lambda n: workbook(after=merged(*["A1:BH1000"] * n)),
        "rows": lambda n: workbook(row * n * 10),
        "cells in a row": lambda n: workbook("<row>" + cell * n * 10 + "</row>"),
        "a far row": lambda n: workbook(f'<row r="{n * 100}"><c r="A{n * 100}"><v>1</v></c></row>'),
        "strings": lambda n: workbook(strings="<si><t>x</t></si>" * n * 10),
        "a long string": lambda n: workbook(strings="<si><t>" + "x" * n * 100 + "</t></si>"),
        "sheets": lambda n: workbook(LABEL * 10, sheets=min(n, 150)),
        "attributes": lambda n: workbook("<row " + " ".join(f'a{i}="1"' for i in range(n)) + "/>"),
        "depth": lambda n: workbook("<row>" * n),
        "formats": lambda n: workbook(styles="<cellXfs>" + "<xf/>" * n * 10 + "</cellXfs>"),
        "digits": lambda n: workbook(f'<row r="2"><c r="A2"><v>{"9" * n}</v></c></row>'),
        "shared string in every cell": lambda n: workbook(
            ("<row>" + '<c t="s"><v>0</v></c>' * 60 + "</row>") * min(n, 900), strings=f"<si><t>{'x' * n}</t></si>"
        ),
    }
    for name, data in each(shapes, (50, 300, 1_000, 3_000)):
        compressed = zipped([(one.filename, _content(data, one)) for one in _entries(data)])
        yield name, attached("form.xlsx", compressed, copies=5 if len(compressed) < 20_000 else 1)


def _entries(data: bytes) -> list[zipfile.ZipInfo]:
    import io

    return zipfile.ZipFile(io.BytesIO(data)).infolist()


def _content(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    import io

    return zipfile.ZipFile(io.BytesIO(data)).read(entry)


def csv() -> Mails:
    shapes: dict[str, _SHAPES] = {
        "commas": lambda n: b"," * n * 100,
        "rows": lambda n: b"a\n" * n * 10,
        "blank rows": lambda n: b"\n" * n * 50,
        "columns": lambda n: b"a," * n * 10,
        "quotes": lambda n: b'"' * n * 50,
        "an open quote": lambda n: b'a,"' + b"x,\n" * n * 30,
        "a long field": lambda n: b"a," + b"x" * n * 100,
        "labels": lambda n: ("手続,パスワード初期化\n" * n).encode(),
        "tabs": lambda n: b"\t" * n * 100,
        "UTF-16": lambda n: ("手続,x\n" * n).encode("utf-16"),
        "half a character": lambda n: b"\x83" * n * 100,
        "formulas": lambda n: b"=1+1,@x,+1\n" * n,
    }
    for name, data in each(shapes, (10, 100, 500, 1_000, 2_000)):
        yield name, attached("form.csv", data)


def html() -> Mails:
    shapes: dict[str, _SHAPES] = {
        "divs": lambda n: b"<div>" * n,
        "tables in tables": lambda n: b"<table><tr><td>" * n,
        "cells": lambda n: b"<table><tr>" + b"<td>x</td>" * n + b"</tr></table>",
        "a wide table": lambda n: (
            b"<table><tr><td><pre>" + b"x" * n * 10 + b"</pre></td></tr>" + b"<tr><td>a</td></tr>" * n
        ),
        "attributes": lambda n: b"<p " + b" ".join(b"a%d=1" % i for i in range(n)) + b">x</p>",
        "open angle brackets": lambda n: b"<" * n * 10,
        "comments": lambda n: b"<!-- x -->" * n,
        "an open comment": lambda n: b"<!--" + b"-" * n * 10,
        "entities": lambda n: b"&amp;&#x41;&#99999999;" * n,
        "an open entity": lambda n: b"&" * n * 10,
        "styles": lambda n: b'<p style="margin:999999em;padding-left:99999em">x</p>' * n,
        "a long style": lambda n: b'<p style="' + b"1" * n * 10 + b'">x</p>',
        "list items": lambda n: b"<ol>" + b'<li value="99999999999">x' * n,
        "blockquotes": lambda n: b"<blockquote>" * n + b"x",
        "pre lines": lambda n: b"<pre>" + b"x\n" * n * 10 + b"</pre>",
    }
    for name, data in each(shapes, (100, 1_000, 5_000, 10_000)):
        yield name, plain(data, "html")


def archives() -> Mails:
    def nested(n: int) -> bytes:
        data = b"0" * 1_000
        for _ in range(min(n, 30)):
            data = zipped([("x.zip", data)])
        return data

    shapes: dict[str, _SHAPES] = {
        "entries": lambda n: zipped((f"f{i}", b"") for i in range(n)),
        "nested": nested,
        "ratio": lambda n: zipped([("xl/workbook.xml", b"0" * n * 1_000)]),
        "names": lambda n: zipped([("../" * min(n, 5_000) + "x", b"x")]),
        "cut": lambda n: zipped([("x", b"x" * n)])[: -n % 50 - 1],
        "declared": lambda n: zipped([("x", b"x")])[:-12] + n.to_bytes(4, "little") * 3,
        "a comment": lambda n: zipped([("x", b"x")])[:-2] + b"\xff\xff" + b"PK\5\6" * min(n, 16_000),
        "no end": lambda n: b"PK\3\4" * n,
        "ends": lambda n: b"PK\5\6" + b"\0" * 18 * n,
        "zip64": lambda n: b"PK\6\7" + b"\xff" * 16 * n + zipped([("x", b"x")])[-22:],
        "encrypted": lambda n: zipped([("x", b"x")]).replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0") + b"\0" * n,
        "OLE": lambda n: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * n * 10,
    }
    for name, data in each(shapes, (1, 100, 500, 2_000, 5_000)):
        yield name, attached("form.zip" if len(data) % 2 else "form.xlsx", data)


def nesting() -> Mails:
    def deep(kind: bytes, n: int) -> bytes:
        levels = (b"Content-Type: multipart/%s; boundary=b%d\r\n\r\n--b%d\r\n" % (kind, i, i) for i in range(n))
        return HEAD + b"".join(levels) + b"\r\nx"

    shapes: dict[str, _SHAPES] = {
        "mixed": lambda n: deep(b"mixed", n),
        "alternative": lambda n: deep(b"alternative", n),
        "the same boundary": lambda n: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * n,
        "messages": lambda n: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * n,
        "parts": lambda n: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * n,
        "digest": lambda n: HEAD + b"Content-Type: multipart/digest; boundary=b\r\n\r\n" + b"--b\r\n\r\nFrom: x\r\n\r\n" * n,
        "boundary lines": lambda n: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--bb\r\n" * n,
        "hyphens": lambda n: HEAD + b'Content-Type: multipart/mixed; boundary="-"\r\n\r\n' + b"-" * n * 10,
        "no boundary": lambda n: HEAD + b"Content-Type: multipart/mixed\r\n\r\n" + b"--\r\n" * n,
        "a long boundary": lambda n: HEAD + b"Content-Type: multipart/mixed; boundary=" + b"b" * n + b"\r\n\r\nx",
        "report": lambda n: HEAD + b"Content-Type: multipart/report; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; x\r\n\r\n" * n,
        "external": lambda n: HEAD + b"Content-Type: message/external-body; access-type=x\r\n\r\n" * n,
    }  # fmt: skip
    yield from each(shapes, (5, 50, 500, 2_000, 10_000))


def headers() -> Mails:
    end = b"Content-Type: text/plain\r\n\r\nx\r\n"
    shapes: dict[str, _SHAPES] = {
        "fields": lambda n: HEAD + b"X: y\r\n" * n + end,
        "folds": lambda n: HEAD + b"X: y" + b"\r\n y" * n + b"\r\n" + end,
        "a long field": lambda n: HEAD + b"X: " + b"y" * n * 10 + b"\r\n" + end,
        "blanks": lambda n: HEAD + b"Subject: " + b" " * n * 10 + b"\r\n" + end,
        "parentheses": lambda n: HEAD + b"Sender: " + b"(" * n + b"\r\n" + end,
        "addresses": lambda n: HEAD + b"Cc: " + b"a@b.c," * n + b"\r\n" + end,
        "message ids": lambda n: HEAD + b"References: " + b"<a@b.c> " * n + b"\r\n" + end,
        "angle brackets": lambda n: HEAD + b"References: " + b"<" * n * 10 + b"\r\n" + end,
        "semicolons": lambda n: HEAD + b"Content-Type: text/plain" + b";" * n + b"\r\n\r\nx",
        "received": lambda n: HEAD + b"Received: from x by y; z\r\n" * n + end,
        "signatures": lambda n: HEAD + b"DKIM-Signature: v=1; a=rsa-sha256; d=x.jp; s=s; h=from; bh=x; b=x\r\n" * n + end,
        "results": lambda n: HEAD + b"Authentication-Results: x; dmarc=pass (" + b"(" * n + b"\r\n" + end,
        "no colon": lambda n: HEAD + b"x" * n + b"\r\n" + end,
    }  # fmt: skip
    yield from each(shapes, (10, 100, 1_000, 5_000, 20_000))


def encoded_words() -> Mails:
    words = {
        "base64": b"=?utf-8?B?5pel5pys?= ",
        "quoted": b"=?utf-8?Q?=E6=97=A5?= ",
        "empty": b"=?utf-8?B??= ",
        "an unknown charset": b"=?zlib_codec?B?eA==?= ",
        "a dangerous charset": b"=?unicode_escape?Q?=5Cr=5Cn?= ",
        "ISO-2022-JP": b"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= ",
        "a cut escape": b"=?ISO-2022-JP?B?GyRC?= ",
        "half a character": b"=?utf-8?B?5pc=?= ",
        "no end": b"=?utf-8?B?5pel ",
        "question marks": b"=?=?=?=?",
        "line breaks": b"=?utf-8?Q?=0D=0ABcc:x?= ",
        "a language": b"=?utf-8*ja?B?5pel?= ",
    }
    for (name, word), count in itertools.product(words.items(), (1, 50, 300, 900, 5_000)):
        yield f"{name}, {count}", HEAD.replace(b"Subject: x", b"Subject: " + word * count) + b"\r\nx\r\n"


def quoted_printable() -> Mails:
    head = HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    pieces = (
        b"=",
        b"==",
        b"=\r\n",
        b"=E6=97=A5",
        b"=ZZ",
        b"=0",
        b" =\r\n",
        b"\t",
        b" ",
        b"=3D",
        b"=0D=0A",
        b"=00",
        b"x\r\n=",
    )
    for piece, count in itertools.product(pieces, (10, 1_000, 10_000, 30_000, 100_000)):
        yield f"{piece!r}, {count}", head + piece * count


def parameters() -> Mails:
    shapes: dict[str, _SHAPES] = {
        "continuations": lambda n: b"".join(b"; name*%d*=x" % i for i in range(n)),
        "gaps": lambda n: b"".join(b"; name*%d*=x" % (i * 7) for i in range(n)),
        "the same one": lambda n: b"; name*0*=utf-8''a" * n,
        "a large number": lambda n: b"; name*" + b"9" * n + b"*=x",
        "percent signs": lambda n: b"; name*=utf-8''" + b"%" * n,
        "octets": lambda n: b"; name*=utf-8''" + b"%41" * n,
        "an unknown charset": lambda n: b"; name*=" + b"x" * n + b"''%FF",
        "apostrophes": lambda n: b"; name*=" + b"'" * n,
        "quotes": lambda n: b'; name="' + b'\\"' * n,
        "backslashes": lambda n: b'; name="' + b"\\" * n + b'"',
        "asterisks": lambda n: b"; name" + b"*" * n + b"=x",
        "equals signs": lambda n: b"; name" + b"=" * n,
    }
    for name, value in each(shapes, (5, 90, 700, 2_500, 8_000)):
        part = (
            b"--b\r\nContent-Type: text/csv" + value + b"\r\nContent-Disposition: attachment" + value + b"\r\n\r\nx\r\n"
        )
        yield name, HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + WORDS + part + b"--b--\r\n"


PIECES = (" ", "a", "あ", "：", ":", "=", "<", "@", ".", "-", "0", "%", "[", "「", ">", "＞", "|", "\t", "☑", "a@b.c,",
          "パスワード", "承認", "承認 ", "手続", "事業所コード：", "差出人: ", "2026年", "1ANAC", "、", "\u3000")  # fmt: skip


def long_lines() -> Mails:
    for piece, count in itertools.product(PIECES, (5_000, 60_000)):
        yield f"{piece!r}, {count}", plain(piece * (count // len(piece)))


def quotes() -> Mails:
    shapes: dict[str, _SHAPES] = {
        "marks": lambda n: b">" * n + b" x\n",
        "marks with blanks": lambda n: b"> " * n + b"x\n",
        "quoted lines": lambda n: b"> x\n" * n,
        "deeper and deeper": lambda n: b"".join(b">" * (i % 200) + b" x\n" for i in range(n)),
        "attributions": lambda n: "2026年11月20日(金) 10:00 申込受付デスク <desk@desk.example>:\n> x\n".encode() * n,
        "dividers": lambda n: "-----元のメッセージ-----\n".encode() * n,
        "header blocks": lambda n: "差出人: x\n送信日時: y\n宛先: z\n件名: w\n\n".encode() * n,
        "alternating": lambda n: "> 手続：x\n承認\n".encode() * n,
        "full-width marks": lambda n: "＞".encode() * n + b"\n" + "＞ x\n".encode() * n,
        "bars": lambda n: b"| x\n" * n,
        "signatures": lambda n: b"-- \nx\n" * n,
        "rules": lambda n: b"________________________________\n" * n,
    }
    for name, data in each(shapes, (10, 200, 1_000, 3_000, 8_000)):
        yield name, plain(data)


def forms() -> Mails:
    lines = FORM.splitlines()
    shapes: dict[str, _SHAPES] = {
        "forms": lambda n: (FORM * (n // 2)).encode(),
        "procedures": lambda n: (
            "手続：パスワード初期化\n手続：利用者IDの廃止\n手続：メールボックスの追加・廃止\n".encode() * n
        ),
        "the same line": lambda n: f"{lines[0]}\n".encode() * n,
        "codes": lambda n: "利用者コード：1ANAC\n識別番号：A0A\n".encode() * n,
        "ticks": lambda n: b"[x] 1ANACA0A\n" * n,
        "IDs in a line": lambda n: ("識別番号：" + "A0A、" * n).encode(),
        "unknown labels": lambda n: b"".join(f"項目{i}：値\n".encode() for i in range(n)),
        "nearly labels": lambda n: b"".join(f"利用者コ{chr(0x30A1 + i % 80)}ド：1ANAC\n".encode() for i in range(n)),
        "headings": lambda n: "【申込内容】\n".encode() * n,
        "dates": lambda n: "利用開始希望日：令和8年11月30日\n".encode() * n,
        "a table": lambda n: "利用者コード\t識別番号\n".encode() + b"1ANAC\tA0A\n" * n,
        "values that go on": lambda n: "備考：\n".encode() + b"x\n" * n,
    }
    for name, data in each(shapes, (20, 100, 400, 1_000, 2_000)):
        yield name, plain(data)


def patterns() -> Mails:
    """Runs that a bad pattern tries again and again: in the text, the subject, the author's name, a file name."""
    for piece in PIECES:
        run = piece * (4_000 // len(piece))
        word = base64.b64encode(run.encode()[:3_000])
        yield f"text of {piece!r}", plain(f"手続：{run}!\n{run}\x00\n添付{run}パスワード{run}\n")
        encoded = b"=?utf-8?B?" + word + b"?="
        yield f"subject of {piece!r}", HEAD.replace(b"Subject: x", b"Subject: Re: " + encoded) + b"\r\nx\r\n"
        file = attached("a.csv", f"{run}\n{run},{run}".encode()).replace(
            b'name="a.csv"', b'name="' + encoded + b'.csv"'
        )
        yield f"file name of {piece!r}", file


MAILS: dict[str, Callable[[], Mails]] = {
    **{"XLSX": xlsx, "CSV": csv, "HTML": html, "ZIP": archives, "MIME nesting": nesting, "headers": headers},
    **{"encoded words": encoded_words, "quoted-printable": quoted_printable, "RFC 2231 parameters": parameters},
    **{"long lines": long_lines, "deep quotes": quotes, "forms": forms, "patterns": patterns},
}
