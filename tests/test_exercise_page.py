"""docs/how-to/change-the-program.md quotes the very edits that the exercises make."""

from pathlib import Path

import pytest

from tests.test_exercise_keyword import ENGLISH, JAPANESE, KEYWORDS, LIFECYCLE
from tests.test_exercise_notice import CONTENT, KIND, SAMPLE, TEMPLATES
from tests.test_exercises import CONTACT_FIELD, Edit

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "change-the-program.md"
EXERCISES = {
    "(a)": CONTACT_FIELD,
    "(b)": (*LIFECYCLE, *KEYWORDS, *JAPANESE, *ENGLISH),
    "(c)": (KIND, CONTENT, *TEMPLATES, *SAMPLE),
}


def without_indent(text: str) -> str:
    """The page indents a quotation inside of a list."""
    return "\n".join(line.strip() for line in text.strip("\n").split("\n"))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_page_quotes_the_edits(exercise: str) -> None:
    section = PAGE.read_text(encoding="utf-8").partition(f"## {exercise} ")[2].partition("\n## ")[0]
    assert [edit for edit in EXERCISES[exercise] if not is_quoted(edit, section)] == []


def is_quoted(edit: Edit, section: str) -> bool:
    """Whether the section has the lines of `edit`, and names its file (of a migration the folder)."""
    folder, name = edit.file.rsplit("/", 1)
    return without_indent(edit.added) in without_indent(section) and (name in section or f"{folder}/" in section)


def test_another_edit_is_not_quoted() -> None:
    section = PAGE.read_text(encoding="utf-8")
    assert not is_quoted(Edit("mailbot/model/people.py", '    extension: str = "0"\n'), section)
    assert not is_quoted(Edit("mailbot/elsewhere/places.py", CONTACT_FIELD[0].added), section)
