"""Each alert leads to its place in docs/how-to/monitoring.md, which says what it means and what to do."""

import re
from pathlib import Path

from mailbot.cli import COMMANDS
from mailbot.config import all_keys
from mailbot.model.reasons import REASONS

DOCS = Path(__file__).parents[1] / "docs"
RULES = (DOCS / "monitoring/mailbot.rules.yml").read_text(encoding="utf-8")
PAGE = (DOCS / "how-to/monitoring.md").read_text(encoding="utf-8")
ALERTS = re.findall(r"- alert: (\w+)\n(.*?)(?=\n +- alert|\Z)", RULES, re.S)


def test_every_alert_has_its_place() -> None:
    sections = dict(re.findall(r"^### (Desk\w+)\n\n(.*?)\n(?=\n##|\Z)", PAGE, re.M | re.S))
    assert list(sections) == [name for name, _ in ALERTS]
    assert [name for name, text in sections.items() if len(text) < 150] == []
    for name, rule in ALERTS:
        said = dict(re.findall(r"^ +(\w+): (.+)$", rule, re.M))
        assert said["runbook"] == f"docs/how-to/monitoring.md#{name.lower()}", name
        assert len(said["summary"]) > 20 and len(said["do"]) > 10, name


def test_the_commands_that_they_name_are_commands() -> None:
    named = {*re.findall(r"mailbot ([a-z][a-z-]+)", RULES), *re.findall(r"`mailbot ([a-z][a-z-]+)", PAGE)}
    assert named and named <= set(COMMANDS)


def test_the_words_in_code_are_words_of_the_program() -> None:
    """Settings, metrics' stages aside, and reasons that the sections name."""
    part = PAGE.partition("## What each alert says")[2].partition("## The log")[0]
    settings = set(re.findall(r"`([a-z]+\.[a-z_]+)`", part))
    assert settings and settings <= set(all_keys())
    assert "`surprise`" in part and "surprise" in REASONS
