"""Migration 7: the process that has claimed a row of the inbox or outbox."""

from typing import Any

from peewee import CharField, IntegerField


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(
        migrator.add_column("inbox", "claimed_by", IntegerField(null=True)),
        migrator.add_column("outbox", "claimed_by", IntegerField(null=True)),
        migrator.add_column("outbox", "claimed_at", CharField(null=True)),
    )
