"""Charset decoding of Japanese mail with vendor characters and with wrong or missing charset labels.

In this order: ISO-2022-JP by its escape sequences, the declared charset if the octets are valid in it, UTF-8, a
detector, and cp932 with replacement characters, which is recorded as lossy.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass

from chardetng_py import EncodingDetector

_ALIASES = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "ms_kanji": "cp932", "cp932": "cp932", "ms932": "cp932", "shift_jisx0213": "cp932",
    "utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "us-ascii": "ascii", "ascii": "ascii", "ansi_x3.4-1968": "ascii",
    "euc-jp": "euc_jp", "eucjp": "euc_jp", "x-euc-jp": "euc_jp", "euc_jp": "euc_jp", "cp51932": "euc_jp",
    "eucjp-ms": "euc_jp",
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252", "cp1252": "cp1252",
    "iso-8859-15": "iso8859-15", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "utf-16": "utf-16", "utf-7": "utf-7",
}  # fmt: skip
_JIS_NAMES = frozenset({"iso-2022-jp", "iso-2022-jp-ms", "iso2022jp", "csiso2022jp", "cp50220", "cp50221", "cp50222"})
_UTF7_NAMES = frozenset({"utf-7", "utf7", "unicode-1-1-utf-7", "x-unicode-1-1-utf-7"})  # RFC 2152: ASCII octets
_SINGLE_BYTE = frozenset({"cp1252", "iso8859-15"})  # any octets are valid in these
_ESCAPE = re.compile(rb"\x1b(?:\$\([DOPQ]|\$[@B]|\([BIJ])")
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uff66-\uff9f]")
_ENCODED_WORD = re.compile(rb"=\?([A-Za-z0-9._:-]{1,40})(?:\*[A-Za-z-]*)?\?([bBqQ])\?([^?\r\n]*)\?=")
MOST_ENCODED_WORDS = 50


@dataclass(frozen=True)
class Decoded:
    """Decoded text.  `guessed`: not by the declared charset; `lossy`: with replacement characters."""

    text: str
    charset: str
    guessed: bool = False
    lossy: bool = False
    note: str = ""


def decode(data: bytes, declared: str | None) -> Decoded:
    """`data` as text.  `declared`: the charset parameter, None without one.  Never raises."""
    label = (declared or "").strip().strip("\"'").lower()
    if _ESCAPE.search(data) is not None:
        text = decode_jis(data)
        if text is not None:
            lossy = "\ufffd" in text
            named = label in _JIS_NAMES
            return Decoded(text, "iso-2022-jp", not named, lossy, "" if named else _note(label, "iso-2022-jp"))
    if label in _UTF7_NAMES and b"+" in data and (seven := _strictly(data, "utf-7")) is not None:
        return Decoded(seven, "utf-7")
    if data.isascii():
        return Decoded(data.decode("ascii"), "ascii")
    codec = _ALIASES.get(label)
    fitting = _strictly(data, codec)
    utf8 = fitting if codec == "utf-8" else _strictly(data, "utf-8")
    if utf8 is not None and (fitting is None or codec == "utf-8" or _JAPANESE.search(utf8)):
        right = codec == "utf-8"
        return Decoded(utf8, "utf-8", not right, note="" if right else _note(label, "utf-8"))
    if fitting is not None and codec is not None and codec not in _SINGLE_BYTE:
        return Decoded(fitting, codec)
    return _detect(data, label, codec, fitting)


def cut_octets(data: bytes, longest: int) -> bytes:
    """At most `longest` octets of text, whole lines if possible: half a character would make the charset doubtful."""
    if len(data) <= longest:
        return data
    line = data.rfind(b"\n", longest // 2, longest) + 1
    if line:
        return data[:line]
    end = longest
    while end > longest - 4 and data[end] & 0xC0 == 0x80:  # a further octet of a character in UTF-8 (RFC 3629 §3)
        end -= 1
    return data[:end]


def _detect(data: bytes, label: str, codec: str | None, fitting: str | None) -> Decoded:
    detector = EncodingDetector()
    detector.feed(data, last=True)
    guess = str(detector.guess(tld=b"jp", allow_utf8=True)).lower()
    guess = _ALIASES.get(guess, guess)
    text = _strictly(data, guess) if guess in set(_ALIASES.values()) else None
    if text is not None and (fitting is None or _JAPANESE.search(text)):
        return Decoded(text, guess, True, note=_note(label, guess))
    if fitting is not None and codec is not None:
        return Decoded(fitting, codec)
    return Decoded(data.decode("cp932", "replace"), "cp932", True, True, _note(label, "cp932 with losses"))


def _note(label: str, used: str) -> str:
    return f"labelled {label or 'nothing'}, read as {used}"


def _strictly(data: bytes, codec: str | None) -> str | None:
    if codec is None:
        return None
    try:
        return data.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return None


def decode_jis(data: bytes) -> str | None:
    """ISO-2022-JP with the vendor extensions of cp5022x: NEC row 13, IBM extensions, half-width kana.

    None when there are 8-bit octets, which are invalid in it.
    """
    if not data.isascii():
        return None
    pieces: list[str] = []
    mode, at = b"\x1b(B", 0
    for match in _ESCAPE.finditer(data):
        pieces.append(_run(data[at : match.start()], mode))
        mode, at = match.group(), match.end()
    pieces.append(_run(data[at:], mode))
    return "".join(pieces)


def _run(run: bytes, mode: bytes) -> str:
    """The octets between two escape sequences.  A line end switches to ASCII (RFC 1468): clients wrap without one."""
    if mode in (b"\x1b(B", b"\x1b(J") or not run:
        return run.decode("ascii")
    first, newline, rest = run.partition(b"\n")
    tail = newline.decode("ascii") + rest.decode("ascii")
    if mode == b"\x1b(I":
        return bytes(b | 0x80 if 0x20 < b < 0x60 else b for b in first).decode("cp932", "replace") + tail
    if mode.startswith(b"\x1b$("):
        return _pairs(first, lambda a, b: bytes((0x8F, a | 0x80, b | 0x80)).decode("euc_jp", "replace")) + tail
    return _pairs(first, lambda a, b: _to_shift_jis(a, b).decode("cp932", "replace")) + tail


def _pairs(run: bytes, decode_pair: Callable[[int, int], str]) -> str:
    text, i = [], 0
    while i < len(run):
        if not 0x21 <= run[i] <= 0x7E:  # a blank or control between pairs
            text.append(chr(run[i]))
            i += 1
        elif i + 1 < len(run) and 0x21 <= run[i + 1] <= 0x7E:
            text.append(decode_pair(run[i], run[i + 1]))
            i += 2
        else:
            text.append("\ufffd")  # cut inside a character
            i += 1
    return "".join(text)


def _to_shift_jis(row: int, cell: int) -> bytes:
    """A JIS X 0208 pair as Shift_JIS bytes, which cp932 decodes with its vendor characters."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
    return bytes((lead, trail))


def decode_header(raw: bytes) -> Decoded:
    """A header field with encoded words (RFC 2047) or raw 8-bit octets.

    Adjacent encoded words of one charset are joined before decoding: some clients split them inside a character.
    """
    pieces: list[tuple[bytes, str | None]] = []
    at = 0
    for count, match in enumerate(_ENCODED_WORD.finditer(raw)):
        if count >= MOST_ENCODED_WORDS:
            break
        between = raw[at : match.start()]
        if between.strip() or not pieces or pieces[-1][1] is None:
            pieces.append((between, None))
        charset, data = match[1].decode("ascii").lower(), _word(match[2], match[3])
        if pieces and pieces[-1][1] == charset:
            pieces[-1] = (pieces[-1][0] + data, charset)
        else:
            pieces.append((data, charset))
        at = match.end()
    pieces.append((raw[at:], None))
    decoded = [decode(data, charset) for data, charset in pieces if data]
    worst = next((d for d in decoded if d.lossy), next((d for d in decoded if d.guessed), None))
    named = next((d.charset for d in decoded if d.charset != "ascii"), "ascii")
    text = "".join(d.text for d in decoded).strip()
    if worst is None:
        return Decoded(text, named)
    return Decoded(text, named, worst.guessed, worst.lossy, worst.note)


def _word(encoding: bytes, text: bytes) -> bytes:
    """The octets of one encoded word; of truncated base64 the complete groups."""
    if encoding in b"qQ":
        return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes((int(m[1], 16),)), text.replace(b"_", b" "))
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", text)
    whole = letters[: len(letters) - (1 if len(letters) % 4 == 1 else 0)]
    try:
        return b64decode(whole + b"=" * (-len(whole) % 4))
    except (Base64Error, ValueError):
        return b""
