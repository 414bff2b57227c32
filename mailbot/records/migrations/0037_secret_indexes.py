"""Migration 37: indexes for the passwords whose view period ends, and for the keys in use: asked each minute."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(
        migrator.add_index("secret", ("view_last",), False),
        migrator.add_index("secret", ("key_id",), False),
    )
