"""Database access: `Store` (the interface, store.py), with SQLite for one machine and PostgreSQL for several."""

from mailbot.records.database.opening import open_store
from mailbot.records.database.store import UNAVAILABLE, UNUSABLE, Store
from mailbot.records.database.upgrade import Upgrade

__all__ = ["UNAVAILABLE", "UNUSABLE", "Store", "Upgrade", "open_store"]
