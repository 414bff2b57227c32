"""What of the register is kept in memory: see `records.database.register_memory`."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from mailbot.records.schema.register_tables import OfficeRow

Value = TypeVar("Value")


def remembered(key: Hashable, read: Callable[[], Value]) -> Value:
    """What `read` reads of the register: from memory while nobody has changed the register.  It must be immutable."""
    connection: Any = OfficeRow._meta.database.obj
    with connection.lock:
        value: Value = connection.register_memory.value(connection, key, read)
        return value
