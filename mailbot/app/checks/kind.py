"""What a misconfiguration is: how bad, what was found, what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    REFUSED = "refused"  # `serve` does not start: mail would be lost, or secrets given away
    BROKEN = "broken"  # something that the desk is for does not work
    WARNING = "warning"  # it works, and will not for long, or not safely


@dataclass(frozen=True)
class Kind:
    """One misconfiguration: `found` and `do` are formats."""

    severity: Severity
    found: str
    do: str
