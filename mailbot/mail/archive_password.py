"""Detection of mails with the password of an encrypted archive sent before (PPAP), so that it is not stored."""

import re

from mailbot.patterns import any_of
from mailbot.text import nfkc

_FILES = (
    *("添付", "ファイル", "圧縮", "解凍", "復号", "暗号化", "アーカイブ", "先ほど", "先程"),
    *(r"\bzip\b", "attach(?:ed|ment)", "archive"),
)
_FILE = f"(?:{'|'.join(_FILES)})"
_NAMES_FILE = any_of(*_FILES)
_WORD = r"(?:パスワード|解凍\s*pw|\bpass(?:word|code)?\b|\bpw\b)"
_ABOUT = re.compile(rf"{_FILE}.{{0,60}}{_WORD}|{_WORD}.{{0,60}}{_FILE}", re.I | re.S)
# `パスワード：aB3$x`, `PW = …`, or the word alone above a line that consists of the password.
_VALUE = re.compile(
    rf"{_WORD}[^\n:=]{{0,20}}[:=はわ]\s*[「『\"]?[!-~]{{4,64}}[」』\"]?\s*(?:です|になります|$)?", re.I | re.M
)
_BELOW = re.compile(rf"{_WORD}[^\n]{{0,30}}\n+\s*[「『\"]?(?=[!-~]*\d)[!-~]{{4,64}}[」』\"]?\s*$", re.I | re.M)
_LARGEST = 5_000  # characters that are searched; such a mail is short


def contains_archive_password(subject: str, text: str) -> bool:
    """Whether a mail contains the password of a file that was sent before.

    `text`: the mail without quotes.  A form that applies for a new password does not mention a file.
    """
    flat = nfkc(f"{subject}\n{text}"[:_LARGEST])
    if _NAMES_FILE.search(flat) is None:
        return False
    return _ABOUT.search(flat) is not None and (_VALUE.search(flat) or _BELOW.search(flat)) is not None


def without_text(raw: bytes) -> bytes:
    """The mail with its header, without Subject and Content-* fields, and with a fixed text as body."""
    ends = [end + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (end := raw.find(mark)) >= 0]
    head = raw[: min(ends)] if ends else b""
    remaining = re.sub(rb"(?im)^(?:content-[a-z-]+|subject):[^\n]*\n(?:[ \t][^\n]*\n)*", b"", head)
    return remaining + b"[The text was removed: it contained the password of an archive.]\r\n"
