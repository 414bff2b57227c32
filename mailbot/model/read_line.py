"""The lines of a mail, each with what the reading took it for.

Every step of the reading takes these lines and hands them on: it names the kind of a line, or what the line is read as.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class LineKind(StrEnum):
    """What a line was taken for."""

    BLANK = "blank"
    WORDS = "own words"
    KEYWORD = "keyword"  # of a reviewer, or an answer to a challenge
    COMMAND = "command"  # of an applicant
    FIELD = "field"
    TICK = "tick"
    TITLE = "title"  # of a procedure, or a heading that forms have
    COURTESY = "courtesy"
    UNCLEAR = "not understood"  # nearly a field, or a code that is taken back: it is asked about
    OTHER = "other words"  # そのほかに書かれていたこと
    QUOTE = "quote"
    SIGNATURE = "signature"
    DEVICE = "device footer"
    BANNER = "banner"
    DISCLAIMER = "disclaimer"
    LINKS = "links to files"
    UNSEEN = "perhaps unseen"  # of a mail whose HTML part may hide some of the text: asked about, or passed on
    AUTOMATIC = "automatic"  # of a mail that no person wrote


class LineSource(StrEnum):
    """What a line was recognised by, where there is more than one way."""

    NONE = ""
    NOTICE = "our notice"  # it is in a notice that the desk sent
    STRUCTURE = "HTML structure"
    PATTERN = "pattern"  # quote marks, dividers, attributions, header blocks
    PASTED = "pasted notice"  # a notice of the desk, copied without quote marks
    MARK = "signature mark"  # `-- `
    FRAME = "frame"  # between rules
    CONTACT = "contact data"
    ABOUT_MAIL = "words about the mail"
    LINE = "line of its own"
    SENTENCE = "sentence"
    IN_DOUBT = "in doubt"  # it may be somebody else's: asked
    NOTICE_WORDS = "通知内容"
    CHANGED = "changed in the quote"


# Tuples: the hash of an Enum is a function of Python, and each line is looked up.
OWN_KINDS = (
    *(LineKind.WORDS, LineKind.BLANK, LineKind.FIELD, LineKind.TICK, LineKind.TITLE, LineKind.COURTESY),
    *(LineKind.KEYWORD, LineKind.COMMAND, LineKind.UNCLEAR, LineKind.OTHER),
)
ADDED_KINDS = (LineKind.SIGNATURE, LineKind.DEVICE, LineKind.BANNER, LineKind.DISCLAIMER, LineKind.LINKS)


class ReadLine(NamedTuple):
    """One line of the text of a mail.

    `name`: the field that it gives, the keyword that it is; `read_as`: what is read in its place (a row of a table as
    fields, a line without its links), None for the line itself.
    """

    text: str
    kind: LineKind = LineKind.WORDS
    source: LineSource = LineSource.NONE
    name: str = ""
    read_as: tuple[str, ...] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The lines that are read in the place of this one."""
        return (self.text,) if self.read_as is None else self.read_as


@dataclass(frozen=True)
class Mark:
    """What a step has found about a line.  `at`: the index of the line in the text that the step read."""

    at: int
    kind: LineKind
    source: LineSource = LineSource.NONE
    name: str = ""


_WEIGHT = {
    kind: i
    for i, kind in enumerate(
        (
            *(LineKind.KEYWORD, LineKind.COMMAND, LineKind.UNCLEAR, LineKind.TICK, LineKind.FIELD, LineKind.SIGNATURE),
            *(LineKind.OTHER, LineKind.TITLE, LineKind.COURTESY, LineKind.WORDS, LineKind.BLANK),
        )
    )
}


def with_marks(lines: Sequence[ReadLine], marks: Iterable[tuple[int, Mark]]) -> tuple[ReadLine, ...]:
    """`lines` with the kinds that a step has found: (index in `lines`, mark).

    A line may be read as several: of their marks the one with the most meaning counts, and the names of all fields.
    """
    found: dict[int, list[Mark]] = {}
    for at, mark in marks:
        if at >= 0:
            found.setdefault(at, []).append(mark)
    return tuple(_marked(line, found[i]) if i in found else line for i, line in enumerate(lines))


def _marked(line: ReadLine, marks: Sequence[Mark]) -> ReadLine:
    best = min(marks, key=lambda mark: _WEIGHT.get(mark.kind, len(_WEIGHT))) if len(marks) > 1 else marks[0]
    names = ", ".join(dict.fromkeys(mark.name for mark in marks if mark.kind is best.kind and mark.name))
    return ReadLine(line.text, best.kind, best.source or line.source, names or line.name, line.read_as)
