"""The writers of an SQLite store queue: one that writes again and again does not starve the others."""

import subprocess
import sys
from pathlib import Path

from mailbot.records.database import Store
from tests.testkit.records import SQLITE

BUSY = """
import sys
from pathlib import Path
from mailbot.records.database import open_store

store = open_store(sys.argv[1], Path(sys.argv[2]))
print("writing", flush=True)
number = 0
while not Path(sys.argv[2], "stop").exists():
    with store.transaction():
        sum(range(2_000_000))
    number += 1
print(number)
"""
TURNS = 6


@SQLITE
def test_a_busy_writer_starves_nobody(store: Store, tmp_path: Path, database: str) -> None:
    """A process that polls for the lock gets it hardly ever while another one takes it again at once."""
    busy = subprocess.Popen([sys.executable, "-c", BUSY, database, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert busy.stdout is not None and busy.stdout.readline() == "writing\n"
        for _ in range(TURNS):
            with store.queue_transaction():
                pass
    finally:
        (tmp_path / "stop").touch()
        printed, _ = busy.communicate(timeout=60)
    assert busy.returncode == 0
    assert int(printed) <= 3 * TURNS  # nearly in turn
