"""Migration 35: indexes for what the desk's pages ask for: who was sent an inquiry."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(migrator.add_index("reply_token", ("mail_id",), False))
