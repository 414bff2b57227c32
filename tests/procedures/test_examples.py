"""Every procedure brings examples: mails, and what must come of each."""

import re
import tomllib
from pathlib import Path

import pytest

from mailbot.desk.incoming.form import titles_of
from mailbot.forms.procedures import procedure_named
from mailbot.mail.message import read
from mailbot.procedures import load_procedures
from tests.testkit.desk import DeskUnderTest

EXAMPLES = sorted(
    path for procedure in load_procedures().values() for path in (procedure.words.parent / "examples").glob("*.eml")
)


def test_every_procedure_has_examples() -> None:
    assert {path.parents[1].name for path in EXAMPLES} == set(load_procedures())


def test_a_title_that_a_notice_shows_names_its_procedure() -> None:
    """In a notice that is pasted into a mail: 手続：title."""
    known = load_procedures()
    names = titles_of(known)
    for procedure in known.values():
        for titles in (procedure.titles, *procedure.titles_of_changes.values()):
            for title in titles.values():
                assert procedure_named(f"手続：{title}", names) == (procedure.name,)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_example(desk: DeskUnderTest, path: Path) -> None:
    expected = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    raw = path.read_bytes()
    author = read(raw).author.address
    outcome = desk.receives(raw, author)
    assert (outcome.disposition.value, outcome.reason) == (expected["disposition"], expected["reason"])
    notices = sorted(owed.kind.value for owed in outcome.notices)
    assert notices == sorted(expected.get("notices", notices))
    assert outcome.application is not None
    values = outcome.application.revision.filled.values
    for name, value in expected.get("values", {}).items():
        assert values[name] == (tuple(value) if isinstance(value, list) else value)
    told = re.sub(r"\n *", "", desk.person("", author).mails[-1].text)
    for part in expected.get("says", ()):
        assert part in told
