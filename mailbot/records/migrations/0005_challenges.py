"""When a mail is to be looked at again: the name servers did not answer."""

from typing import Any

from peewee import CharField


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(migrator.add_column("inbox", "not_before", CharField(null=True)))
