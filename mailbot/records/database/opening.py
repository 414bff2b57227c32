"""`open_store`: choose the database class for a `store.url`, connect to both parts, and apply migrations."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from mailbot.errors import Permanent
from mailbot.records.database.store import Store
from mailbot.records.migrations import raw_mail
from mailbot.records.schema.tables import INTAKE, MAIN, Schema

_POSTGRES = ("postgresql://", "postgres://")


def open_store(url: str, base: Path, *, create: bool = False) -> Store:
    """Open the store at `url` with its intake store, and apply the migrations that they lack.

    `sqlite:///FILE` is relative to `base`; `postgresql://…` may name several hosts, of which the writable one is used.
    Raises Permanent when the store does not exist and `create` is False, when it is damaged, or when a newer version
    made it; Temporary when it is locked or unreachable, or the disk is full.
    """
    if url.startswith(_POSTGRES):
        return _open_postgres(url, create=create)
    scheme, separator, name = url.partition(":///")
    if scheme != "sqlite" or not separator or not name:
        raise Permanent(f"store.url = {url.partition('@')[2] or url!r}: expected sqlite:///FILE or postgresql://…")
    return _open_sqlite(base / name, create=create)


def intake_path(path: Path) -> Path:
    """The file of the intake store beside the main store in `path`: mailbot.sqlite3 → mailbot.intake.sqlite3."""
    return path.with_name(f"{path.stem}.intake{path.suffix}")


def _open_sqlite(path: Path, *, create: bool) -> Store:
    from mailbot.records.database.sqlite import SqliteStore

    if not path.exists() and not create:
        raise Permanent(f"there is no store at {path}; make one with: mailbot init")

    def connect(schema: Schema) -> Store:
        return SqliteStore.open(path if schema is MAIN else intake_path(path), schema)

    return _open(connect, lambda: intake_path(path).exists())


def _open_postgres(url: str, *, create: bool) -> Store:
    try:
        from mailbot.records.database.postgres import PostgresStore
    except ImportError as error:
        raise Permanent(f"store.url: {error}; run: pip install 'mailbot[postgres]'") from error
    if urlsplit(url).password:
        raise Permanent("store.url: no password belongs here; name a file (…?passfile=FILE), or set PGPASSWORD")

    def connect(schema: Schema) -> Store:
        store = PostgresStore.open(url, schema)
        if schema is MAIN and not create and not store.applied_migrations():
            store.close()
            raise Permanent(f"there is no store in {store.name}; make one with: MAILBOT_STORE_URL=… mailbot init")
        return store

    return _open(connect, lambda: True)


def _open(connect: Callable[[Schema], Store], intake_exists: Callable[[], bool]) -> Store:
    """Both parts, migrated.  The lock of the main store is held meanwhile: nobody adds raw mail while it moves."""
    main = connect(MAIN)
    try:
        with main.exclusively():
            before = main.applied_migrations()
            moves = raw_mail.LAST_BEFORE not in before or raw_mail.MOVED not in before
            if not moves and not intake_exists():
                raise Permanent(
                    f"the mails of {main.name} are missing: its intake store (FILE.intake.sqlite3) must be beside it;"
                    " put it back, or restore a backup into a new store"
                )
            main.join(connect(INTAKE))
            with main.intake.exclusively():
                main.intake.migrate()
            if not before and raw_mail.count_received(main.intake):
                raise Permanent(f"{main.intake.name} holds mails of another store; move it away first")
            if moves:
                main.migrate(raw_mail.LAST_BEFORE)
                raw_mail.move(main, main.intake)
            main.migrate()
            raw_mail.fill_gaps(main, main.intake)
        main._bind_tables()
    except BaseException:
        main.close()
        raise
    return main
