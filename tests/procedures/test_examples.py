"""Every procedure brings examples: mails, and what must come of each."""

import re
import tomllib
from pathlib import Path

import pytest

from mailbot.mail.message import read
from mailbot.procedures import load_procedures
from tests.testkit.desk import DeskUnderTest

EXAMPLES = sorted(
    path for procedure in load_procedures().values() for path in (procedure.words.parent / "examples").glob("*.eml")
)


def test_every_procedure_has_examples() -> None:
    assert {path.parents[1].name for path in EXAMPLES} == set(load_procedures())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_example(desk: DeskUnderTest, path: Path) -> None:
    expected = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    raw = path.read_bytes()
    author = read(raw).author.address
    outcome = desk.receives(raw, author)
    assert (outcome.disposition.value, outcome.reason) == (expected["disposition"], expected["reason"])
    assert sorted(owed.kind.value for owed in outcome.notices) == sorted(expected["notices"])
    assert outcome.application is not None
    values = outcome.application.revision.filled.values
    for name, value in expected.get("values", {}).items():
        assert values[name] == (tuple(value) if isinstance(value, list) else value)
    told = re.sub(r"\n *", "", desk.person("", author).mails[-1].text)
    for part in expected.get("says", ()):
        assert part in told
