"""How long commands take on a new store with the sample register: mostly the imports.

Wall-clock time of the whole process, the least of the rounds.  `--before DIR`: another checkout, run in turn.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parents[1]
COMMANDS = (
    "--help",
    "applications list",
    "log list",
    "outbox list",
    "stats",
    "doctor",
    "register export exported.toml",
    "form password_reset NAC001",
    "explain mail.eml",
)
MAIL = "From: taro@naxtrade.example\nTo: desk@desk.example\nSubject: help\n\nhelp\n"


def seconds(checkout: Path, folder: Path, command: str) -> float:
    """Wall-clock time of one run."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "mailbot", *command.split()],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    checkouts = [HERE, *([given.before.resolve()] if given.before is not None else [])]
    with TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(
            [sys.executable, "-m", "mailbot", "init", "--sample"], cwd=folder, check=True, capture_output=True
        )
        (folder / "mail.eml").write_text(MAIL)
        for command in COMMANDS:
            least = [float("inf")] * len(checkouts)
            for _ in range(given.rounds):
                for number, checkout in enumerate(checkouts):
                    least[number] = min(least[number], seconds(checkout, folder, command))
            before = f"  before {least[1]:.2f} s  ratio {least[0] / least[1]:.2f}" if len(least) > 1 else ""
            print(f"{command:<32} {least[0]:.2f} s{before}")


if __name__ == "__main__":
    main()
