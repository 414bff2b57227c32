"""Any folder of mails, read as the desk would read them: one row each, nothing stored."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mailbot.mail.automatic import detect_automatic
from mailbot.mail.delivered import envelope_of
from mailbot.mail.message import read
from mailbot.mail.quoting import own_words

NOBODY = "nobody@desk.invalid"  # no mail of a folder is for the desk


@dataclass(frozen=True)
class Row:
    """What was read of one mail."""

    name: str
    kind: str  # person, or what kind of machine; unreadable
    reason: str  # the sign by which that is known
    charset: str
    losses: int  # places where a charset was guessed or a character lost
    words: str  # the person's own, as the desk would take them
    milliseconds: float


def read_folder(folder: Path, clock: Callable[[], float]) -> Iterator[Row]:
    """A row for each .eml file below `folder`, by name.  `clock` gives seconds, for the time each took."""
    for path in sorted(folder.rglob("*.eml")):
        raw = path.read_bytes()
        start = clock()
        message = read(raw)
        automatic = detect_automatic(message, envelope_of(raw, NOBODY))
        own = own_words(message.text, [])
        spent = (clock() - start) * 1000
        kind = "unreadable" if message.unreadable else automatic.kind if automatic else "person"
        reason = message.unreadable or (automatic.reason if automatic else "")
        words = own.text.strip() if kind == "person" else ""
        yield Row(str(path.relative_to(folder)), kind, reason, message.charset, len(message.losses), words, spent)
