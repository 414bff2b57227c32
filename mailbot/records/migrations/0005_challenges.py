"""Migration 5: `not_before` of an inbox row, for mail postponed because name servers did not answer."""

from typing import Any

from peewee import CharField


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(migrator.add_column("inbox", "not_before", CharField(null=True)))
