"""Texts without what gives authority: the secrets of reply tokens, log-in links."""

import re

_TOKEN = re.compile(r"\.[a-z2-7]{26}\.[a-z2-7]{16}", re.I)  # the identifier in front of it stays
_SECRET = re.compile(r"\.[a-z2-7]{26}\.", re.I)  # by its literal dot quickly found
_MAILTO = re.compile(r"<?mailto:[^\s<>]*>?", re.I)
# Inside of a token that a mail client has wrapped: a line break, also as JSON and logs write it, with blanks and quote
# marks.  Blanks alone are none: sentences of the same lengths are no token.
_GAP = r"(?:[ \t>|]*(?:[\r\n]|\\[rn])(?:[\s>|]|\\[rn])*)?"
_WRAPPED_TOKEN = re.compile(rf"\.{_GAP}(?:[a-z2-7]{_GAP}){{26}}\.{_GAP}(?:[a-z2-7]{_GAP}){{15}}[a-z2-7]", re.I)
_IDENTIFIER = re.compile(r"[a-z2-7]{8}$", re.I)
_LONGEST_IDENTIFIER = 200  # characters, with the gaps inside of it
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
        text = _WRAPPED_TOKEN.sub(_masked, text)
    return text


def _masked(match: re.Match[str]) -> str:
    """What stands for a wrapped token; sentences with no identifier in front of them are none."""
    begin = match.start()
    before = _without_gaps(match.string[max(0, begin - _LONGEST_IDENTIFIER) : begin])
    return _MASK if _IDENTIFIER.search(before) is not None else match[0]


def without_reply_links(text: str) -> str:
    """`text` as it may be repeated to anybody: without mailto links, the secrets of all tokens masked."""
    return mask_tokens(_MAILTO.sub("", text) if ":" in text else text)


def _without_gaps(text: str) -> str:
    """As `_GAP`; string methods, since every text that is stored is searched."""
    joined = "".join(text.split()).replace(">", "").replace("|", "")
    return joined.replace("\\n", "").replace("\\r", "") if "\\" in joined else joined
