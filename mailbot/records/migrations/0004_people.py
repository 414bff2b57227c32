"""Migration 4: absences and deputies of reviewers; the charset of mail to an office."""

from typing import Any

from peewee import CharField, IntegerField, Model, TextField


class AbsenceRow(Model):
    key = TextField(primary_key=True)
    since = CharField()
    mail_id = IntegerField(null=True)

    class Meta:
        table_name = "absence"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((AbsenceRow,)):
        db.create_tables((AbsenceRow,))
    migrator.migrate(
        migrator.add_column("reviewer", "deputy", TextField(default="")),
        migrator.add_column("office", "charset", CharField(default="utf-8")),
    )
