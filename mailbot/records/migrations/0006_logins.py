"""Migration 6: log-in attempts and sessions of offices on the web page."""

from typing import Any

from peewee import AutoField, BooleanField, CharField, Model, TextField


class LoginTryRow(Model):
    id = AutoField()
    at = CharField(index=True)
    office = CharField(index=True)
    peer = TextField()
    succeeded = BooleanField()

    class Meta:
        table_name = "login_try"
        legacy_table_names = False


class SessionRow(Model):
    id_hash = CharField(primary_key=True)
    office = CharField(index=True)
    csrf = CharField()
    began_at = CharField()
    used_at = CharField()

    class Meta:
        table_name = "session"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    del migrator
    with db.bind_ctx((LoginTryRow, SessionRow)):
        db.create_tables((LoginTryRow, SessionRow))
