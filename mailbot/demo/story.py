"""What `mailbot demo` tells, read from `templates/demo/story.toml`: the people, the steps, the closing."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailbot.notices.folder import templates_folder


@dataclass(frozen=True)
class Person:
    """Somebody who sends or receives mail in the demo; `ja`, `en`: what he or she does."""

    name: str
    address: str
    role: str
    ja: str
    en: str

    @property
    def named(self) -> str:
        """Name and role."""
        return f"{self.name}（{self.role}）"


class Story:
    """The texts of the demo."""

    def __init__(self, texts: Mapping[str, Any]) -> None:
        self._texts = texts
        self.desk: str = texts["desk"]
        self.people = {one["address"]: Person(**one) for one in texts["person"]}

    def opening(self) -> Iterator[str]:
        """The lines before the first step: what this is, and who is who."""
        yield from self.said("opening")
        yield ""
        yield " / ".join(self.said("people_heading"))
        for one in self.people.values():
            yield f"  {one.named}  {one.ja}"
            yield f"      {one.address}  {one.en}"
        yield ""
        yield from self.said("kinds")

    def step(self, name: str) -> tuple[str, str]:
        """The sentence of a step, in Japanese and in English.  Raises KeyError."""
        both = self._texts["step"][name]
        return both["ja"], both["en"]

    def said(self, name: str, **values: object) -> tuple[str, str]:
        """Any other sentence in both languages, with its values.  Raises KeyError."""
        both = self._texts[name]
        return both["ja"].format(**values), both["en"].format(**values)

    def closing(self, **values: object) -> str:
        """Where to click and read."""
        text: str = self._texts["closing"]["text"]
        return text.format(**values)

    def names(self, addresses: list[str]) -> str:
        """These people by name and role, in the order of the list of people."""
        in_order = sorted(addresses, key=list(self.people).index)
        joined: str = self._texts["and"].join(self.people[one].named for one in in_order)
        return joined


def read_story() -> Story:
    """The story that comes with the program."""
    return Story(tomllib.loads((templates_folder() / "demo" / "story.toml").read_text(encoding="utf-8")))
