"""Files that are whole or not there, and still there after a power loss."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write, readable by its owner alone, that takes the place of `path` when the block ends well.

    Raises OSError; then `path` is as it was.
    """
    with _beside(path) as partial:
        with _written(partial) as file:
            yield file
        partial.replace(path)
    sync_folder(path.parent)


def make_first(path: Path, content: bytes) -> None:
    """Make `path` with `content`, readable by its owner alone; of several processes the fastest one makes it.

    Raises OSError.
    """
    with _beside(path) as partial:
        with _written(partial) as file:
            file.write(content)
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(partial)
    sync_folder(path.parent)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A name in the same folder that is free, and is gone afterwards."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """A new file, on the disk when the block has ended."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def make_folder(path: Path, mode: int = 0o777) -> None:
    """The folder and those above it, each known to the one that holds it.  Raises OSError."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    path.mkdir(parents=True, exist_ok=True, mode=mode)
    for one in missing:
        sync_folder(one.parent)


def sync_folder(path: Path) -> None:
    """Until here, a name that was made, changed or removed in the folder may be lost with the power."""
    folder = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
