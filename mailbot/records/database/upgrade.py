"""The backup that is made before the migrations of a store, and what an upgrade has done, as a value."""

import contextlib
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mailbot.errors import Permanent
from mailbot.files import make_folder, replacing_by_name

OLDER = "the store is of an older version; stop the desk and run: mailbot upgrade"
LONGEST_DUMP_SECONDS = 4 * 3600


@dataclass(frozen=True)
class Upgrade:
    """That migrations may be applied to a store that has some; `backup`: after a backup."""

    backup: bool = True


@dataclass(frozen=True)
class Upgraded:
    """`before` and `after`: the latest migration of the main store; `backups`: the files, () when none was made."""

    before: str
    after: str
    backups: tuple[Path, ...]
    note: str = ""  # why there is no backup


def copy_sqlite(connection: sqlite3.Connection, path: Path, copy: Path) -> Path:
    """Copy the database in `path`, which nobody writes meanwhile, to `copy` (SQLite's online backup API).

    Returns `copy`.  Raises Permanent when the disk does not have the room, and nothing is changed then.
    """
    if shutil.disk_usage(path.parent).free < 2 * path.stat().st_size:
        raise Permanent(f"{path.parent} has no room for a backup of {path} and its upgrade; nothing has changed")
    with _partial(copy) as partial:
        target = sqlite3.connect(partial)
        try:
            connection.backup(target)
        except sqlite3.Error as error:
            raise Permanent(f"{path}: the backup before the upgrade failed ({error}); nothing has changed") from error
        finally:
            target.close()
    return copy


def dump_postgres(url: str, copy: Path) -> Path | None:
    """Write the database at `url` with pg_dump (custom format) to `copy`; None where there is no pg_dump.

    Raises Permanent when pg_dump fails.
    """
    program = shutil.which("pg_dump")
    if program is None:
        return None
    make_folder(copy.parent, 0o700)
    with _partial(copy) as partial:
        command = [program, "--format=custom", f"--file={partial}", f"--dbname={url}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_DUMP_SECONDS, check=False)  # noqa: S603 - as configured
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise Permanent(
                f"the backup before the upgrade failed ({last}); nothing has changed.  With a backup of your own:"
                " mailbot upgrade --no-backup"
            )
    return copy


@contextlib.contextmanager
def _partial(copy: Path) -> Iterator[Path]:
    """An empty file, which gets the name `copy` when the block ends without an exception.  Raises Permanent."""
    try:
        with replacing_by_name(copy) as partial:
            yield partial
    except OSError as error:
        raise Permanent(
            f"{copy}: the backup before the upgrade failed ({error.strerror}); nothing has changed"
        ) from error
