"""The writers of an SQLite store queue: one that writes again and again does not starve the others."""

import os
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
while not Path(sys.argv[2], "stop").exists():
    with store.transaction():
        print(".", end="", flush=True)
        sum(range(2_000_000))
"""
TURNS = 10


@SQLITE
def test_a_busy_writer_starves_nobody(store: Store, tmp_path: Path, database: str) -> None:
    """Each of our turns begins while the other process writes; it must not have many more before ours."""
    store.lock_timeout_seconds = 30.0
    busy = subprocess.Popen([sys.executable, "-c", BUSY, database, str(tmp_path)], stdout=subprocess.PIPE)
    assert busy.stdout is not None
    pipe, passed = busy.stdout.fileno(), 0
    try:
        for _ in range(TURNS):
            os.read(pipe, 1)  # it has just begun a transaction
            with store.queue_transaction():
                pass
            os.set_blocking(pipe, False)
            passed += len(busy.stdout.read() or b"")
            os.set_blocking(pipe, True)
    finally:
        (tmp_path / "stop").touch()
        busy.communicate(timeout=60)
    assert passed <= TURNS
