"""Migration 27: what each import has changed in the register, so that it can be undone."""

from typing import Any

from peewee import AutoField, CharField, ForeignKeyField, IntegerField, Model, TextField


class RegisterImportRow(Model):
    id = AutoField()
    at = CharField(index=True)
    who = TextField()
    file = TextField()
    sha256 = CharField()
    added = IntegerField()
    changed = IntegerField()
    removed = IntegerField()
    finished_at = CharField(null=True)
    undoes = IntegerField(null=True)

    class Meta:
        table_name = "register_import"
        legacy_table_names = False


class RegisterChangeRow(Model):
    id = AutoField()
    register_import = ForeignKeyField(RegisterImportRow, backref="changes", on_delete="CASCADE")
    kind = CharField()
    office = CharField(index=True)
    name = TextField()
    before = TextField(null=True)
    after = TextField(null=True)

    class Meta:
        table_name = "register_change"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    del migrator
    tables = (RegisterImportRow, RegisterChangeRow)
    with db.bind_ctx(tables):
        db.create_tables(tables)
