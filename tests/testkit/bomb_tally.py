"""What became of the bombs of a kind and of the honest mails among them: `bomb_run` in a process of its own, judged."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALLOWED = frozenset({"quarantined", "answered", "carried_out", "recorded", "passed_on", "challenged"})


@dataclass
class BombTally:
    """`faults`: a limit of the process that was exceeded, an exception, an honest mail without its answer."""

    bombs: int = 0
    honest: int = 0
    faults: list[str] = field(default_factory=list)


def run_bombs(kind: str, folder: Path) -> BombTally:
    """Every bomb of `kind`, from a registered sender and from a stranger, through a desk in `folder` (T-72, T-73, T-78)."""
    command = [sys.executable, "-m", "tests.testkit.bomb_run", kind, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    tally = BombTally()
    if done.returncode:
        tally.faults.append(f"{kind}: ended with {done.returncode} at {lines[-1:]}: {done.stderr[-2_000:]}")
    for one in (line for line in lines if "became" in line):
        who = one["name"].partition(":")[0]
        tally.honest += who == "honest"
        tally.bombs += who != "honest"
        expected = {"answered"} if who == "honest" else {"quarantined"} if who == "stranger" else ALLOWED
        if one["became"] not in expected or one["reason"] in ("surprise", "kept-failing"):
            tally.faults.append(f"{kind}: {one}")
        if who == "honest" and one["reason"] != "status":
            tally.faults.append(f"{kind}: {one}")
    return tally
