"""Migration 3: UIDs of fetched IMAP messages; the reading of each inbox row."""

from typing import Any

from peewee import AutoField, BigIntegerField, CharField, Model, TextField


class FetchedRow(Model):
    id = AutoField()
    account = CharField()
    folder = CharField()
    uidvalidity = BigIntegerField()
    uid = BigIntegerField()

    class Meta:
        table_name = "fetched"
        legacy_table_names = False
        indexes = ((("account", "folder", "uidvalidity", "uid"), True),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((FetchedRow,)):
        db.create_tables((FetchedRow,))
    migrator.migrate(migrator.add_column("inbox", "reading", TextField(null=True)))
