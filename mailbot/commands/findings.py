"""How `mailbot doctor` and `mailbot quickstart --check` print findings, and their exit code."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mailbot.app.checks.kinds import Finding


def print_findings(findings: "Sequence[Finding]") -> None:
    """Print one line for each."""
    for one in findings:
        click.echo(f"{one.severity.upper():<8} {one.line}")


def exit_code(findings: "Sequence[Finding]") -> int:
    """1 when one of them is more than a warning."""
    return int(any(one.is_broken for one in findings))
