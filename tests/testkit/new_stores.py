"""New stores for tests.  Migrations and register take 70 ms: an SQLite store is made once, and its files are copied."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from mailbot.records.database import Store, open_store
from tests.testkit.records import URL


def nothing() -> None:
    """Leave the new store empty."""


def new_store(url: str, folder: Path, fill: Callable[[], object] = nothing) -> Store:
    """An open store at `url` (SQLite: in `folder`), filled by `fill` in a transaction of its own."""
    if url == URL:
        for name, content in _files(fill).items():
            write_private(folder / name, content)
        return open_store(url, folder)
    return _make(url, folder, fill)


def write_private(path: Path, content: bytes) -> None:
    """Write a file of a desk, its folder first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600)


@cache
def _files(fill: Callable[[], object]) -> dict[str, bytes]:
    """Path (relative to the store's folder) → content of the files of a closed SQLite store."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _make(URL, folder, fill).close()
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.sqlite3")}


def _make(url: str, folder: Path, fill: Callable[[], object]) -> Store:
    store = open_store(url, folder, create=True)
    with store.transaction():
        fill()
    return store
