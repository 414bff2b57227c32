"""The store: SQLite on one machine, PostgreSQL for several.  What it can do is in `store.py`."""

from mailbot.records.database.opening import open_store
from mailbot.records.database.store import AWAY, BROKEN, MIGRATIONS, Store

__all__ = ["AWAY", "BROKEN", "MIGRATIONS", "Store", "open_store"]
