"""Where the words that somebody searched for stand in a mail: the line, with the first of them marked."""

from dataclasses import dataclass

from mailbot.model.queued_mail import LogRow
from mailbot.records.log.search_index import fold

_AROUND = 30  # characters on both sides


@dataclass(frozen=True)
class Found:
    """A piece of the text: `word` as it is written there, with what stands around it."""

    before: str
    word: str
    after: str


def found_in(row: LogRow, words: list[str]) -> Found | None:
    """The first line of the text with the first word that any line has; None when they are in other columns."""
    folded = [fold(word) for word in words]
    for line in row.text.split("\n"):
        for word in folded:
            if word in fold(line):
                return _marked(line, word)
    return None


def _marked(line: str, word: str) -> Found | None:
    """Folding may change the number of characters: the place is looked for character by character."""
    places: list[int] = []
    flat = ""
    for at, character in enumerate(line):
        piece = fold(character)
        flat += piece
        places += [at] * len(piece)
    begin = flat.find(word)
    if begin < 0:  # only whole, as ﾊﾞ is バ
        return Found("", "", line[: 2 * _AROUND])
    first, last = places[begin], places[begin + len(word) - 1] + 1
    left, right = max(0, first - _AROUND), min(len(line), last + _AROUND)
    before = ("…" if left else "") + line[left:first].lstrip()
    return Found(before, line[first:last], line[last:right].rstrip() + ("…" if right < len(line) else ""))
