"""Database access: `Store` (the interface, store.py), with SQLite for one machine and PostgreSQL for several."""

from mailbot.records.database.opening import open_store
from mailbot.records.database.store import UNAVAILABLE, UNUSABLE, Store

__all__ = ["UNAVAILABLE", "UNUSABLE", "Store", "open_store"]
