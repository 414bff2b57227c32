"""An empty store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.records.database import Store
from tests.testkit.new_stores import new_store


@pytest.fixture(scope="module", autouse=True)
def new_stores_are_copied() -> None:
    """Here they are not: what makes them is tested here."""


@pytest.fixture
def store(tmp_path: Path, database: str) -> Iterator[Store]:
    """Yield an open store; it is closed after the test."""
    store = new_store(database, tmp_path)
    yield store
    store.close()
