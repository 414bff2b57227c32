"""Atomic, durable writes: after a crash or power loss a file is complete or unchanged (fsync(2), rename(2))."""

import contextlib
import os
import pwd
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file (mode 0600) to write, which replaces `path` when the block ends without an exception.

    Raises OSError; `path` is then unchanged.
    """
    with _replacement(path) as (_, file):
        yield file


@contextmanager
def replacing_by_name(path: Path) -> Iterator[Path]:
    """As `replacing`, for what is written by another library or program: the name of the file, which is empty."""
    with _replacement(path) as (partial, _):
        yield partial


@contextmanager
def _replacement(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    with _temporary_name(path) as partial:
        with _synced_file(partial) as file:
            yield partial, file
        partial.replace(path)
    sync_folder(path.parent)


def create_once(path: Path, content: bytes) -> None:
    """Create `path` (mode 0600) with `content`, unless it exists: of several processes the first one creates it.

    Raises OSError.
    """
    with _temporary_name(path) as partial:
        with _synced_file(partial) as file:
            file.write(content)
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(partial)
    sync_folder(path.parent)


@contextmanager
def _temporary_name(path: Path) -> Iterator[Path]:
    """An unused name in the folder of `path`; the file is removed when the block ends."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _synced_file(path: Path) -> Iterator[BinaryIO]:
    """A new file, which is on the disk (fsync) when the block has ended."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        give_to_owner_of_folder(file.fileno(), path.parent)
        yield file
        file.flush()
        os.fsync(file.fileno())


def open_private(path: Path) -> int:
    """A descriptor of the file, created with mode 0600 when there is none.  Raises OSError.

    Where root creates it, it is of the owner of the folder, who may serve the store the next time.
    """
    with contextlib.suppress(FileExistsError):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        give_to_owner_of_folder(file, path.parent)
        return file
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def make_folder(path: Path, mode: int = 0o777) -> None:
    """Create the folder and its missing parents, durably.  Raises OSError."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True, mode=mode)
    for folder in reversed(missing):
        _give_folder(folder)
        sync_folder(folder.parent)


def give_to_owner_of_folder(file: int, folder: Path) -> None:
    """Where root has made a file, give it to the owner of its folder, who runs the desk the next time.  Raises OSError.

    `file`: its descriptor.
    """
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)


def _give_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        give_to_owner_of_folder(folder, path.parent)
    finally:
        os.close(folder)


def not_permitted(path: Path) -> str:
    """Why this process may not use a file: whose it is, and what to do."""
    me, owner = user_name(os.geteuid()), path
    while not owner.exists() and owner != owner.parent:
        owner = owner.parent
    theirs = user_name(owner.stat().st_uid)
    return f"{owner} belongs to {theirs}, and the desk runs as {me}; run as root: chown {me} {owner}"


def user_name(number: int) -> str:
    """The name of the user with this ID, or the ID."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # in a container, say
        return str(number)


def sync_folder(path: Path) -> None:
    """Write the folder's entries to the disk (fsync): before, a new or changed name may be lost at a power loss."""
    folder = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
