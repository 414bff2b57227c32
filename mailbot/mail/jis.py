"""ISO-2022-JP (RFC 1468), for writing: the oldest Japanese mail programs show nothing else."""

# The same characters under the two code points that Windows and the standard have for them.
_STANDARD = str.maketrans({"～": "〜", "－": "−", "∥": "‖", "￠": "¢", "￡": "£", "￢": "¬", "—": "―"})
# Characters without a place in JIS X 0208 that stand in our own words, and what says the same.
_OURS = str.maketrans({"–": "-", "•": "・", "✓": "○", "✗": "×", "\xa0": " "})


def map_to_jis(text: str) -> str:
    """`text` with the standard's own code points where Windows has others for the same character."""
    return text if text.isascii() else text.translate(_STANDARD).translate(_OURS)


def encodable(text: str) -> bool:
    """Whether `text` can be written in ISO-2022-JP without a loss."""
    try:
        text.encode("iso-2022-jp")
    except UnicodeEncodeError:
        return False
    return True


def with_character_references(html: str) -> str:
    """HTML with character references for what the charset does not have."""
    return map_to_jis(html).encode("iso-2022-jp", "xmlcharrefreplace").decode("iso-2022-jp")
