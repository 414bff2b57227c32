"""Migration 34: register files between the page that shows what they change, and the button that does it."""

from typing import Any

from peewee import AutoField, BlobField, CharField, IntegerField, Model, TextField


class RegisterUploadRow(Model):
    id = AutoField()
    login_id = IntegerField(index=True)
    at = CharField(index=True)
    file = TextField()
    sha256 = CharField()
    content = BlobField()

    class Meta:
        table_name = "register_upload"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    del migrator
    with db.bind_ctx((RegisterUploadRow,)):
        db.create_tables((RegisterUploadRow,))
