"""The strings of XLSX workbooks: shared strings and rich text (ECMA-376 part 1, §18.4)."""

from collections.abc import Mapping

from mailbot.forms.xlsx_parts import Archive, TooLarge

MOST_STRINGS = 200_000  # shared strings
MOST_STRING_CHARACTERS = 4_000_000  # of all shared strings
LONGEST_CELL = 32_767  # characters: the limit of Excel


def shared_strings(archive: Archive, part: str) -> list[str]:
    """The shared strings in their order; none when there is no such part.  Raises TooLarge."""
    reader = _StringReader()
    if part and archive.has(part):
        archive.parse(part, reader)
    return reader.strings


class _StringReader:
    """The shared strings (§18.4), without the phonetic runs."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._text = RichText()
        self._characters = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._text = RichText()
        self._text.start(name)

    def end(self, name: str) -> None:
        self._text.end(name)
        if name == "si":
            text = self._text.value.replace("x005F_", "")  # an escaped underscore (§22.4.2.4)
            self._characters += len(text)
            self.strings.append(text)
            if len(self.strings) > MOST_STRINGS or self._characters > MOST_STRING_CHARACTERS:
                raise TooLarge("shared strings")

    def text(self, data: str) -> None:
        self._text.text(data)


class RichText:
    """The text of the `t` elements of a string item or an inline string, without those of `rPh`."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._in_text = self._in_phonetic = False

    def clear(self) -> None:
        """Begin another one."""
        if self._pieces:
            self._pieces = []
        self._length = 0
        self._in_text = self._in_phonetic = False

    def start(self, name: str) -> None:
        self._in_phonetic = self._in_phonetic or name == "rPh"
        self._in_text = name == "t" and not self._in_phonetic

    def end(self, name: str) -> None:
        self._in_text = False
        if name == "rPh":
            self._in_phonetic = False

    def text(self, data: str) -> None:
        if self._in_text:
            self._pieces.append(data)
            self._length += len(data)
            if self._length > LONGEST_CELL:
                raise TooLarge("text")

    @property
    def value(self) -> str:
        return "".join(self._pieces)
