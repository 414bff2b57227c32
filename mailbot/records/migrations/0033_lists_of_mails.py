"""Migration 33: indexes for the lists of mails by result and by reason, and for the applications of a procedure."""

from typing import Any

_INDEXES = (
    ("mail_log", ("disposition", "id")),
    ("mail_log", ("reason", "id")),
    ("application", ("procedure",)),
)
_REPLACED = (("mail_log", "mail_log_disposition"),)  # by the index that begins with the same column


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(*(migrator.add_index(table, columns, False) for table, columns in _INDEXES))
    migrator.migrate(*(migrator.drop_index(table, name) for table, name in _REPLACED))
