"""Texts without what gives authority: the secrets of reply tokens, log-in links."""

import re

_TOKEN = re.compile(r"\.[a-z2-7]{26}\.[a-z2-7]{16}", re.I)  # the identifier in front of it stays
_SECRET = re.compile(r"\.[a-z2-7]{26}\.", re.I)  # by its literal dot quickly found
_MAILTO = re.compile(r"<?mailto:[^\s<>]*>?", re.I)
# Inside of a token that a mail client has wrapped: blanks, quote marks, and a line break as JSON and logs write it.
_GAP = r"(?:[\s>|]|\\[rn])*"
_WRAPPED_TOKEN = re.compile(rf"\.{_GAP}(?:[a-z2-7]{_GAP}){{26}}\.{_GAP}(?:[a-z2-7]{_GAP}){{15}}[a-z2-7]", re.I)
_LINK = re.compile(rf"/link/{_GAP}(?:[a-z2-7]{_GAP}){{25}}[a-z2-7]", re.I)
_MASK = ".•••"


def mask_tokens(text: str) -> str:
    """`text` with the secret of every token and of every log-in link masked, for logs and for what is stored."""
    if "/link/" in text:
        text = _LINK.sub("/link/•••", text)
    if "." not in text:
        return text
    if _SECRET.search(text) is not None:
        text = _TOKEN.sub(_MASK, text)
    if ("\n" in text or "\\" in text) and _SECRET.search(_without_gaps(text)) is not None:
        text = _WRAPPED_TOKEN.sub(_MASK, text)
    return text


def without_reply_links(text: str) -> str:
    """`text` as it may be repeated to anybody: without mailto links, the secrets of all tokens masked."""
    return mask_tokens(_MAILTO.sub("", text) if ":" in text else text)


def _without_gaps(text: str) -> str:
    """As `_GAP`; string methods, since every text that is stored is searched."""
    joined = "".join(text.split()).replace(">", "").replace("|", "")
    return joined.replace("\\n", "").replace("\\r", "") if "\\" in joined else joined
