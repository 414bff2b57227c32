"""`open_read_only`: read a store without changing anything: no migration, no lock file, no key, no octet of a database.

For checks (`mailbot doctor`), which must be harmless whatever is wrong, and whoever runs the desk meanwhile.
"""

from pathlib import Path

from mailbot.errors import Permanent
from mailbot.records.database.opening import POSTGRES, intake_path
from mailbot.records.database.sqlite import SqliteStore
from mailbot.records.database.sqlite_connection import SqliteConnection
from mailbot.records.database.store import Store
from mailbot.records.schema.tables import INTAKE, MAIN, Schema
from mailbot.records.secrets.sealing import Sealer


def open_read_only(url: str, base: Path, *, key_file: Path) -> Store:
    """Open both parts of the store at `url` to read them; see `open_store` for the parameters.

    Raises Permanent when it does not exist or is damaged, Temporary when it is unreachable.  An older or newer store is
    opened: `pending_migrations` and `newer_migrations` say so.
    """
    sealer = Sealer(base / key_file)
    scheme, separator, name = url.partition(":///")
    if url.startswith(POSTGRES):
        main, intake = _open_postgres(url)
    elif scheme == "sqlite" and separator and name:
        main, intake = _open_sqlite(base / name)
    else:
        raise Permanent(f"store.url = {url.partition('@')[2] or url!r}: expected sqlite:///FILE or postgresql://…")
    main.join(intake)
    try:
        for part in (main, intake):
            part.seal_with(sealer)
            part.applied_migrations()  # reads: a file that is no database is noticed here
        main._bind_tables()
    except BaseException:
        main.close()
        raise
    return main


def _open_postgres(url: str) -> tuple[Store, Store]:
    try:
        from mailbot.records.database.postgres import PostgresStore
    except ImportError as error:
        raise Permanent(f"store.url: {error}; install the extra «postgres» of the distribution") from error
    main = PostgresStore.open(url, MAIN)
    try:
        if not main.applied_migrations():
            raise Permanent(f"there is no store in {main.name}; make one with: MAILBOT_STORE_URL=… mailbot init")
        return main, PostgresStore.open(url, INTAKE)
    except BaseException:
        main._disconnect()
        raise


def _open_sqlite(path: Path) -> tuple[Store, Store]:
    if not path.exists():
        raise Permanent(f"there is no store at {path}; make one with: mailbot init")
    if not intake_path(path).exists():
        raise Permanent(
            f"the mails of {path} are missing: its intake store {intake_path(path).name} must be beside it; put it back"
        )
    main = _ReadOnlySqliteStore(path, MAIN)
    return main, _ReadOnlySqliteStore(intake_path(path), INTAKE)


class _ReadOnlySqliteStore(SqliteStore):
    """A database file that is only read: it takes no lock, and opens no file that is not there."""

    def __init__(self, path: Path, schema: Schema) -> None:
        self.path = path
        self.name = str(path)
        self.owner = 0
        self._connection = SqliteConnection(path, read_only=_how(path))
        Store.__init__(self, schema)
        self._connection.connect()

    def _disconnect(self) -> None:
        with self._lock:
            self._connection.close()

    def problems(self, *, reads_all: bool = True) -> list[str]:
        return self._damage() if reads_all else []

    def _wait_for_lock(self) -> None:
        raise RuntimeError("a store that is only read")


def _how(path: Path) -> str:
    """The parameters of the URI (https://www.sqlite.org/uri.html) that change no file.

    A file with a write-ahead log is in use, or was not closed: its shared memory is read as it is.  Without one,
    nothing else has to be read, and SQLite must not make a log.
    """
    log, shared = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    return "mode=ro&readonly_shm=1" if log.exists() and shared.exists() else "mode=ro&immutable=1"


def pending_migrations(store: Store) -> list[str]:
    """The migrations of this version that the store lacks, of both parts."""
    return [name for part in (store, store.intake) for name in part.missing_migrations()]


def newer_migrations(store: Store) -> list[str]:
    """The migrations of the store that this version does not know, of both parts."""
    return [name for part in (store, store.intake) for name in part.newer_migrations()]
