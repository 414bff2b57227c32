"""Notices as values, from the decision until their words are written."""

from typing import Any

from peewee import TextField


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(migrator.add_column("outbox", "notice", TextField(null=True)))
