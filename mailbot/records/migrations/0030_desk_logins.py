"""Migration 30: log-ins of the desk's own people, their sessions; what each row of the audit log is about."""

from typing import Any

from peewee import AutoField, CharField, IntegerField, Model, TextField


class DeskLoginRow(Model):
    id = AutoField()
    email = CharField(unique=True)
    name = TextField()
    roles = CharField()
    password_hash = TextField()
    totp_key = TextField()
    totp_step = IntegerField(default=0)
    created_at = CharField()

    class Meta:
        table_name = "desk_login"
        legacy_table_names = False


class DeskSessionRow(Model):
    id = AutoField()
    id_hash = CharField(unique=True)
    login_id = IntegerField(index=True)
    csrf = CharField()
    began_at = CharField()
    used_at = CharField()
    client = CharField()

    class Meta:
        table_name = "desk_session"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    tables = (DeskLoginRow, DeskSessionRow)
    with db.bind_ctx(tables):
        db.create_tables(tables)
    migrator.migrate(
        migrator.add_column("audit", "kind", CharField(default="act")),
        migrator.add_column("audit", "subject", CharField(default="")),
    )
    migrator.migrate(
        migrator.add_index("audit", ("subject",), False),
        migrator.add_index("audit", ("kind",), False),
        migrator.add_index("audit", ("who",), False),
    )
