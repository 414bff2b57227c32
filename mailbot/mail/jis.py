"""Encoding in ISO-2022-JP (RFC 1468), for mail programs that support no other charset."""

import re

# Characters that Windows (cp932) and JIS X 0208 map to different code points.
_JIS_CODE_POINTS = {"～": "〜", "－": "−", "∥": "‖", "￠": "¢", "￡": "£", "￢": "¬", "—": "―"}
# Characters of the templates that JIS X 0208 does not have, and their replacements.
_REPLACEMENTS = {"–": "-", "•": "・", "✓": "○", "✗": "×", "\xa0": " "}
_ESCAPE = "\x1b"
_MAPPED = _JIS_CODE_POINTS | _REPLACEMENTS
_ANY_MAPPED = re.compile(f"[{''.join(_MAPPED)}]")


def map_to_jis(text: str) -> str:
    """`text` with the code points of JIS X 0208 where those of Windows differ, and template characters replaced."""
    return text if text.isascii() else _ANY_MAPPED.sub(lambda m: _MAPPED[m.group()], text)


def encodable(text: str) -> bool:
    """Whether every character of `text` can be encoded in ISO-2022-JP.

    An ESC cannot: it would select another character set for what follows.
    """
    if _ESCAPE in text:
        return False
    try:
        text.encode("iso-2022-jp")
    except UnicodeEncodeError:
        return False
    return True


def with_character_references(html: str) -> str:
    """HTML with character references for characters that ISO-2022-JP does not have."""
    return map_to_jis(html).replace(_ESCAPE, "\ufffd").encode("iso-2022-jp", "xmlcharrefreplace").decode("iso-2022-jp")
