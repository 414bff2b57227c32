"""How people read what a command prints: words of their language for identifiers, and local times without an offset.

The words are in `templates/command_words.<language>.j2`, one `name = words` a line; what has none is printed as it is.
`--json` prints the identifiers.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from mailbot.clock import TOKYO

# Column → the kind of its values.
_KINDS = {
    "state": "state",
    "what": "result",
    "disposition": "result",
    "kind": "kind",
    "direction": "direction",
    "waiting for": "stage",
    "audience": "audience",
    **dict.fromkeys(("late", "held", "notified", "changed"), "bool"),
}
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d)?\+09:00")


class PeopleWords:
    """The words of one language."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def column(self, name: str) -> str:
        """The heading of a column, or the name of a value."""
        return self._words.get(f"column.{name}", name)

    def value(self, column: str, value: str, kind: str = "") -> str:
        """The words of a value in this column; `kind`: of its values, where the column alone does not say."""
        of_kind = self._words.get(f"{kind or _KINDS.get(column, '')}.{value}")
        if of_kind is None and (instant := _INSTANT.fullmatch(value)) is not None:
            return f"{instant[1]} {instant[2]}"
        return value if of_kind is None else of_kind

    def nothing(self) -> str:
        """In place of an empty table."""
        return self._words.get("nothing", "none")


def local_time(instant: datetime) -> str:
    """An instant for a person: day and minute in Asia/Tokyo."""
    return f"{instant.astimezone(TOKYO):%Y-%m-%d %H:%M}"


@lru_cache
def read_words(folders: tuple[Path, ...], language: str) -> PeopleWords:
    """The words of `language` in the first of `folders` that has them; without a file, none."""
    file = next((path for one in folders if (path := one / f"command_words.{language}.j2").is_file()), None)
    if file is None:
        return PeopleWords({})
    pairs = (line.partition(" = ") for line in file.read_text(encoding="utf-8").split("\n") if " = " in line)
    return PeopleWords({name.strip(): words for name, _, words in pairs})
