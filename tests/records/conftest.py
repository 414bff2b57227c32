"""An empty store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.records.database import Store, open_store


@pytest.fixture
def store(tmp_path: Path, database: str) -> Iterator[Store]:
    """Open until the test ends."""
    store = open_store(database, tmp_path, create=True)
    yield store
    store.close()
