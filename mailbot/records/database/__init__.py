"""Database access: `Store` (the interface, store.py), with SQLite for one machine and PostgreSQL for several."""

from mailbot.records.database.opening import open_store
from mailbot.records.database.store import MIGRATIONS, UNAVAILABLE, UNUSABLE, Store

__all__ = ["MIGRATIONS", "UNAVAILABLE", "UNUSABLE", "Store", "open_store"]
