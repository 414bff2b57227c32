"""An empty store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.records.database import Store, open_store


@pytest.fixture
def store(tmp_path: Path, database: str) -> Iterator[Store]:
    """Yield an open store; it is closed after the test."""
    store = open_store(database, tmp_path, create=True)
    yield store
    store.close()
