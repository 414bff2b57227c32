"""How long applications waited for their decision."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.records.schema.application_tables import ApplicationRow

MOST = 10_000  # of one query


@dataclass(frozen=True)
class Decided:
    """An application that was decided at `at`, `seconds` after its submission."""

    at: datetime
    seconds: float


def decided_since(instant: datetime) -> list[Decided]:
    """The applications that were decided after `instant`, by an index; in the caller's `Store.reading`."""
    columns = ApplicationRow.select(ApplicationRow.submitted_at, ApplicationRow.decided_at)
    found: Any = (
        columns.where(ApplicationRow.decided_at > instant).order_by(ApplicationRow.decided_at).limit(MOST).tuples()
    )
    return [Decided(at, max(0.0, (at - since).total_seconds())) for since, at in found if since is not None]
