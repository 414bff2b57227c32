"""Characters: normalising typed text so that it can be compared, and cleaning text for headers, logs and terminals.

Codes, numbers, dates and addresses are folded before they are checked; names, kana and free text are kept
as typed (specification of the domain, «People and things»).
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

# Every dash people type for a hyphen in a code or a telephone number, the long-vowel mark included.
HYPHENS = "-‐‑‒–—―⁃−﹘﹣－ーｰ─━‐"
_HYPHENS = re.compile(f"[{HYPHENS[1:]}]")
# The same without the two katakana marks: for text in which they are letters.
_DASHES = re.compile(_HYPHENS.pattern.replace("ーｰ", ""))

# Zero-width, bidirectional and tag characters, fillers and variation selectors (UTS #39, Trojan Source): invisible, but
# they change what a text is or in which order it is shown.  The only list of them.
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufeff\uffa0\ufff9-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{_HIDDEN}{_SELECTORS}]")
_NOT_TYPED = re.compile(f"[{_HIDDEN}]")
_MARKS = "\u0300-\u036f\u3099\u309a"  # that combine with the letter before them
_MARK = re.compile(f"[{_MARKS}]")
_DECOMPOSED = re.compile(f"[^{_MARKS}][{_MARKS}]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_BREAKS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_NOT_PRINTABLE = re.compile(f"[{_HIDDEN}{_SELECTORS}\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u2028\u2029]")
_HALF_KANA = re.compile("[\uff61-\uff9f]+")
_LONGEST_KEPT = 400  # characters of a line whose normalised form is kept
_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})


def nfkc(text: str) -> str:
    """Compatibility-normalised: full-width letters and digits become half-width, half-width kana full."""
    if text.isascii():
        return text
    if len(text) <= _LONGEST_KEPT:
        return _nfkc_of_line(text)
    if "\n" in text:  # with which no character is composed
        return "\n".join(map(nfkc, text.split("\n")))
    return unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=8_192)  # each line of a mail is compared with many patterns
def _nfkc_of_line(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def fold_code(text: str) -> str:
    """A code, number or date as it is compared: NFKC, every dash a hyphen, no blanks, upper case."""
    return _with_hyphens(text).upper()


def fold_word(text: str) -> str:
    """A word as it is compared (field names, keywords, choices): NFKC, no blanks, lower case.

    Dashes and the long-vowel mark become one character, so that 利用者コ―ド is 利用者コード.
    """
    return _with_hyphens(text).casefold()


def _with_hyphens(text: str) -> str:
    return without_blanks(_HYPHENS.sub("-", nfkc(_HYPHENS.sub("-", text))))


def without_blanks(text: str) -> str:
    """`text` without white space."""
    return "".join(text.split())


def fold_address(text: str) -> str:
    """An e-mail address as it is compared: ASCII-folded width, no blanks, the domain in lower case."""
    flat = without_blanks(_DASHES.sub("-", nfkc(text))).strip("<>")
    local, at, domain = flat.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def full_width_kana(text: str) -> str:
    """Half-width kana become full-width; everything else stays as typed."""
    return _HALF_KANA.sub(lambda m: nfkc(m.group()), text)


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """«; did you mean X?», or "" when nothing of `known` is near."""
    near = get_close_matches(typed, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def one_line(text: str) -> str:
    """`text` as one line of a header or a log: line breaks become a blank, control characters are removed."""
    return _CONTROL.sub("", _LINE_BREAKS.sub(" ", text)).strip()


def printable(text: str) -> str:
    """`text` for a terminal or log: line breaks and tabs stay, other control and invisible characters as escapes."""
    if (text.isascii() and text.isprintable()) or _NOT_PRINTABLE.search(text) is None:  # as nearly always
        return text
    flat = text.replace("\r\n", "\n").replace("\r", "\n")
    flat = _CONTROL.sub(lambda m: f"\\x{ord(m.group()):02x}", flat)
    return _INVISIBLE.sub(lambda m: f"\\u{{{ord(m.group()):x}}}", flat)


def json_safe(text: str) -> str:
    """JSON `text` for a terminal: control and invisible characters as JSON escapes, so that it parses to the same."""
    escape = re.compile(f"{_INVISIBLE.pattern}|[\x7f-\x9f\u2028\u2029]")
    return escape.sub(lambda m: json.dumps(m.group())[1:-1].replace("\x7f", "\\u007f"), text)


def has_invisible(text: str) -> bool:
    """Whether `text` contains zero-width, bidirectional or tag characters."""
    return _INVISIBLE.search(text) is not None


# Those that editors and chat programs leave at the end of what is copied: there they neither hide nor move anything.
_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u2060\ufeff"


def without_edge_marks(line: str) -> str:
    """`line` without zero-width characters, and blanks, at both ends."""
    return line.strip(_ZERO_WIDTH + " \t\u3000")


def remove_invisible(text: str) -> str:
    """`text` without zero-width, bidirectional and tag characters: what a person sees of it."""
    return _INVISIBLE.sub("", text)


# What a spreadsheet takes for a formula, some after they have removed blanks and control characters (T-85, CWE-1236).
_FORMULA = re.compile(rf"(?:[\s\x00-\x1f\x7f-\x9f]|{_INVISIBLE.pattern})*[=+\-@＝＋－＠']|[\t\r]")


def guard_formula(text: str) -> str:
    """`text` for a cell: with an apostrophe before what a spreadsheet would take for a formula, or before another."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard_formula(text: str) -> str:
    """The text of a cell without the apostrophe of `guard_formula`, or of a careful writer."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text, 1) else text


def as_typed(text: str) -> str:
    """`text` as its writer saw it while typing: letters and their marks composed (NFC), no invisible characters.

    Variation selectors stay: they choose the shape of a character in a name.  A character without marks stays as it is,
    although NFC would replace some that occur in names (`神` U+FA19).
    """
    if _MARK.search(text) is not None:
        text = _DECOMPOSED.sub(lambda m: unicodedata.normalize("NFC", m.group()), text)
    return _NOT_TYPED.sub("", text)


def katakana(text: str) -> str:
    """Hiragana become katakana; everything else stays as typed."""
    return text.translate(_TO_KATAKANA)


def unseen_characters(text: str) -> list[str]:
    """The code points (`U+200B`) in `text` that a person cannot see or that show differently on each computer.

    Invisible ones, control and format characters, and those of private use (外字).
    """
    found = (c for c in text if c not in "\n\t" and (has_invisible(c) or unicodedata.category(c) in _UNSEEN))
    return list(dict.fromkeys(f"U+{ord(c):04X}" for c in found))


def display_width(text: str) -> int:
    """Columns on a terminal or in a fixed-width mail: full-width characters count two."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


@lru_cache(maxsize=8192)
def _char_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WFA" else 1


_NO_LINE_START = "、。，．・：；？！）」』】〕〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ)]}.,:;!?%"
_NO_LINE_END = "（「『【〔〈《([{"


def wrap(text: str, columns: int = 72) -> list[str]:
    """Lines of about `columns` columns at most; ASCII words are not broken.

    By the rules of Japanese line breaking (禁則, JIS X 4051) up to two characters may stand beyond `columns`.

    A line that needs no wrapping comes back unchanged; existing line breaks stay.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        lines.extend(_wrap_line(line, columns))
    return lines


def _wrap_line(line: str, columns: int) -> list[str]:
    done: list[str] = []
    position, window = 0, 4 * columns  # looking no farther than a window keeps it linear in a line of a million
    while True:
        piece = line[position : position + window]
        if position + window >= len(line) and display_width(piece) <= columns:
            return [*done, piece] if piece or not done else done
        cut = _cut_at(piece, columns)
        done.append(piece[:cut].rstrip())
        position += cut
        while line[position : position + 1] == " ":
            position += 1


def _cut_at(line: str, columns: int) -> int:
    width, cut = 0, 0
    for cut, char in enumerate(line):  # noqa: B007 - the position is the result
        width += _char_width(char)
        if width > columns:
            break
    best = cut
    while best < len(line) and line[best] in _NO_LINE_START and best - cut < 2:
        best += 1
    # Do not break inside an ASCII word unless the word alone is longer than a line.
    start = best
    while start > 0 and _ascii_word(line[start - 1]) and start < len(line) and _ascii_word(line[start]):
        start -= 1
    best = start if start > columns // 4 else best
    while best > 1 and line[best - 1] in _NO_LINE_END:
        best -= 1
    return max(best, 1)


def _ascii_word(char: str) -> bool:
    return char.isascii() and not char.isspace()
