"""Lists have URLs that can be kept: their filters and their place are in the query, and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from mailbot.records.keyset import Key, Part, Place

LONGEST = 200  # characters of a filter
_AFTER, _BEFORE = "after", "before"
_JOINT = "~"  # between the columns of a key; no instant, code or number has one


@dataclass(frozen=True)
class Chip:
    """A filter in force: `url` is the list without it."""

    name: str
    value: str
    url: str


@dataclass(frozen=True)
class ListUrl:
    """The URL of a list.  `filters`: name → value of those in force."""

    path: str
    filters: Mapping[str, str]

    def url(self, **changes: str) -> str:
        """With other filters, "" for none, from the top of the list."""
        query = {name: value for name, value in {**self.filters, **changes}.items() if value}
        return f"{self.path}?{urlencode(query)}" if query else self.path

    @property
    def chips(self) -> tuple[Chip, ...]:
        return tuple(Chip(name, value, self.url(**{name: ""})) for name, value in self.filters.items())

    def previous(self, part: Part[Any]) -> str:
        """The URL of the part before, "" when this is the first."""
        return self.url(**{_BEFORE: _text(part.previous)}) if part.previous else ""

    def following(self, part: Part[Any]) -> str:
        """The URL of the part after, "" when this is the last."""
        return self.url(**{_AFTER: _text(part.following)}) if part.following else ""


@dataclass(frozen=True)
class Parts:
    """The links below a list."""

    previous: str
    following: str


def list_url(path: str, query: Mapping[str, str], names: Sequence[str]) -> ListUrl:
    """The URL of the list that a request asks for; `names`: of the filters that the list knows."""
    given = ((name, query.get(name, "").strip()[:LONGEST]) for name in names)
    return ListUrl(path, {name: value for name, value in given if value})


def place_of(query: Mapping[str, str]) -> Place:
    """Where in the list a request is; at the top when that cannot be read."""
    return Place(after=_key(query.get(_AFTER, "")), before=_key(query.get(_BEFORE, "")))


def links(url: ListUrl, part: Part[Any]) -> Parts:
    return Parts(url.previous(part), url.following(part))


def _text(key: Key) -> str:
    return _JOINT.join(str(value) for value in key)


def _key(text: str) -> Key:
    return tuple(text[:LONGEST].split(_JOINT)) if text.isprintable() and text else ()  # PostgreSQL takes no NUL
