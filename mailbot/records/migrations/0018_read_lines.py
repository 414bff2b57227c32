"""The lines of each mail with what they were taken for."""

from typing import Any

from peewee import BlobField, IntegerField, Model


class ReadLinesRow(Model):
    mail_id = IntegerField(primary_key=True)
    lines = BlobField()

    class Meta:
        table_name = "read_lines"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    del migrator
    with db.bind_ctx((ReadLinesRow,)):
        db.create_tables((ReadLinesRow,))
