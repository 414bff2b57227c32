"""Which database a `store.url` means."""

from pathlib import Path
from urllib.parse import urlsplit

from mailbot.errors import Permanent
from mailbot.records.database.store import Store

_POSTGRES = ("postgresql://", "postgres://")


def open_store(url: str, base: Path, *, create: bool = False) -> Store:
    """Open the store at `url`, bringing its tables up to date.

    `sqlite:///FILE` is relative to `base`; `postgresql://…` may name several hosts, the writable one is used.
    Raises Permanent when there is none and `create` is False, when it is damaged, or when a newer version made it;
    Temporary when it is locked or away, or the disk is full.
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
