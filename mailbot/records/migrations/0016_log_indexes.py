"""Indexes of the mail log by mail and by notice."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(
        migrator.add_index("mail_log", ("inbox_id",), False),
        migrator.add_index("mail_log", ("outbox_id",), False),
    )
