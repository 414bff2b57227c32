"""The pages say what is true: the generated ones are what the code gives, and every link leads somewhere.

`make docs` writes the generated pages anew.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pages.citations import sources_page, threats_page
from tests.pages.mail import mails_page, reasons_page
from tests.pages.operation import checks_page, templates_page
from tests.pages.reference import commands_page, configuration_page, lifecycle_page
from tests.pages.register import register_page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "bench" / "README.md", ROOT / "store" / "README.md"]


@pytest.mark.parametrize(
    ("page", "write"),
    [
        ("reference/lifecycle.md", lifecycle_page),
        ("reference/configuration.md", configuration_page),
        ("reference/commands.md", commands_page),
        ("reference/register.md", register_page),
        ("reference/checks.md", checks_page),
        ("reference/templates.md", templates_page),
        ("reference/mails.md", mails_page),
        ("reference/reasons.md", reasons_page),
        ("design/sources.md", sources_page),
        ("design/threats.md", threats_page),
    ],
)
def test_generated_pages_are_what_the_code_says(page: str, write: Callable[[], str]) -> None:
    path = DOCS / page
    if os.environ.get("MAILBOT_UPDATE_DOCS"):
        path.write_text(write(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == write()


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_page_can_be_reached() -> None:
    text = (DOCS / "README.md").read_text(encoding="utf-8")
    unlisted = [
        p.name for p in DOCS.rglob("*.md") if p.name != "README.md" and p.relative_to(DOCS).as_posix() not in text
    ]
    assert unlisted == []
