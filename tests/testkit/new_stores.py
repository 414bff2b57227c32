"""New stores for tests.  Migrations and register take 150 ms: an SQLite store is made once, and its files are copied."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from mailbot.files import create_once, make_folder
from mailbot.records.database import Store, open_store, opening
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


_OPEN = opening._open_sqlite


@contextmanager
def copied_stores() -> Iterator[None]:
    """The new SQLite stores that the program makes are copies of an empty one too."""

    def open_copy(path: Path, *how: Any, create: bool) -> Store:
        files = (path, opening.intake_path(path))
        if create and not any(file.exists() for file in files):
            make_folder(path.parent, 0o700)
            for file, content in zip(files, _files(nothing).values(), strict=True):
                create_once(file, content)
        return _OPEN(path, *how, create=create)

    with patch.object(opening, "_open_sqlite", open_copy):
        yield


@cache
def _files(fill: Callable[[], object]) -> dict[str, bytes]:
    """Path (relative to the store's folder) → content of the files of a closed SQLite store: the main one first."""
    with TemporaryDirectory() as name, patch.object(opening, "_open_sqlite", _OPEN):
        folder = Path(name)
        _make(URL, folder, fill).close()
        main = folder / URL.removeprefix("sqlite:///")
        return {str(path.relative_to(folder)): path.read_bytes() for path in (main, opening.intake_path(main))}


def _make(url: str, folder: Path, fill: Callable[[], object]) -> Store:
    store = open_store(url, folder, create=True)
    with store.transaction():
        fill()
    return store
