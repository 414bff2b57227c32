"""`open_store`: choose the database class for a `store.url`, connect, and apply migrations."""

from pathlib import Path
from urllib.parse import urlsplit

from mailbot.errors import Permanent
from mailbot.records.database.store import Store

_POSTGRES = ("postgresql://", "postgres://")


def open_store(url: str, base: Path, *, create: bool = False) -> Store:
    """Open the store at `url` and apply the migrations it lacks.

    `sqlite:///FILE` is relative to `base`; `postgresql://…` may name several hosts, of which the writable one is used.
    Raises Permanent when the store does not exist and `create` is False, when it is damaged, or when a newer version
    made it; Temporary when it is locked or unreachable, or the disk is full.
    """
    if url.startswith(_POSTGRES):
        try:
            from mailbot.records.database.postgres import PostgresStore
        except ImportError as error:
            raise Permanent(f"store.url: {error}; run: pip install 'mailbot[postgres]'") from error
        if urlsplit(url).password:
            raise Permanent("store.url: no password belongs here; name a file (…?passfile=FILE), or set PGPASSWORD")
        return PostgresStore.open(url, create=create)
    scheme, separator, name = url.partition(":///")
    if scheme != "sqlite" or not separator or not name:
        raise Permanent(f"store.url = {url.partition('@')[2] or url!r}: expected sqlite:///FILE or postgresql://…")
    from mailbot.records.database.sqlite import SqliteStore

    return SqliteStore.open(base / name, create=create)
