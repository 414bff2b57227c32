"""peewee without psycopg, until a PostgreSQL database is opened.

peewee imports psycopg wherever it is installed, and psycopg imports asyncio: that takes longer than most commands of a
desk on SQLite.
"""

import sys
from typing import Any


def import_peewee() -> None:
    """Import peewee as if psycopg were not installed, unless one of them is imported already."""
    if {"peewee", "psycopg"} & sys.modules.keys():
        return
    modules: dict[str, Any] = sys.modules
    modules["psycopg"] = None  # an import of it raises ModuleNotFoundError (The Python Language Reference, 5.3.1)
    try:
        import peewee  # noqa: F401
        import playhouse.migrations  # type: ignore[import-untyped]  # noqa: F401 - it imports the PostgreSQL extension
    finally:
        del modules["psycopg"]


def supply_psycopg() -> None:
    """Give peewee what it would have imported.  Raises ImportError when psycopg is not installed."""
    import peewee
    import psycopg
    from psycopg.pq import TransactionStatus
    from psycopg.types.json import Json, Jsonb

    module: Any = peewee
    if module.psycopg is not None:
        return
    module.psycopg, module.TransactionStatus, module.Json_pg3, module.Jsonb_pg3 = (
        psycopg,
        TransactionStatus,
        Json,
        Jsonb,
    )
    adapter: Any = module.Psycopg3Adapter
    adapter.txn_idle = TransactionStatus.IDLE
    adapter.txn_inerror = TransactionStatus.INERROR
    adapter.txn_unknown = TransactionStatus.UNKNOWN
