"""What a connection has read of the register: kept in memory as long as nobody has changed the register.

The register changes rarely, and each mail needs the same few offices and people of it several times.  Triggers of the
database change its version with each of its rows, in the same transaction (migration 25).  The version is read once in
each transaction, and again after a statement of its own that may have changed it.
"""

import re
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

MOST_VALUES = 300  # that are kept: an office with all of its IDs is one
_VERSION = "SELECT version FROM register_version"
_TABLES = r"office|contact|user_code|user_id|mailbox|reviewer|absence|schedule|used_number"  # as in migration 25
_CHANGES = re.compile(rf'(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM) "?(?:{_TABLES})\b|ROLLBACK')
Value = TypeVar("Value")


class RegisterMemory:
    """Of one connection, whose lock its callers hold."""

    def __init__(self) -> None:
        self._version = ""  # of what is kept
        self._is_current = False  # until the end of this transaction
        self._kept: dict[Hashable, Any] = {}  # what was used last is at the end

    def transaction_begins(self) -> None:
        """Others may have changed the register since the last one."""
        self._is_current = False

    def note(self, sql: str) -> None:
        """Before a statement of this connection."""
        if self._is_current and _CHANGES.match(sql) is not None:
            self._is_current = False

    def value(self, connection: Any, key: Hashable, read: Callable[[], Value]) -> Value:
        """What was read under `key`, or what `read` reads now.  It must be immutable."""
        if not self._is_current or not connection.in_transaction():
            (version,) = connection.execute_sql(_VERSION).fetchone()
            if version != self._version:
                self._kept.clear()
                self._version = version
            self._is_current = connection.in_transaction()
        value: Value = self._kept.pop(key) if key in self._kept else read()
        self._kept[key] = value
        if len(self._kept) > MOST_VALUES:
            del self._kept[next(iter(self._kept))]
        return value
