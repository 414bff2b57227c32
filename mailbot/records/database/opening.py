"""`open_store`: choose the database class for a `store.url`, connect to both parts, and apply migrations.

A new store gets its tables here; one of an older version is upgraded for `serve` and `mailbot upgrade` alone.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from urllib.parse import urlsplit

from mailbot.errors import Permanent
from mailbot.records.database.store import Store
from mailbot.records.database.upgrade import OLDER, Upgrade, Upgraded
from mailbot.records.migrations import raw_mail
from mailbot.records.schema.tables import INTAKE, MAIN, Schema
from mailbot.records.secrets import resealing
from mailbot.records.secrets.sealing import KEY_FILE, Sealer


@dataclass(frozen=True)
class Opening:
    """How to open a store: `folder`, where a backup of PostgreSQL goes; `upgrade`: that it may be upgraded."""

    folder: Path
    upgrade: Upgrade | None


_SEALED = "0021_sealed_mails"
POSTGRES = ("postgresql://", "postgres://")


def open_store(
    url: str,
    base: Path,
    *,
    create: bool = False,
    key_file: Path = KEY_FILE,
    key_lost: bool = False,
    upgrade: Upgrade | None = None,
) -> Store:
    """Open the store at `url` with its intake store; one that has no tables yet gets them.

    `upgrade`: apply the migrations that it lacks, while nobody serves it, after a backup (`Store.upgraded`).
    `key_file`: `store.token_key_file`, whose keys seal mails in the store; relative to `base`; `key_lost`: open the
    store although one is missing, for `resealing.replace_unreadable`.
    `sqlite:///FILE` is relative to `base`; `postgresql://…` may name several hosts, of which the writable one is used.
    Raises Permanent when the store does not exist and `create` is False, when it is damaged, when a newer version
    made it, or an older one and there is no `upgrade`, or its key is missing; Temporary when it is locked or
    unreachable, or the disk is full.
    """
    sealer = Sealer(base / key_file)
    scheme, separator, name = url.partition(":///")
    if url.startswith(POSTGRES):
        store = _open_postgres(url, sealer, Opening(base / "store", upgrade), create=create)
    elif scheme == "sqlite" and separator and name:
        store = _open_sqlite(base / name, sealer, Opening(base / "store", upgrade), create=create)
    else:
        raise Permanent(f"store.url = {url.partition('@')[2] or url!r}: expected sqlite:///FILE or postgresql://…")
    try:
        missing = "" if key_lost else resealing.missing_key(store)
        if missing:
            raise Permanent(missing)
    except BaseException:
        store.close()
        raise
    return store


def intake_path(path: Path) -> Path:
    """The file of the intake store beside the main store in `path`: mailbot.sqlite3 → mailbot.intake.sqlite3."""
    return path.with_name(f"{path.stem}.intake{path.suffix}")


def _open_sqlite(path: Path, sealer: Sealer, how: Opening, *, create: bool) -> Store:
    from mailbot.records.database.sqlite import SqliteStore

    if not path.exists() and not create:
        raise Permanent(f"there is no store at {path}; make one with: mailbot init")

    def connect(schema: Schema) -> Store:
        return SqliteStore.open(path if schema is MAIN else intake_path(path), schema)

    return _open(connect, sealer, lambda: intake_path(path).exists(), how)


def _open_postgres(url: str, sealer: Sealer, how: Opening, *, create: bool) -> Store:
    try:
        from mailbot.records.database.postgres import PostgresStore
    except ImportError as error:
        raise Permanent(f"store.url: {error}; run: pip install 'mailbot-desk[postgres]'") from error
    if urlsplit(url).password:
        raise Permanent("store.url: no password belongs here; name a file (…?passfile=FILE), or set PGPASSWORD")

    def connect(schema: Schema) -> Store:
        store = PostgresStore.open(url, schema)
        if schema is MAIN and not create and not store.applied_migrations():
            store.close()
            raise Permanent(f"there is no store in {store.name}; make one with: MAILBOT_STORE_URL=… mailbot init")
        return store

    return _open(connect, sealer, lambda: True, how)


def _open(connect: Callable[[Schema], Store], sealer: Sealer, intake_exists: Callable[[], bool], how: Opening) -> Store:
    """Both parts, migrated.  The lock of the main store is held meanwhile: nobody adds raw mail while it moves."""
    main = connect(MAIN)
    main.seal_with(sealer)
    try:
        with ExitStack() as not_served:
            with main.exclusively():
                before = main.applied_migrations()
                moves = raw_mail.LAST_BEFORE not in before or raw_mail.MOVED not in before
                if not moves and not intake_exists():
                    raise Permanent(
                        f"the mails of {main.name} are missing: its intake store (FILE.intake.sqlite3) must be beside"
                        " it; put it back, or restore a backup into a new store"
                    )
                older = bool(before) and bool(main.missing_migrations())
                _require_upgrade(older, how)
                main.join(connect(INTAKE))
                main.intake.seal_with(sealer)
                with main.intake.exclusively():
                    older = older or bool(before and not moves and main.intake.missing_migrations())
                    _require_upgrade(older, how)
                    if older:
                        not_served.enter_context(main.serve_lock())
                        main.upgraded = _back_up(main, before[-1], how)
                    main.intake.migrate(raw_mail.INTAKE_BEFORE if moves else None)
                _migrate_main(main, before, moves=moves)
            if moves:  # only now: until this is committed, the copies are compared with the originals
                with main.exclusively():
                    with main.intake.exclusively():
                        main.intake.migrate()
                    raw_mail.fill_gaps(main, main.intake)
        main._bind_tables()
        if before and _SEALED not in before:  # what was in clear until now is removed from the files
            for part in (main.intake, main):
                with part.transaction():
                    part.purge_deleted()
    except BaseException:
        main.close()
        raise
    return main


def _require_upgrade(older: bool, how: Opening) -> None:
    if older and how.upgrade is None:
        raise Permanent(OLDER)


def _back_up(main: Store, before: str, how: Opening) -> Upgraded:
    """Copy both parts, unless that is not wanted.  Raises Permanent when somebody serves the store, or it fails."""
    main.require_nobody_serves()
    after = main.known_migrations()[-1]
    if how.upgrade is None or not how.upgrade.backup:
        return Upgraded(before, after, (), "none was wanted")
    number = after.partition("_")[0]
    parts = (main, main.intake) if main.kind == "sqlite" else (main,)
    # No copy is replaced: that of an upgrade that was interrupted is the only one of the older version.
    labels = chain([number], (f"{number}.{again}" for again in count(2)))
    label = next(one for one in labels if not any(part.backup_path(how.folder, one).exists() for part in parts))
    copies = tuple(copy for part in parts if (copy := part.back_up(how.folder, label)) is not None)
    return Upgraded(before, after, copies, "" if copies else "there is no pg_dump on this machine")


def _migrate_main(main: Store, before: list[str], *, moves: bool) -> None:
    """Inside of its `exclusively`, when the intake store is ready."""
    if not before and raw_mail.count_received(main.intake):
        raise Permanent(f"{main.intake.name} holds mails of another store; move it away first")
    if moves:
        main.migrate(raw_mail.LAST_BEFORE)
        raw_mail.move(main, main.intake)
    main.migrate()
    if not moves:
        raw_mail.fill_gaps(main, main.intake)
