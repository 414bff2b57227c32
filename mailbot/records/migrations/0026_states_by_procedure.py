"""Migration 26: the states of applications are counted by procedure from an index, which replaces that of states."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(migrator.drop_index("application", "application_state"))
    migrator.migrate(migrator.add_index("application", ("state", "procedure"), False))
