"""An empty store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.records.database import Store
from tests.records.making import URL


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open until the test ends."""
    store = Store.open(URL, tmp_path, create=True)
    yield store
    store.close()
