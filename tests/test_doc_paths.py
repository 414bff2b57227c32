"""Every file that a page names is there.  A page may leave out `mailbot/` in front of one of its packages."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "bench" / "README.md"]
# `tests/x/test_y.py::test_z` and `desk/reception.py: handle` name a file too.
NAMED = re.compile(r"`((?:[a-z_]+/)+[a-z_0-9]+\.(?:py|j2))(?:::?[^`]*)?`")


def missing(text: str) -> list[str]:
    """The files that `text` names and that are nowhere."""
    return [name for name in NAMED.findall(text) if not any((ROOT / top / name).is_file() for top in (".", "mailbot"))]


# Exercise (c) adds a template.
TO_BE_MADE = {"change-the-program.md": {"templates/notices/review_delayed.ja.j2"}}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    found = missing(page.read_text(encoding="utf-8"))
    assert sorted(set(found) - TO_BE_MADE.get(page.name, set())) == []


def test_a_file_that_has_moved_is_named() -> None:
    gone = ["desk/sorting.py", "tests/nowhere/test_x.py"]
    text = "`desk/sorting.py`, `desk/reception.py: handle`, `mailbot/cli.py` and `tests/nowhere/test_x.py::test_y`"
    assert missing(text) == gone
