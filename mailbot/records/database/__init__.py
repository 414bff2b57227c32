"""The store: SQLite on one machine, PostgreSQL for several.  What it can do is in `store.py`."""

from mailbot.records.database.opening import open_store
from mailbot.records.database.store import MIGRATIONS, UNAVAILABLE, UNUSABLE, Store

__all__ = ["MIGRATIONS", "UNAVAILABLE", "UNUSABLE", "Store", "open_store"]
