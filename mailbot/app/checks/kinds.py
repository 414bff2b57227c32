"""The table of every misconfiguration that is looked for, and how a problem becomes a line of words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailbot.app.checks.kind import Kind, Severity
from mailbot.app.checks.texts_of_operation import OPERATION
from mailbot.app.checks.texts_of_quickstart import QUICKSTART
from mailbot.app.checks.texts_of_setup import SETUP

KINDS: dict[str, Kind] = SETUP | OPERATION | QUICKSTART


@dataclass(frozen=True)
class Problem:
    """What a check has seen: the code of a `Kind`, and the values for its formats."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


def problem(code: str, **values: object) -> Problem:
    """A Problem, written shortly."""
    return Problem(code, values)


@dataclass(frozen=True)
class Finding:
    """A problem in words."""

    code: str
    severity: Severity
    found: str
    do: str

    @property
    def is_broken(self) -> bool:
        """Whether it is more than a warning."""
        return self.severity is not Severity.WARNING

    @property
    def line(self) -> str:
        """Both in one line."""
        return f"{self.found}. {self.do}"


def in_words(one: Problem) -> Finding:
    """The words of a problem, without line breaks.  Raises KeyError for a code or a value that is missing."""
    kind = KINDS[one.code]
    found, do = (" ".join(text.format_map(dict(one.values)).split()) for text in (kind.found, kind.do))
    return Finding(one.code, kind.severity, found, do)
