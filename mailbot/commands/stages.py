"""How `mailbot doctor` and `mailbot log balance` print what waits in which stage."""

from collections.abc import Sequence

from mailbot.clock import iso
from mailbot.commands.common import print_table
from mailbot.records.maintenance.stages import Waiting


def print_stages(stages: Sequence[Waiting]) -> None:
    """A table with a line for each stage."""
    rows = [[one.stage, str(one.count), iso(one.since) if one.since is not None else "-"] for one in stages]
    print_table(["waiting for", "how many", "since"], rows)


def stages_as_dicts(stages: Sequence[Waiting]) -> list[dict[str, object]]:
    """For --json."""
    return [{**vars(one), "since": iso(one.since) if one.since is not None else None} for one in stages]
